import * as tf from '@tensorflow/tfjs-core';

/** What is added to the variance. As PyTorch, HARL and the MAPPO code have it. */
const EPSILON = 1e-5;

/** 1 / √(variance + 1e-5) of centred rows. */
const inverseDeviation = (centred: tf.Tensor): tf.Tensor =>
  tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), EPSILON));
const centre = (x: tf.Tensor): tf.Tensor => tf.sub(x, tf.mean(x, -1, true));

/**
 * (x − mean) / √(variance + 1e-5) over the last axis, with the biased variance: layer normalisation without scale and
 * offset. With a gradient of its own, which needs a third of the operators of the chain rule: dx = (dy − mean dy −
 * y mean(dy y)) / √(variance + 1e-5), where y is a function of x again, so that it can be differentiated further. A
 * compiled step computes y once. [..., D] → [..., D]
 */
export const normaliseRows: (x: tf.Tensor) => tf.Tensor = tf.customGrad((input, save) => {
  const x = input as tf.Tensor;
  (save as (tensors: tf.Tensor[]) => void)([x]);
  const centred = centre(x);
  return {
    value: tf.mul(centred, inverseDeviation(centred)),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [from] = saved as [tf.Tensor];
      const y = normaliseRows(from);
      // Rows of y have mean 0, so mean(dy y) is that of the centred dy, which a compiled step gets from a centred product.
      const across = centre(dy);
      const along = tf.mul(y, tf.mean(tf.mul(across, y), -1, true));
      return tf.mul(tf.sub(across, along), inverseDeviation(centre(from)));
    },
  };
});

/**
 * Layer normalisation of the last axis: `normaliseRows` times gamma plus beta. Ba et al. 2016, eq. 4. [..., D], [D], [D]
 * → [..., D]. The layer of tfjs-layers does the same with thousands of operations in a compiled step.
 */
export const layerNorm = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(normaliseRows(x), gamma), beta);
