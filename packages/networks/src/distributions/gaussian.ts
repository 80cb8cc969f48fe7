import * as tf from '@tensorflow/tfjs-core';
import type { HeadPart } from '@troupe/core';
import type { Deviation } from './deviation.js';
import { excess, joinColumns, splitColumns, type Part } from './part.js';
import { squashing, type Squashing } from './squashing.js';

const HALF_LOG_2_PI = Math.log(2 * Math.PI) / 2;

const rowSum = (x: tf.Tensor): tf.Tensor1D => tf.sum<tf.Tensor1D>(x, 1);

/**
 * Independent Gaussians, one per component. Output columns: D means, then D raw deviations. Squashed, the action is
 * middle + half range · tanh(u) of a Gaussian u, and its density is that in the normalised space (−1, 1)^D.
 */
export const gaussianPart = (part: HeadPart & { readonly kind: 'gaussian' }, deviation: Deviation): Part => {
  const size = part.low.length;
  const squash: Squashing | undefined = part.squash ? squashing(part.low, part.high) : undefined;
  const read = (output: tf.Tensor2D) => {
    const [mean, raw] = splitColumns(output, [size, size]);
    return { mean: mean!, raw: raw!, logSd: deviation.log(raw!) };
  };
  /** log N per component without what squashing changes, from the standardised z. */
  const density = (z: tf.Tensor2D, logSd: tf.Tensor2D): tf.Tensor2D =>
    tf.sub(tf.mul(tf.square(z), -0.5), tf.add(logSd, HALF_LOG_2_PI));
  return {
    width: 2 * size,
    actionSize: size,
    choices: 0,
    normals: size,
    logProb({ output }, action, drawn) {
      const { mean, logSd } = read(output);
      const u = drawn ?? (squash ? squash.inverse(action) : action);
      const each = density(tf.mul(tf.sub(u, mean), tf.exp(tf.neg(logSd))), logSd);
      return rowSum(squash ? tf.sub(each, squash.logSlope(u)) : each);
    },
    entropy({ output }) {
      const { mean, logSd } = read(output);
      const plain = tf.add(logSd, 0.5 + HALF_LOG_2_PI);
      return rowSum(squash ? tf.add(plain, squash.meanLogSlope(mean, tf.exp(logSd))) : plain);
    },
    // A bijection changes no divergence: that of the squashed distributions is that of the Gaussians.
    kl(old, now) {
      const [a, b] = [read(old.output), read(now.output)];
      const shift = tf.square(tf.mul(tf.sub(a.mean, b.mean), tf.exp(tf.neg(b.logSd))));
      return tf.mul(rowSum(tf.add(excess(tf.mul(tf.sub<tf.Tensor2D>(a.logSd, b.logSd), 2)), shift)), 0.5);
    },
    mode({ output }) {
      const { mean } = read(output);
      return squash ? squash.forward(mean) : mean;
    },
    sample({ output }, noise) {
      const { mean, logSd } = read(output);
      const u = tf.add<tf.Tensor2D>(mean, tf.mul(tf.exp(logSd), noise));
      const each = density(noise, logSd);
      return squash
        ? { action: squash.forward(u), logProb: rowSum(tf.sub(each, squash.logSlope(u))) }
        : { action: u, logProb: rowSum(each) };
    },
    fisher({ output }, v) {
      const { raw, logSd } = read(output);
      const [forMean, forRaw] = splitColumns(v, [size, size]);
      return joinColumns([
        tf.mul(forMean!, tf.exp(tf.mul(logSd, -2))),
        tf.mul(forRaw!, tf.mul(tf.square(deviation.slope(raw)), 2)),
      ]);
    },
    decoded(output) {
      const { mean, logSd } = read(output);
      return joinColumns([mean, logSd]);
    },
  };
};
