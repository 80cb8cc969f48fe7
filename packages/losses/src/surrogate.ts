import * as tf from '@tensorflow/tfjs-core';
import { huber } from './temporal-difference.js';

/**
 * Clipped surrogate of proximal policy optimisation, as a loss per row. Schulman et al. 2017, eq. 7. The ratio is one
 * number per agent and step: log-probabilities are summed over all parts of an action before. For HAPPO (Kuba et al.
 * 2022, eq. 11) the advantage carries the compound factor, which is positive. Shapes: B rows.
 */
export const clippedSurrogate = (x: {
  readonly logRatio: tf.Tensor1D; //   [B] log π(a|s) − log π_old(a|s)
  readonly advantage: tf.Tensor1D; //  [B]
  readonly clip: number; //            ε
}): tf.Tensor1D => {
  const ratio = tf.exp(x.logRatio);
  const clipped = tf.clipByValue(ratio, 1 - x.clip, 1 + x.clip);
  return tf.neg(tf.minimum(tf.mul(ratio, x.advantage), tf.mul(clipped, x.advantage)));
};

/** Surrogate of trust-region policy optimisation, ratio · A per row: to be maximised. Schulman et al. 2015, eq. 14. */
export const surrogate = (x: {
  readonly logRatio: tf.Tensor1D; //  [B]
  readonly advantage: tf.Tensor1D; // [B]
}): tf.Tensor1D => tf.mul(tf.exp(x.logRatio), x.advantage);

/**
 * Loss of a critic per row that must not gain by moving far from its old values: max(h(R − V), h(R − V_clip)) with
 * V_clip = V_old + clip(V − V_old, ±ε). From the code of Schulman et al. 2017 and Yu et al. 2022, app. Without `clip`
 * it is h(R − V). h is Huber's with δ, or half the square. Shapes: B rows.
 */
export const clippedValueLoss = (x: {
  readonly value: tf.Tensor1D; //    [B]
  readonly oldValue: tf.Tensor1D; // [B]
  readonly target: tf.Tensor1D; //   [B]
  readonly clip: number | null; //   ε
  readonly delta: number | null; //  δ
}): tf.Tensor1D => {
  const loss = (prediction: tf.Tensor1D): tf.Tensor1D =>
    x.delta === null
      ? tf.mul(tf.square(tf.sub(prediction, x.target)), 0.5)
      : huber({ prediction, target: x.target, delta: x.delta });
  if (x.clip === null) return loss(x.value);
  const near = tf.add<tf.Tensor1D>(x.oldValue, tf.clipByValue(tf.sub(x.value, x.oldValue), -x.clip, x.clip));
  return tf.maximum(loss(x.value), loss(near));
};
