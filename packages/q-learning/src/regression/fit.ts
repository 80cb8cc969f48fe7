import * as tf from '@tensorflow/tfjs-core';
import { huber, squaredError } from '@troupe/losses';
import { descend, optimiserOf, polyak, type Moment, type TargetedPart } from '@troupe/networks';
import type { ValueInput } from './types.js';

/** The settings that a regression on targets reads. */
export interface FitSettings {
  readonly optimiser: 'adam' | 'sgd';
  readonly learningRate: number;
  readonly learningRateEnd: number;
  readonly adamEpsilon: number;
  readonly maxGradNorm: number | null;
  readonly loss: 'huber' | 'squared';
  readonly huberDelta: number;
  readonly tau: number;
  readonly targetEvery: number;
  readonly targetClock: 'updates' | 'steps';
}

/** One update's time, from its input. */
export interface Time extends Moment {
  /** [] share of the online weights that targets take on. */
  readonly move: tf.Scalar;
}
export const timeOf = (input: ValueInput): Time => {
  const [updates, move, rate] = tf.unstack(input.time) as tf.Scalar[];
  return { updates: updates!, move: move!, rate: rate! };
};

/** What one regression has to tell. */
export interface Fitted {
  /** [R] target − prediction, before the step */
  readonly error: tf.Tensor1D;
  /** `METRICS` */
  readonly metrics: readonly tf.Scalar[];
}

/** One step towards the targets [R]; then the slowly moving copy follows. `weight` [R] is a row's share of the loss. */
export const fit = (
  part: TargetedPart,
  config: FitSettings,
  at: Time,
  rows: {
    readonly predict: (theta: tf.Tensor1D) => tf.Tensor1D;
    readonly target: tf.Tensor1D;
    /** [R]; 1 where a row counts */
    readonly active: tf.Tensor1D;
    /** [R]; importance */
    readonly weight: tf.Tensor1D | undefined;
  },
): Fitted => {
  const { target, active, weight } = rows;
  const count = tf.maximum(tf.sum(active), 1);
  const share = tf.div<tf.Tensor1D>(weight ? tf.mul(active, weight) : active, count);
  const prediction = rows.predict(part.theta);
  const descent = {
    optimiser: optimiserOf(config),
    at: { updates: at.updates, ...(config.learningRateEnd !== 1 && { rate: at.rate! }) },
    maxGradNorm: config.maxGradNorm,
  };
  const [loss, gradNorm] = descend(part, descent, (theta) => {
    const pair = { prediction: rows.predict(theta), target };
    const errors = config.loss === 'huber' ? huber({ ...pair, delta: config.huberDelta }) : squaredError(pair);
    return tf.sum(tf.mul(errors, share));
  });
  const always = config.targetEvery === 1 && config.targetClock === 'updates';
  part.target = always
    ? polyak(part.target, part.theta, config.tau)
    : tf.add(tf.mul(part.target, tf.sub(1, at.move)), tf.mul(part.theta, at.move));
  const error = tf.sub<tf.Tensor1D>(target, prediction);
  const mean = (x: tf.Tensor): tf.Scalar => tf.div(tf.sum(tf.mul(x, active)), count);
  return { error, metrics: [loss, gradNorm, mean(prediction), mean(tf.abs(error))] };
};
