import * as tf from '@tensorflow/tfjs-core';

/** Z equidistant values from `low` to `high`: what a distribution over returns is spread on. Δ = (high − low) / (Z − 1). */
export interface Support {
  /** The smallest value. */
  readonly low: number;
  /** The largest value. */
  readonly high: number;
  /** Z, how many values. */
  readonly atoms: number;
}

/** The values themselves: [Z]. */
export const atomsOf = ({ low, high, atoms }: Support): tf.Tensor1D =>
  tf.tensor1d(Float32Array.from({ length: atoms }, (_, i) => low + ((high - low) * i) / (atoms - 1)));

/**
 * The distribution of r + γ d z put back onto the support: each shifted atom gives its probability to its two neighbours,
 * the nearer the more; what leaves the support is kept at its ends. Bellemare et al. 2017 (arXiv 1707.06887), eq. 7 and
 * algorithm 1. Shapes: B rows, Z atoms; [B, Z]. No gradient is meant to flow: call it outside the differentiated function.
 */
export const projectedDistribution = (x: {
  readonly reward: tf.Tensor1D; //            [B]
  readonly discount: tf.Tensor1D; //          [B]
  readonly nextProbabilities: tf.Tensor2D; // [B, Z]
  readonly gamma: number;
  readonly support: Support;
}): tf.Tensor2D => {
  const { low, high, atoms } = x.support;
  const [rows, width] = [x.reward.shape[0], (high - low) / (atoms - 1)];
  const shifted = tf.add(
    tf.reshape(x.reward, [rows, 1]),
    tf.mul(tf.reshape(tf.mul(x.discount, x.gamma), [rows, 1]), tf.reshape(atomsOf(x.support), [1, atoms])),
  );
  // In units of Δ from the lower end: atom i has place i.
  const place = tf.div(tf.sub(tf.clipByValue(shifted, low, high), low), width);
  const places = tf.reshape(tf.range(0, atoms), [1, atoms, 1]);
  const share = tf.relu(tf.sub(1, tf.abs(tf.sub(tf.reshape(place, [rows, 1, atoms]), places))));
  return tf.reshape(tf.matMul(share, tf.reshape(x.nextProbabilities, [rows, atoms, 1])), [rows, atoms]);
};

/**
 * −Σ m log softmax(logits) per row: the Kullback-Leibler divergence from the target m, but for a term that the logits do
 * not enter. Bellemare et al. 2017, section 4. Shapes: B rows, Z atoms.
 */
export const distributionCrossEntropy = (x: {
  readonly logits: tf.Tensor2D; // [B, Z]
  readonly target: tf.Tensor2D; // [B, Z]
}): tf.Tensor1D => tf.neg(tf.sum<tf.Tensor1D>(tf.mul(x.target, tf.logSoftmax(x.logits)), 1));
