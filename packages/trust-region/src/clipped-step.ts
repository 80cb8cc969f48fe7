import * as tf from '@tensorflow/tfjs-core';
import { clippedSurrogate } from '@troupe/losses';
import type { Step } from '@troupe/runtime';
import { descended, descentOf } from './descent.js';
import { policyOn } from './policy.js';
import { column } from './rows.js';
import type { PpoConfig } from './settings.js';
import type { Team } from './teams.js';
import type { ActorCarry, ActorRows } from './types.js';

/** What is reported of every pass, measured before its step. */
export const CLIPPED_METRICS = [
  'policyLoss',
  'entropy',
  'policyGradNorm',
  'ratio',
  'kl',
  'clipFraction',
  'stepped',
] as const;

/** Ratios are to the policy of `logProb`, the same in all steps of an update. */
export type ClippedInput = { readonly rows: ActorRows & { readonly logProb: tf.Tensor }; readonly rate: tf.Tensor };
/** `metrics` [passes, …], as `CLIPPED_METRICS` names them; `logProb` [R] as it was before the first step. */
export type ClippedOutput = { readonly metrics: tf.Tensor; readonly logProb: tf.Tensor };

const chosen = <T extends tf.Tensor>(yes: tf.Scalar, then: T, otherwise: T): T =>
  tf.add<T>(tf.mul(then, yes), tf.mul(otherwise, tf.sub(1, yes)));

/**
 * `passes` steps of PPO for one actor on the same rows. Schulman et al. 2017, eq. 7 and 9; the advantage carries the
 * compound factor of HAPPO (Kuba et al. 2022, eq. 11).
 */
export const clippedStep =
  (team: Team, config: PpoConfig, passes: number): Step<ActorCarry, ClippedInput, ClippedOutput> =>
  (start, { rows, rate }) => {
    const policy = policyOn(team, rows);
    const { clip, entropy: bonus, maxKl } = config;
    const descent = descentOf(config, 'Actor');
    const before = policy.logProb(policy.output(start.theta as tf.Tensor1D));
    const old = column(rows.logProb);
    const metrics: tf.Tensor[] = [];
    let carry = start;
    for (let pass = 0; pass < passes; pass++) {
      const output = policy.output(carry.theta as tf.Tensor1D);
      const logRatio = tf.sub<tf.Tensor1D>(policy.logProb(output), old);
      const surrogate = clippedSurrogate({ logRatio, advantage: policy.advantage, clip });
      const ratio = tf.exp(logRatio);
      const kl = policy.mean(tf.neg(logRatio));
      const outside = tf.cast<tf.Tensor1D>(tf.greater(tf.abs(tf.sub(ratio, 1)), clip), 'float32');
      const { carry: next, gradNorm } = descended(carry, descent, rate as tf.Scalar, (theta) => {
        const now = policy.output(theta);
        const loss = policy.mean(
          clippedSurrogate({ logRatio: tf.sub(policy.logProb(now), old), advantage: policy.advantage, clip }),
        );
        return bonus === 0 ? loss : tf.sub(loss, tf.mul(policy.mean(policy.entropy(now)), bonus));
      });
      let stepped: tf.Scalar = tf.scalar(1);
      if (maxKl === null) carry = next;
      else {
        stepped = tf.cast<tf.Scalar>(tf.lessEqual(kl, maxKl), 'float32');
        const held = (then: tf.Tensor, otherwise: tf.Tensor) => chosen(stepped, then, otherwise);
        const from = carry.moments;
        carry = {
          theta: held(next.theta, carry.theta),
          updates: held(next.updates, carry.updates),
          ...(from && {
            moments: Object.fromEntries(
              Object.entries(next.moments!).map(([name, value]) => [name, held(value, from[name]!)]),
            ),
          }),
        };
      }
      metrics.push(
        tf.stack([
          policy.mean(surrogate),
          policy.mean(policy.entropy(output)),
          gradNorm,
          config.deadRows === 'ignored' ? policy.mean(ratio) : tf.mean(ratio),
          kl,
          policy.mean(outside),
          stepped,
        ]),
      );
    }
    return { carry, output: { metrics: tf.stack(metrics), logProb: before } };
  };
