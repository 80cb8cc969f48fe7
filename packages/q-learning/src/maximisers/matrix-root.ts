import * as tf from '@tensorflow/tfjs-core';

/** Enough for condition numbers up to about 10⁵, beyond which single precision is at its end. */
const ITERATIONS = 20;

/**
 * C^(1/2) and C^(−1/2) of symmetric positive definite matrices [S, n, n], by products alone: the coupled Newton–Schulz
 * iteration (Higham 2008, equation 6.35). Unlike an eigendecomposition it fits into a compiled step.
 */
export const matrixRoots = (
  matrices: tf.Tensor3D,
): { readonly root: tf.Tensor3D; readonly inverseRoot: tf.Tensor3D } => {
  const [count, n] = matrices.shape;
  const identity: tf.Tensor3D = tf.add(tf.expandDims(tf.eye(n), 0), tf.zeros([count, 1, 1]));
  // No eigenvalue exceeds the Frobenius norm: after division all lie in (0, 1], where the iteration converges.
  const size = tf.sqrt(tf.sum(tf.square(matrices), [1, 2], true));
  let root: tf.Tensor3D = tf.div(matrices, size);
  let inverseRoot = identity;
  for (let k = 0; k < ITERATIONS; k++) {
    const factor: tf.Tensor3D = tf.mul(tf.sub(tf.mul(identity, 3), tf.matMul(inverseRoot, root)), 0.5);
    root = tf.matMul(root, factor);
    inverseRoot = tf.matMul(factor, inverseRoot);
  }
  const scale = tf.sqrt(size);
  return { root: tf.mul(root, scale), inverseRoot: tf.div(inverseRoot, scale) };
};
