import * as tf from '@tensorflow/tfjs-core';

/**
 * v ↦ Jᵀ M J v: the Gauss–Newton product of a network's outputs z = f(θ), without second derivatives. With M the Fisher
 * information of the distribution with respect to z, times 1/B, it is the Fisher–vector product of trust-region policy
 * optimisation (Schulman et al. 2015, app. C; Martens 2020, section 8), equal to that by twice differentiating the
 * divergence, at half its cost. J v is had by differentiating u ↦ Jᵀu, which is linear: a compiled step keeps nothing of
 * it but the forward pass of the tangents.
 */
export const gaussNewton = (x: {
  /** θ [P] → [B, W] */
  readonly outputs: (theta: tf.Tensor1D) => tf.Tensor2D;
  readonly theta: tf.Tensor1D; // [P]
  /** [B, W] → [B, W] */
  readonly metric: (tangent: tf.Tensor2D) => tf.Tensor2D;
  /** What is added to the diagonal. */
  readonly damping?: number;
}): ((v: tf.Tensor1D) => tf.Tensor1D) => {
  const pulledBack = (u: tf.Tensor): tf.Tensor => tf.grad((theta) => x.outputs(theta as tf.Tensor1D))(x.theta, u);
  const tangentAt = tf.grad(pulledBack);
  const zero = tf.zerosLike(x.outputs(x.theta));
  return (v) => {
    const product = pulledBack(x.metric(tangentAt(zero, v) as tf.Tensor2D)) as tf.Tensor1D;
    return x.damping ? tf.add(product, tf.mul(v, x.damping)) : product;
  };
};

const dot = (a: tf.Tensor1D, b: tf.Tensor1D): tf.Scalar => tf.sum(tf.mul(a, b));

/** What conjugate gradients found. */
export interface ConjugateGradient {
  /** [P] */
  readonly solution: tf.Tensor1D;
  /** xᵀF x, from the residual: xᵀ(b − r). */
  readonly curvature: tf.Scalar;
  /** Squared norm of the residual b − F x. */
  readonly residual: tf.Scalar;
  /** Iterations that changed the solution. */
  readonly iterations: tf.Scalar;
}

/**
 * Solves F x = b from x = 0 for a positive definite F. Hestenes and Stiefel 1952. Once the squared residual is below
 * `tolerance` the solution stays as it is.
 *
 * In single precision the plain recursion can be wrong in the second digit after ten iterations, double-precision dot
 * products or not, because residuals lose the orthogonality on which it rests. So each new residual is made orthogonal
 * to the ones before, which costs little beside a product with F: the result is that of exact arithmetic up to the
 * rounding of the products, about 1e-6.
 */
export const conjugateGradient = (x: {
  readonly product: (v: tf.Tensor1D) => tf.Tensor1D;
  readonly target: tf.Tensor1D; // [P]
  readonly iterations: number;
  readonly tolerance: number;
}): ConjugateGradient => {
  const size = x.target.shape[0];
  let solution: tf.Tensor1D = tf.zerosLike(x.target);
  let [residual, direction] = [x.target, x.target];
  let square = dot(residual, residual);
  let taken: tf.Scalar = tf.scalar(0);
  const unit = (r: tf.Tensor1D, length2: tf.Scalar): tf.Tensor2D =>
    tf.reshape(tf.div(r, tf.sqrt(tf.maximum(length2, TINY))), [1, size]);
  let basis = unit(residual, square);
  for (let k = 0; k < x.iterations; k++) {
    const going = tf.cast<tf.Scalar>(tf.greaterEqual(square, x.tolerance), 'float32');
    const image = x.product(direction);
    const along = tf.maximum(dot(direction, image), TINY);
    const length = tf.mul(going, tf.div(square, along));
    solution = tf.add(solution, tf.mul(direction, length));
    const raw = tf.reshape(tf.sub(residual, tf.mul(image, length)), [size, 1]);
    const shares = tf.mul(tf.matMul(basis, raw), going);
    residual = tf.reshape(tf.sub(raw, tf.matMul(basis, shares, true)), [size]);
    taken = tf.add(taken, going);
    const next = dot(residual, residual);
    if (k < x.iterations - 1) {
      basis = tf.concat2d([basis, unit(residual, next)], 0);
      direction = tf.add(residual, tf.mul(direction, tf.div(next, tf.maximum(square, TINY))));
    }
    square = next;
  }
  return { solution, curvature: dot(solution, tf.sub(x.target, residual)), residual: square, iterations: taken };
};

/** Keeps 0/0 from being NaN. */
const TINY = 1e-30;
