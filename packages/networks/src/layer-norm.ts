import * as tf from '@tensorflow/tfjs-core';

/** What is added to the variance. As PyTorch, HARL and the MAPPO code have it. */
const EPSILON = 1e-5;

/** 1 / √(variance + 1e-5) of centred rows. */
const inverseDeviation = (centred: tf.Tensor): tf.Tensor =>
  tf.rsqrt(tf.add(tf.mean(tf.square(centred), -1, true), EPSILON));
const centre = (x: tf.Tensor): tf.Tensor => tf.sub(x, tf.mean(x, -1, true));

const meanOf = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.mean(tf.mul(a, b), -1, true);

/**
 * (dy − mean dy − y mean(dy y)) / √(variance + 1e-5), where y is x normalised: dy divided, centred, and what is along y
 * taken away. In this order what follows a product, which a compiled step gets from a product of centred weights.
 */
const along = (x: tf.Tensor, dy: tf.Tensor): tf.Tensor => {
  const y = normaliseRows(x);
  const across = centre(tf.mul(dy, inverseDeviation(centre(x))));
  return tf.sub(across, tf.mul(y, meanOf(across, y)));
};

/** The same in the opposite order, as what goes before a product: `along` transposed. Rows of y have mean 0. */
const alongTransposed = (x: tf.Tensor, u: tf.Tensor): tf.Tensor => {
  const y = normaliseRows(x);
  return tf.mul(centre(tf.sub(u, tf.mul(y, meanOf(u, y)))), inverseDeviation(centre(x)));
};

/** The gradient of u · along(x, dy) by x: −(y (mean ab − pq) + p (b − qy) + q (a − py)) / (variance + 1e-5). */
const acrossBoth = (x: tf.Tensor, dy: tf.Tensor, u: tf.Tensor): tf.Tensor => {
  const [y, a, b] = [normaliseRows(x), centre(dy), centre(u)];
  const [p, q] = [meanOf(y, a), meanOf(y, b)];
  const own = tf.mul(y, tf.sub(meanOf(a, b), tf.mul(p, q)));
  const others = tf.add(tf.mul(p, tf.sub(b, tf.mul(q, y))), tf.mul(q, tf.sub(a, tf.mul(p, y))));
  return tf.neg(tf.mul(tf.add(own, others), tf.square(inverseDeviation(centre(x)))));
};

/**
 * `along` and `alongTransposed`, which are one linear and symmetric map of dy in two orders: the gradient of either by dy
 * is the other one, which is what a product with the Fisher information asks for.
 */
const linearInGradient = (
  value: (x: tf.Tensor, dy: tf.Tensor) => tf.Tensor,
  transposed: () => (x: tf.Tensor, dy: tf.Tensor) => tf.Tensor,
): ((x: tf.Tensor, dy: tf.Tensor) => tf.Tensor) =>
  tf.customGrad((x, dy, save) => {
    (save as (tensors: tf.Tensor[]) => void)([x as tf.Tensor, dy as tf.Tensor]);
    return {
      value: value(x as tf.Tensor, dy as tf.Tensor),
      gradFunc: (u: tf.Tensor, saved: tf.Tensor[]) => {
        const [from, given] = saved as [tf.Tensor, tf.Tensor];
        return [acrossBoth(from, given, u), transposed()(from, u)];
      },
    };
  });
const normaliseRowsGrad = linearInGradient(along, () => normaliseRowsTangent);
const normaliseRowsTangent = linearInGradient(alongTransposed, () => normaliseRowsGrad);

/**
 * (x − mean) / √(variance + 1e-5) over the last axis, with the biased variance: layer normalisation without scale and
 * offset. With a gradient of its own, which needs a third of the operators of the chain rule and can be differentiated
 * further. A compiled step computes what both share once. [..., D] → [..., D]
 */
export const normaliseRows: (x: tf.Tensor) => tf.Tensor = tf.customGrad((input, save) => {
  const x = input as tf.Tensor;
  (save as (tensors: tf.Tensor[]) => void)([x]);
  const centred = centre(x);
  return {
    value: tf.mul(centred, inverseDeviation(centred)),
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => normaliseRowsGrad(saved[0]!, dy),
  };
});

/**
 * Layer normalisation of the last axis: `normaliseRows` times gamma plus beta. Ba et al. 2016, eq. 4. [..., D], [D], [D]
 * → [..., D]. The layer of tfjs-layers does the same with thousands of operations in a compiled step.
 */
export const layerNorm = (x: tf.Tensor, gamma: tf.Tensor, beta: tf.Tensor): tf.Tensor =>
  tf.add(tf.mul(normaliseRows(x), gamma), beta);
