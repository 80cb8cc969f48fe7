import * as tf from '@tensorflow/tfjs-core';
import type { FlatNetwork } from '@troupe/networks';
import type { CommonConfig } from './settings.js';
import type { ValueMoments } from './types.js';

const FLOOR = 1e-5;
const LEAST_VARIANCE = 0.01;

/** Mean and deviation that moments stand for. The division by `debias` takes away that they began at zero. */
export const statistics = (m: { readonly mean: number; readonly square: number; readonly debias: number }) => {
  const debias = Math.max(m.debias, FLOOR);
  const mean = m.mean / debias;
  return { mean, deviation: Math.sqrt(Math.max(m.square / debias - mean ** 2, LEAST_VARIANCE)) };
};

/** The same inside a step. */
export const statisticsOf = (m: ValueMoments): { readonly mean: tf.Scalar; readonly deviation: tf.Scalar } => {
  const debias = tf.maximum(m.debias, FLOOR);
  const mean = tf.div<tf.Scalar>(m.mean, debias);
  const variance = tf.sub(tf.div(m.square, debias), tf.square(mean));
  return { mean, deviation: tf.sqrt<tf.Scalar>(tf.maximum(variance, LEAST_VARIANCE)) };
};

/** Moments with more returns seen. Rows of weight 0 do not count. Yu et al. 2022, section 5; debiased as Adam is. */
export const moved = (m: ValueMoments, returns: tf.Tensor1D, weight: tf.Tensor1D, decay: number): ValueMoments => {
  const total = tf.maximum(tf.sum(weight), 1);
  const mean = (x: tf.Tensor): tf.Tensor => tf.div(tf.sum(tf.mul(x, weight)), total);
  const towards = (from: tf.Tensor, to: tf.Tensor | number): tf.Tensor =>
    tf.add(tf.mul(from, decay), tf.mul(to, 1 - decay));
  return {
    mean: towards(m.mean, mean(returns)),
    square: towards(m.square, mean(tf.square(returns))),
    debias: towards(m.debias, 1),
  };
};

/**
 * Weights of a critic with its last layer rescaled, so that what it says in original units does not change with the
 * statistics. van Hasselt et al. 2016, eq. 10. The last two weights are taken for kernel [H, 1] and bias [1].
 */
export const rescaled = (
  network: FlatNetwork<tf.Tensor, tf.Tensor>,
  theta: tf.Tensor1D,
  before: ReturnType<typeof statisticsOf>,
  after: ReturnType<typeof statisticsOf>,
): tf.Tensor1D => {
  const rest = network.size - network.entries.at(-2)!.size - 1;
  const [below, kernel, bias] = tf.split<tf.Tensor1D>(theta, [rest, network.size - 1 - rest, 1]);
  const ratio = tf.div(before.deviation, after.deviation);
  const shift = tf.div(tf.sub(before.mean, after.mean), after.deviation);
  return tf.concat1d([below!, tf.mul(kernel!, ratio), tf.add(tf.mul(bias!, ratio), shift)]);
};

/** Whether a critic's last layer can be rescaled; the reason why not. */
export const rescalable = (network: FlatNetwork<tf.Tensor, tf.Tensor>): string | undefined => {
  const [kernel, bias] = network.entries.slice(-2);
  if (kernel?.shape.length === 2 && kernel.shape[1] === 1 && bias?.shape.join() === '1') return undefined;
  return `expected a critic that ends in a kernel [H, 1] and a bias [1], got ${network.entries.map(({ name, shape }) => `${name} [${shape.join(', ')}]`).join(', ')}`;
};

export type ValueNorm = CommonConfig['valueNorm'];
