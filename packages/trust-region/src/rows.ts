import * as tf from '@tensorflow/tfjs-core';

/** [B, n, …] → [B·n, rest]. */
export const merged = (x: tf.Tensor): tf.Tensor2D => {
  const rows = x.shape[0] * x.shape[1]!;
  return tf.reshape(x, [rows, x.size / rows]);
};

/** A number per row: [B, n] or [B, n, 1] → [B·n], float32. */
export const column = (x: tf.Tensor): tf.Tensor1D => tf.cast<tf.Tensor1D>(tf.reshape(x, [x.size]), 'float32');
