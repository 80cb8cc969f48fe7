import * as tf from '@tensorflow/tfjs-core';
import ndarray from 'ndarray';
import type { FlatNetwork } from '../flat.js';
import { oneMinusPowers } from '../optimiser.js';

/** Debiasing below this counts as this. */
const LEAST_DEBIAS = 1e-5;
/** Variance below this counts as this: a value function that is constant so far is not blown up. */
const LEAST_VARIANCE = 0.01;

/**
 * Exponentially moving moments of returns, all zero at the beginning: of one number ([] each) or of several side by side
 * ([K]). Part of a carry.
 */
export type ValueMoments = {
  /** Of the returns, not yet divided by `debias`. */
  readonly mean: tf.Tensor;
  /** Of their squares, not yet divided by `debias`. */
  readonly square: tf.Tensor;
  /** [] what the moments have gathered of weight, 1 in the limit: they are divided by it. */
  readonly debias: tf.Tensor;
};

/** What moments stand for, each [] or [K]. */
export interface ValueStatistics {
  /** Mean of the returns. */
  readonly mean: tf.Tensor;
  /** Their standard deviation. */
  readonly deviation: tf.Tensor;
}

/** Moments at rest before any returns. */
export const initialValueMoments = (size?: number) => {
  const zeros = () => ndarray(new Float32Array(size ?? 1), size === undefined ? [] : [size]);
  return { mean: zeros(), square: zeros(), debias: ndarray(new Float32Array(1), []) };
};

/**
 * Moments with a batch of returns seen: m ← β m + (1 − β) mean. Yu et al. 2022, section 5; van Hasselt et al. 2016, eq. 6,
 * debiased as in Adam. `returns` [B], or [B, K] for moments of K numbers; rows of weight 0 do not count.
 */
export const moveValueMoments = (
  moments: ValueMoments,
  returns: tf.Tensor,
  options: {
    /** β. Default 0.99999 (MAPPO code, HARL). */
    readonly decay?: number;
    /** [B] */
    readonly weight?: tf.Tensor1D;
    /** β to the power of the number of rows, so that every row counts by itself. Default false. */
    readonly perRow?: boolean;
  } = {},
): ValueMoments => {
  const { decay = 0.99999, weight, perRow = false } = options;
  const rows = returns.shape[0];
  const column = weight && (returns.rank === 2 ? tf.reshape(weight, [rows, 1]) : weight);
  const total = weight ? tf.sum<tf.Scalar>(weight) : tf.scalar(rows);
  const average = (x: tf.Tensor): tf.Tensor =>
    column ? tf.div(tf.sum(tf.mul(x, column), 0), tf.maximum(total, 1)) : tf.mean(x, 0);
  // 1 − β in double precision: in single precision it would lose three digits. Without a row that counts, nothing moves.
  const share = perRow ? oneMinusPowers([decay], total)[0]! : tf.scalar(1 - decay);
  const fresh = weight ? tf.mul(share, tf.cast(tf.greater(total, 0), 'float32')) : share;
  const towards = (from: tf.Tensor, to: tf.Tensor | number): tf.Tensor => tf.add(from, tf.mul(fresh, tf.sub(to, from)));
  return {
    mean: towards(moments.mean, average(returns)),
    square: towards(moments.square, average(tf.square(returns))),
    debias: towards(moments.debias, 1),
  };
};

/** Mean and deviation that moments stand for; before the first batch 0 and 0.1, the root of the least variance. */
export const valueStatistics = (moments: ValueMoments): ValueStatistics => {
  const debias = tf.maximum(moments.debias, LEAST_DEBIAS);
  const mean = tf.div(moments.mean, debias);
  const variance = tf.sub(tf.div(moments.square, debias), tf.square(mean));
  return { mean, deviation: tf.sqrt(tf.maximum(variance, LEAST_VARIANCE)) };
};

/** The same at rest, in double precision, for moments of one number. */
export const valueStatisticsAtRest = (moments: {
  /** As in `ValueMoments`. */
  readonly mean: number;
  /** As in `ValueMoments`. */
  readonly square: number;
  /** As in `ValueMoments`. */
  readonly debias: number;
}): { readonly mean: number; readonly deviation: number } => {
  const debias = Math.max(moments.debias, LEAST_DEBIAS);
  const mean = moments.mean / debias;
  return { mean, deviation: Math.sqrt(Math.max(moments.square / debias - mean ** 2, LEAST_VARIANCE)) };
};

/** Returns in the units that a critic predicts. */
export const normaliseValues = <T extends tf.Tensor>(x: T, { mean, deviation }: ValueStatistics): T =>
  tf.div(tf.sub(x, mean), deviation);

/** What a critic predicts in the units of returns. */
export const denormaliseValues = <T extends tf.Tensor>(x: T, { mean, deviation }: ValueStatistics): T =>
  tf.add(tf.mul(x, deviation), mean);

/**
 * PopArt: weights of a critic with its last layer rescaled, so that what it predicts in original units stays the same
 * when the statistics move. van Hasselt et al. 2016, proposition 1. The last two weights of the network are taken for
 * the kernel [H, K] and the bias [K] of the last layer. Throws a TypeError where they are none.
 */
export const popArt = (
  network: Pick<FlatNetwork<tf.Tensor, tf.Tensor>, 'size' | 'entries'>,
  theta: tf.Tensor1D,
  before: ValueStatistics,
  after: ValueStatistics,
): tf.Tensor1D => {
  const [kernel, bias] = network.entries.slice(-2);
  if (kernel?.shape.length !== 2 || bias?.shape.length !== 1 || kernel.shape[1] !== bias.shape[0]) {
    const got = network.entries.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ');
    throw new TypeError(`popArt: expected a network that ends in a kernel [H, K] and a bias [K], got ${got}`);
  }
  const ratio = tf.div(before.deviation, after.deviation);
  const shift = tf.div(tf.sub(before.mean, after.mean), after.deviation);
  const at = network.size - kernel.size - bias.size;
  const newKernel = tf.mul(tf.reshape(tf.slice1d(theta, at, kernel.size), [...kernel.shape]), ratio);
  const newBias = tf.add<tf.Tensor1D>(tf.mul(tf.slice1d(theta, at + kernel.size, bias.size), ratio), shift);
  const last: readonly tf.Tensor1D[] = [tf.reshape(newKernel, [kernel.size]), newBias];
  return tf.concat1d(at === 0 ? [...last] : [tf.slice1d(theta, 0, at), ...last]);
};
