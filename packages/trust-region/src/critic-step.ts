import * as tf from '@tensorflow/tfjs-core';
import { clippedValueLoss, weightedMean } from '@troupe/losses';
import { moveValueMoments, normaliseValues, popArt, valueStatistics } from '@troupe/networks';
import type { Step } from '@troupe/runtime';
import type { CriticUnit } from './critics.js';
import { descended, descentOf } from './descent.js';
import { column } from './rows.js';
import type { CommonConfig } from './settings.js';
import type { CriticCarry, CriticRows } from './types.js';

/** What is reported of every pass of a critic, measured before its step. */
export const CRITIC_METRICS = ['criticLoss', 'criticGradNorm', 'value'] as const;

/** `returns` in original units, `old` values in normalised ones, `weight` of each: [B, K]. */
export type CriticInput = {
  readonly rows: CriticRows;
  readonly returns: tf.Tensor;
  readonly old: tf.Tensor;
  readonly weight: tf.Tensor;
  readonly rate: tf.Tensor;
};

/**
 * `passes` steps of a critic on the same rows: moments of the returns move first, then the loss is formed with the new
 * ones. Yu et al. 2022, section 5. Metrics [passes, …] are measured before each step.
 */
export const criticStep =
  (
    unit: CriticUnit,
    config: CommonConfig,
    passes: number,
  ): Step<CriticCarry, CriticInput, { readonly metrics: tf.Tensor }> =>
  (start, { rows, returns, old, weight, rate }) => {
    const descent = descentOf(config, 'Critic');
    const [known, counted] = [column(returns), column(weight)];
    const seen = config.deadRows === 'ignored' ? counted : tf.onesLike(counted);
    const { valueClip: clip, huber: delta, valueLossFactor: factor } = config;
    const metrics: tf.Tensor[] = [];
    let carry = start;
    for (let pass = 0; pass < passes; pass++) {
      let target = known;
      if (carry.norm) {
        const before = valueStatistics(carry.norm);
        const norm = moveValueMoments(carry.norm, known, { decay: config.valueNormDecay, weight: seen });
        const after = valueStatistics(norm);
        const theta =
          config.valueNorm === 'popArt' ? popArt(unit.network, carry.theta as tf.Tensor1D, before, after) : carry.theta;
        carry = { ...carry, norm, theta };
        target = normaliseValues(known, after);
      }
      const loss = (theta: tf.Tensor1D): tf.Scalar =>
        weightedMean(
          clippedValueLoss({ value: unit.value(theta, rows), oldValue: column(old), target, clip, delta }),
          counted,
        );
      const at = carry.theta as tf.Tensor1D;
      const next = descended(carry, descent, rate as tf.Scalar, (theta) => tf.mul(loss(theta), factor));
      metrics.push(tf.stack([tf.div(next.loss, factor), next.gradNorm, weightedMean(unit.value(at, rows), counted)]));
      carry = next.carry;
    }
    return { carry, output: { metrics: tf.stack(metrics) } };
  };

/** Values of rows, in normalised units. [B·K] */
export const valueStep =
  (
    unit: CriticUnit,
  ): Step<
    Record<string, never>,
    { readonly theta: tf.Tensor; readonly rows: CriticRows },
    { readonly value: tf.Tensor }
  > =>
  (carry, { theta, rows }) => ({ carry, output: { value: unit.value(theta as tf.Tensor1D, rows) } });
