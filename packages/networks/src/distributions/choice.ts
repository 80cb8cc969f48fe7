import * as tf from '@tensorflow/tfjs-core';
import { gumbel, maskLogits, oneHot } from '../categorical.js';
import { excess, type Part, type Seen } from './part.js';

/** Normalised log-probabilities [B, n]; that of a forbidden choice is about −1e9, so that its probability is exactly 0. */
export const logProbabilities = ({ output, legal }: Seen): tf.Tensor2D =>
  tf.logSoftmax<tf.Tensor2D>(maskLogits(output, legal), 1);

const rowSum = (x: tf.Tensor2D): tf.Tensor1D => tf.sum<tf.Tensor1D>(x, 1);

/** The choice with the largest score, as a column. */
const best = (score: tf.Tensor2D): tf.Tensor2D =>
  tf.reshape(tf.cast(tf.argMax(score, 1), 'float32'), [score.shape[0], 1]);

/** One choice of n by softmax over the legal ones. The action is an index, [B, 1]. */
export const choicePart = (n: number): Part => {
  const logProb: Part['logProb'] = (seen, action) => {
    const taken = oneHot(tf.reshape(action, [action.shape[0]]), n);
    return rowSum(tf.mul(taken, logProbabilities(seen)));
  };
  return {
    width: n,
    actionSize: 1,
    choices: n,
    normals: 0,
    logProb,
    entropy(seen) {
      const log = logProbabilities(seen);
      return tf.neg(rowSum(tf.mul(tf.exp(log), log)));
    },
    // Σ p₀ (log p₀ − log p₁), with p₁ − p₀ (which sums to zero) added to each term, so that none cancels.
    kl(old, now) {
      const [log0, log1] = [logProbabilities(old), logProbabilities(now)];
      return rowSum(excess(tf.sub<tf.Tensor2D>(log1, log0), tf.exp(log0), tf.exp(log1)));
    },
    mode: ({ output, legal }) => best(maskLogits(output, legal)),
    sample(seen, noise) {
      const action = best(tf.add(maskLogits(seen.output, seen.legal), gumbel(noise)));
      return { action, logProb: logProb(seen, action) };
    },
    fisher(seen, v) {
      const p = tf.exp(logProbabilities(seen));
      return tf.mul(p, tf.sub(v, tf.sum(tf.mul(p, v), 1, true)));
    },
    decoded: (output) => output,
  };
};
