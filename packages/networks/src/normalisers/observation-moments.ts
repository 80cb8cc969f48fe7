import * as tf from '@tensorflow/tfjs-core';
import ndarray from 'ndarray';

/** Mean and variance of every component of all observations seen so far, each counting the same. Part of a carry. */
export type ObservationMoments = {
  /** [] how many rows were seen. */
  readonly count: tf.Tensor;
  /** [D] */
  readonly mean: tf.Tensor;
  /** [D] biased; 1 before the first row. */
  readonly variance: tf.Tensor;
};

/** Moments at rest before any observations. */
export const initialObservationMoments = (size: number) => ({
  count: ndarray(new Float32Array(1), []),
  mean: ndarray(new Float32Array(size), [size]),
  variance: ndarray(new Float32Array(size).fill(1), [size]),
});

/**
 * Moments with a batch seen, joined as Chan, Golub and LeVeque 1979 do: no difference of large squares. `x` [B, D];
 * `active` [B]: rows of weight 0, the dead and absent, do not count.
 */
export const moveObservationMoments = (
  moments: ObservationMoments,
  x: tf.Tensor2D,
  active?: tf.Tensor1D,
): ObservationMoments => {
  const [rows, size] = x.shape;
  const weight = active === undefined ? tf.ones([rows, 1]) : tf.reshape(tf.cast(active, 'float32'), [rows, 1]);
  const n = tf.sum(weight);
  const average = (y: tf.Tensor): tf.Tensor =>
    tf.reshape(tf.div(tf.sum(tf.mul(y, weight), 0), tf.maximum(n, 1)), [size]);
  const mean = average(x);
  const variance = average(tf.square(tf.sub(x, mean)));
  const count = tf.add(moments.count, n);
  const share = tf.div(n, tf.maximum(count, 1));
  const rest = tf.sub(1, share);
  const shift = tf.sub(mean, moments.mean);
  return {
    count,
    mean: tf.add(moments.mean, tf.mul(shift, share)),
    variance: tf.add(
      tf.add(tf.mul(moments.variance, rest), tf.mul(variance, share)),
      tf.mul(tf.square(shift), tf.mul(share, rest)),
    ),
  };
};

/** (x − mean) / √(variance + 1e-8), within ±limit; the identity before the first row, but for the limit. [..., D] → [..., D] */
export const normaliseObservation = <T extends tf.Tensor>(
  x: T,
  { mean, variance }: ObservationMoments,
  limit = 10,
): T => tf.clipByValue(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-8))), -limit, limit);
