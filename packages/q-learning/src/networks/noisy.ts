import * as tf from '@tensorflow/tfjs-core';

/**
 * What makes factorised noise of standard normals: f(x) = sgn(x) √|x|. Fortunato et al. 2018 (arXiv 1706.10295),
 * section 3b. Any shape.
 */
export const noiseFactor = <T extends tf.Tensor>(x: T): T => tf.mul(tf.sign(x), tf.sqrt(tf.abs(x)));

/**
 * A dense layer with factorised noise: x (w + σ_w ⊙ f(ε_in) f(ε_out)ᵀ) + b + σ_b ⊙ f(ε_out). Fortunato et al. 2018, eq. 9
 * to 11. The noise is given as its factors f(ε), one row for all rows of x, or one each: the product of weights and noise
 * is never formed, so that every row may have noise of its own. [B, I] → [B, O].
 */
export const noisyDense = (x: {
  readonly input: tf.Tensor2D; //     [B, I]
  readonly kernel: tf.Tensor2D; //      [I, O]
  readonly bias: tf.Tensor1D; //        [O]
  readonly kernelNoise: tf.Tensor2D; // [I, O] σ_w
  readonly biasNoise: tf.Tensor1D; //   [O]    σ_b
  readonly inFactor: tf.Tensor2D; //    [1 or B, I] f(ε_in)
  readonly outFactor: tf.Tensor2D; //   [1 or B, O] f(ε_out)
}): tf.Tensor2D => {
  const noise = tf.add(tf.matMul(tf.mul<tf.Tensor2D>(x.input, x.inFactor), x.kernelNoise), x.biasNoise);
  return tf.add(tf.add(tf.matMul(x.input, x.kernel), x.bias), tf.mul(noise, x.outFactor));
};
