import * as tf from '@tensorflow/tfjs-core';
import { count, decode, flag, fraction, nonNegative, oneOf, orThrow, positive, type ConfigOf } from '@troupe/core';
import { bestOf, better, firstOf, frameOf, iterationOf, within } from './candidates.js';
import type { Found, Maximiser } from './maximiser.js';

/** Settings of `crossEntropy`. Deviations are shares of half the width of the box. */
export const crossEntropySettings = {
  samples: count(64, 'N, candidates of an iteration (QT-Opt: 64)'),
  elites: count(6, 'M, the best of them, to which the distribution is fitted (QT-Opt: 6)'),
  iterations: count(3, 'J (QT-Opt: 2)'),
  initialDeviation: positive(1, 'standard deviation of the first candidates'),
  smoothing: fraction(0, 'share of the old mean and spread that is kept (1 − η)'),
  smoothed: oneOf(
    ['variance', 'deviation'],
    'variance',
    'what of the spread is smoothed: its square, or the deviation itself',
  ),
  minDeviation: nonNegative(1e-3, 'keeps the distribution from collapsing'),
  floor: oneOf(['add', 'max'], 'add', 'whether minDeviation is added to the deviation, or the least that it may be'),
  extraDeviation: nonNegative(0, 'independent noise added to the candidates at first (Szita and Lőrincz 2006)'),
  extraDecay: count(1, 'iterations after which that noise has died out; its variance decays linearly'),
  elitism: flag(true, 'the best candidate of all iterations is the result; else the best of the last one'),
};
/** Options of `crossEntropy`; all may be left out. */
export type CrossEntropyOptions = Partial<ConfigOf<typeof crossEntropySettings>>;

/**
 * Cross-entropy method. Rubinstein 1999; for actions of a value function Kalashnikov et al. 2018 (QT-Opt), section 4.2.
 * Gaussian candidates with a diagonal covariance, cut off at the box; mean and deviation (divided by M, not M − 1) are
 * fitted to the best. `search` holds the last `mean` and `deviation`, [S, A]. Throws a RangeError for settings out of
 * range.
 */
export const crossEntropy = (options: CrossEntropyOptions = {}): Maximiser => {
  const config = orThrow('crossEntropy')(decode(crossEntropySettings)(options));
  const { samples, elites, iterations, smoothing } = config;
  if (elites > samples) {
    throw new RangeError(`crossEntropy: expected elites <= samples, got ${elites} > ${samples}`);
  }
  const mixed = (old: tf.Tensor, fresh: tf.Tensor): tf.Tensor =>
    smoothing === 0 ? fresh : tf.add(tf.mul(old, smoothing), tf.mul(fresh, 1 - smoothing));

  return {
    evaluations: () => samples * iterations,
    noise: (problems, size) => ({ kind: 'normal', shape: [problems, iterations, samples, size] }),
    maximise({ score, problems, low, high, noise, start }) {
      const size = low.length;
      const frame = frameOf({ low, high });
      const floor = tf.mul(frame.half, config.minDeviation);
      const flat = (x: tf.Tensor): tf.Tensor2D => tf.reshape(x, [problems, size]);
      const all = tf.zeros([problems, 1, size]);
      let mean: tf.Tensor = start ? tf.expandDims(start, 1) : tf.add(frame.middle, all);
      let deviation: tf.Tensor = tf.add(tf.mul(frame.half, config.initialDeviation), all);
      let found: Found | undefined;
      for (let k = 0; k < iterations; k++) {
        const extra = config.extraDeviation ** 2 * Math.max(0, 1 - k / config.extraDecay);
        const spread =
          extra === 0 ? deviation : tf.sqrt(tf.add(tf.square(deviation), tf.mul(tf.square(frame.half), extra)));
        const drawn = tf.add(mean, tf.mul(spread, iterationOf(noise, k)));
        const candidates = within<tf.Tensor3D>(drawn, frame.low, frame.high);
        const top = bestOf(candidates, score(candidates), elites);
        found = found && config.elitism ? better(found, firstOf(top)) : firstOf(top);
        const { best } = top;
        const centre = tf.mean(best, 1, true);
        const variance = tf.mean(tf.square(tf.sub(best, centre)), 1, true);
        const fitted =
          config.smoothed === 'variance'
            ? tf.sqrt(mixed(tf.square(deviation), variance))
            : mixed(deviation, tf.sqrt(variance));
        mean = mixed(mean, centre);
        deviation = config.floor === 'add' ? tf.add(fitted, floor) : tf.maximum(fitted, floor);
      }
      return { ...found!, search: { mean: flat(mean), deviation: flat(deviation) } };
    },
  };
};
