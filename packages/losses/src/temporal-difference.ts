import * as tf from '@tensorflow/tfjs-core';

/**
 * One-step target r + γ d V(s′). Sutton and Barto 2018, eq. 6.2. `discount` is the row's own, 0 where the episode
 * terminated and 1 where it was cut by a clock: nobody recomputes `1 − done`. Shapes: B rows. No gradient is meant to
 * flow: call it outside the differentiated function.
 */
export const tdTarget = (x: {
  readonly reward: tf.Tensor1D; //    [B]
  readonly discount: tf.Tensor1D; //  [B], 0 or 1
  readonly nextValue: tf.Tensor1D; // [B]
  readonly gamma: number;
}): tf.Tensor1D => tf.add(x.reward, tf.mul(tf.mul(x.discount, x.gamma), x.nextValue));

/** (prediction − target)² per row; no factor ½. Mnih et al. 2015; Lowe et al. 2017, eq. 6. Shapes: B rows. */
export const squaredError = (x: {
  readonly prediction: tf.Tensor1D; // [B]
  readonly target: tf.Tensor1D; //     [B]
}): tf.Tensor1D => tf.square(tf.sub(x.prediction, x.target));

/** Huber 1964: e²/2 where |e| ≤ δ, else δ(|e| − δ/2), per row. Shapes: B rows. */
export const huber = (x: {
  readonly prediction: tf.Tensor1D; // [B]
  readonly target: tf.Tensor1D; //     [B]
  readonly delta: number;
}): tf.Tensor1D => {
  const error = tf.abs(tf.sub(x.prediction, x.target));
  // With q = min(|e|, δ): q²/2 + δ(|e| − q) is both branches in one expression, with the right gradient everywhere.
  const quadratic = tf.minimum(error, tf.fill(error.shape, x.delta));
  return tf.add(tf.mul(tf.square(quadratic), 0.5), tf.mul(tf.sub(error, quadratic), x.delta));
};
