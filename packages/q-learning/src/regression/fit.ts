import * as tf from '@tensorflow/tfjs-core';
import { huber, squaredError } from '@troupe/losses';
import { descend, optimiserOf, polyak, type Moment, type TargetedPart } from '@troupe/networks';
import { followsAlways } from '../target-clock.js';
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
export const timeOf = (input: ValueInput): Moment => {
  const [updates, rate] = tf.unstack(input.time) as tf.Scalar[];
  return { updates: updates!, rate: rate! };
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

/** The target weights after an update, where they follow in every one; else `moveTargets` moves them now and then. */
export const followedBy = (
  config: Pick<FitSettings, 'tau' | 'targetEvery' | 'targetClock'>,
  { theta, target }: Pick<TargetedPart, 'theta' | 'target'>,
): tf.Tensor1D => {
  if (!followsAlways(config)) return target;
  return config.tau === 1 ? theta : polyak(target, theta, config.tau);
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
  at: Moment,
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
  part.target = followedBy(config, part);
  const error = tf.sub<tf.Tensor1D>(target, prediction);
  const mean = (x: tf.Tensor): tf.Scalar => tf.div(tf.sum(tf.mul(x, active)), count);
  return { error, metrics: [loss, gradNorm, mean(prediction), mean(tf.abs(error))] };
};
