import * as tf from '@tensorflow/tfjs-core';
import { count, decode, nonNegative, orThrow, type ConfigOf } from '@troupe/core';
import { cmaEsSettings, constantsOf, populationOf } from './cma-es-constants.js';
import { matrixRoots } from './matrix-root.js';
import { bestOf, better, firstOf, frameOf, iterationOf, within } from './candidates.js';
import type { Found, Maximiser, MaximiserProblem, Maximum } from './maximiser.js';

/** Settings of `covarianceAdaptation`. */
export const covarianceAdaptationSettings = {
  ...cmaEsSettings,
  iterations: count(20, 'generations'),
  penalty: nonNegative(
    1,
    'times the squared distance from the box, in shares of its width, is taken off the scores of candidates outside',
  ),
};
/** Options of `covarianceAdaptation`; all may be left out. */
export type CovarianceAdaptationOptions = Partial<ConfigOf<typeof covarianceAdaptationSettings>>;

/**
 * CMA-ES inside a step, for all problems at once: the update of `cmaEs` in single precision, with roots of the covariance
 * by products of matrices. Candidates outside the box are evaluated at its nearest point. For functions whose peak is
 * long and narrow across the axes, where `crossEntropy`, which knows none but the axes, needs many candidates. Throws a
 * RangeError for settings out of range.
 */
export const covarianceAdaptation = (options: CovarianceAdaptationOptions = {}): Maximiser => {
  const config = orThrow('covarianceAdaptation')(decode(covarianceAdaptationSettings)(options));
  const { iterations } = config;
  const candidatesFor = (size: number): number => config.population ?? populationOf(size);

  const maximise = ({ score, problems, low, high, noise, start }: MaximiserProblem): Maximum => {
    const n = low.length;
    const frame = frameOf({ low, high });
    const width = tf.mul(frame.half, 2);
    const { population, parents, weights, muEff, cSigma, dSigma, cC, c1, cMu, chiN } = constantsOf(
      n,
      candidatesFor(n),
      config.active,
    );
    const totalWeight = weights.reduce((a, b) => a + b, 0);
    const positive = tf.tensor3d(weights.map((w, k) => (k < parents ? w : 0)), [1, population, 1]); // prettier-ignore
    const negative = tf.tensor3d(weights.map((w, k) => (k < parents ? 0 : w)), [1, population, 1]); // prettier-ignore
    const none: tf.Tensor3D = tf.zeros([problems, 1, n]);
    const lengthOf = (x: tf.Tensor): tf.Tensor => tf.sqrt(tf.sum(tf.square(x), 2, true));

    let mean: tf.Tensor3D = start ? tf.div(tf.sub(tf.expandDims(start, 1), frame.low), width) : tf.add(none, 0.5);
    let sigma: tf.Tensor = tf.fill([problems, 1, 1], config.sigma);
    let covariance: tf.Tensor3D = tf.add(tf.expandDims(tf.eye(n), 0), tf.zeros([problems, 1, 1]));
    let [root, inverseRoot] = [covariance, covariance];
    let pathSigma = none;
    let pathC = none;
    let found: Found | undefined;

    for (let g = 1; g <= iterations; g++) {
      const drawn = tf.matMul<tf.Tensor3D>(iterationOf(noise, g - 1), root);
      const points = tf.add<tf.Tensor3D>(mean, tf.mul(sigma, drawn));
      const inside = within<tf.Tensor3D>(points, tf.scalar(0), tf.scalar(1));
      const candidates = tf.add<tf.Tensor3D>(frame.low, tf.mul(width, inside));
      const scores = score(candidates);
      const top = firstOf(bestOf(candidates, scores, 1));
      found = found ? better(found, top) : top;
      const outside = tf.mul(tf.sum(tf.square(tf.sub(points, inside)), 2), config.penalty);
      const steps = bestOf(drawn, tf.sub<tf.Tensor2D>(scores, outside), population).best;

      const shift = tf.sum<tf.Tensor3D>(tf.mul(steps, positive), 1, true);
      const along = Math.sqrt(cSigma * (2 - cSigma) * muEff);
      pathSigma = tf.add(tf.mul(pathSigma, 1 - cSigma), tf.mul(tf.matMul(shift, inverseRoot), along));
      const length = lengthOf(pathSigma);
      const limit = (1.4 + 2 / (n + 1)) * chiN * Math.sqrt(1 - (1 - cSigma) ** (2 * g));
      const h = tf.cast(tf.less(length, limit), 'float32');
      const alongC = Math.sqrt(cC * (2 - cC) * muEff);
      pathC = tf.add(tf.mul(pathC, 1 - cC), tf.mul(tf.mul(h, alongC), shift));

      mean = tf.add(mean, tf.mul(sigma, shift));
      sigma = tf.mul(sigma, tf.exp(tf.mul(tf.sub(tf.div(length, chiN), 1), cSigma / dSigma)));
      if (g === iterations) break;
      const white = tf.sum(tf.square(tf.matMul(steps, inverseRoot)), 2, true);
      const scaled = tf.add(positive, tf.mul(negative, tf.div(n, tf.add(white, 1e-8))));
      const spread = tf.matMul(steps, tf.mul<tf.Tensor3D>(steps, scaled), true, false);
      const kept = tf.add(tf.mul(tf.sub(1, h), c1 * cC * (2 - cC)), 1 - c1 - cMu * totalWeight);
      covariance = tf.add(
        tf.add(tf.mul(covariance, kept), tf.mul(tf.matMul(pathC, pathC, true, false), c1)),
        tf.mul(spread, cMu),
      );
      ({ root, inverseRoot } = matrixRoots(covariance));
    }
    const centre = tf.add(frame.low, tf.mul(width, mean));
    return {
      ...found!,
      search: { mean: tf.reshape(centre, [problems, n]), sigma: tf.reshape(sigma, [problems]), covariance },
    };
  };

  return {
    evaluations: (size) => candidatesFor(size) * iterations,
    noise: (problems, size) => ({ kind: 'normal', shape: [problems, iterations, candidatesFor(size), size] }),
    maximise,
  };
};
