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

/** With its gradient in one operator: the error, clipped to ±δ. */
const huberOf = (difference: tf.Tensor1D, delta: number): tf.Tensor1D =>
  tf.customGrad((of, save) => {
    (save as (tensors: tf.Tensor[]) => void)([of as tf.Tensor]);
    const error = tf.abs(of as tf.Tensor);
    // With q = min(|e|, δ): q²/2 + δ(|e| − q) is both branches in one expression.
    const quadratic = tf.minimum(error, delta);
    return {
      value: tf.add(tf.mul(tf.square(quadratic), 0.5), tf.mul(tf.sub(error, quadratic), delta)),
      gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => tf.mul(dy, tf.clipByValue(saved[0]!, -delta, delta)),
    };
  })(difference) as tf.Tensor1D;

/** Huber 1964: e²/2 where |e| ≤ δ, else δ(|e| − δ/2), per row. Shapes: B rows. */
export const huber = (x: {
  readonly prediction: tf.Tensor1D; // [B]
  readonly target: tf.Tensor1D; //     [B]
  readonly delta: number;
}): tf.Tensor1D => huberOf(tf.sub(x.prediction, x.target), x.delta);
