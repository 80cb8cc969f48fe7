import * as tf from '@tensorflow/tfjs-core';

/** What is added to the variance. As PyTorch, HARL and the MAPPO code have it. */
const EPSILON = 1e-5;

/**
 * (x − mean) / √(variance + 1e-5) · gamma + beta over the last axis, with the biased variance. Ba et al. 2016, eq. 4.
 * [..., D], [D], [D] → [..., D]. The layer of tfjs-layers does the same with thousands of operations in a compiled step.
 */
export const layerNorm = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor => {
  const centred = tf.sub(x, tf.mean(x, -1, true));
  const variance = tf.mean(tf.square(centred), -1, true);
  return tf.add(tf.mul(tf.mul(centred, tf.rsqrt(tf.add(variance, EPSILON))), gamma), beta);
};
