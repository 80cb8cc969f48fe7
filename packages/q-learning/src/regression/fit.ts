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

/** How a regression descends at a moment. */
export const descentOf = (config: FitSettings, { updates, rate }: Moment) => ({
  optimiser: optimiserOf(config),
  at: { updates, ...(config.learningRateEnd !== 1 && rate && { rate }) },
  maxGradNorm: config.maxGradNorm,
});

/** The loss of every row [R], by the settings. */
export const errorsOf = (
  { loss, huberDelta }: Pick<FitSettings, 'loss' | 'huberDelta'>,
  pair: { readonly prediction: tf.Tensor1D; readonly target: tf.Tensor1D },
): tf.Tensor1D => (loss === 'huber' ? huber({ ...pair, delta: huberDelta }) : squaredError(pair));

/** The target weights after an update. A copy is exact: `move` is 0 or 1 then. */
export const movedTarget = (
  { tau, targetEvery, targetClock }: Pick<FitSettings, 'tau' | 'targetEvery' | 'targetClock'>,
  { theta, target }: Pick<TargetedPart, 'theta' | 'target'>,
  move: tf.Scalar,
): tf.Tensor1D => {
  if (targetEvery === 1 && targetClock === 'updates') return tau === 1 ? theta : polyak(target, theta, tau);
  return tf.add(tf.mul(theta, move), tf.mul(target, tf.sub(1, move)));
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
  const [loss, gradNorm] = descend(part, descentOf(config, at), (theta) =>
    tf.sum(tf.mul(errorsOf(config, { prediction: rows.predict(theta), target }), share)),
  );
  part.target = movedTarget(config, part, at.move);
  const error = tf.sub<tf.Tensor1D>(target, prediction);
  const mean = (x: tf.Tensor): tf.Scalar => tf.div(tf.sum(tf.mul(x, active)), count);
  return { error, metrics: [loss, gradNorm, mean(prediction), mean(tf.abs(error))] };
};
