import * as tf from '@tensorflow/tfjs-core';

/**
 * Mean over the rows that count: Σ w x / max(Σ w, 1). `weight` is 1 for living agents and 0 for rows that must not
 * weigh in; without it, the plain mean. x, weight: [B] → [].
 */
export const weightedMean = (x: tf.Tensor1D, weight?: tf.Tensor1D): tf.Scalar =>
  weight === undefined ? tf.mean(x) : tf.div<tf.Scalar>(tf.sum(tf.mul(x, weight)), tf.maximum(tf.sum(weight), 1));
