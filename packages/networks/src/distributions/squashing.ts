import * as tf from '@tensorflow/tfjs-core';

/** tanh onto the bounds of an action, and what it does to densities in the normalised space (−1, 1). */
export interface Squashing {
  /** middle + half · tanh(u). [B, D] → [B, D] */
  forward(u: tf.Tensor2D): tf.Tensor2D;
  /** u of an action; one at or beyond its bounds counts as the nearest number within. [B, D] → [B, D] */
  inverse(action: tf.Tensor2D): tf.Tensor2D;
  /** log d tanh(u)/du. [B, D] → [B, D] */
  logSlope(u: tf.Tensor2D): tf.Tensor2D;
  /** The mean of it for u ~ N(mean, sd²), by quadrature. [B, D] → [B, D] */
  meanLogSlope(mean: tf.Tensor2D, sd: tf.Tensor2D): tf.Tensor2D;
}

/** The largest number below 1 in single precision. */
const INSIDE = 1 - 6e-8;

/** log(1 − tanh²(u)) = 2 (log 2 − u − softplus(−2u)): exact for every u, where log(1 − tanh² + 1e-6) is not. */
const logSlope = <T extends tf.Tensor>(u: T): T =>
  tf.mul<T>(tf.sub(Math.LN2, tf.add(u, tf.softplus(tf.mul(u, -2)))), 2);

/** The trapezoid rule converges geometrically for Gaussian means of smooth functions: 1e-6 here for sd up to 3. */
const NODES = Array.from({ length: 61 }, (_, i) => (i - 30) * 0.18);
const heights = NODES.map((z) => Math.exp((-z * z) / 2));
const total = heights.reduce((a, b) => a + b);
const WEIGHTS = heights.map((height) => height / total);

/** The squashing onto bounds, which must be finite. */
export const squashing = (low: readonly number[], high: readonly number[]): Squashing => {
  const half = high.map((top, i) => (top - low[i]!) / 2);
  const middle = high.map((top, i) => (top + low[i]!) / 2);
  const unit = half.every((h) => h === 1) && middle.every((m) => m === 0);
  return {
    forward(u) {
      const inside = tf.tanh(u);
      return unit ? inside : tf.add(tf.mul(inside, tf.tensor1d(half)), tf.tensor1d(middle));
    },
    inverse(action) {
      const inside = unit ? action : tf.div<tf.Tensor2D>(tf.sub(action, tf.tensor1d(middle)), tf.tensor1d(half));
      return tf.atanh(tf.clipByValue(inside, -INSIDE, INSIDE));
    },
    logSlope,
    meanLogSlope(mean, sd) {
      const [rows, size] = mean.shape;
      const u = tf.add(tf.reshape(mean, [rows, size, 1]), tf.mul(tf.reshape(sd, [rows, size, 1]), tf.tensor1d(NODES)));
      return tf.sum<tf.Tensor2D>(tf.mul(logSlope(u), tf.tensor1d(WEIGHTS)), 2);
    },
  };
};
