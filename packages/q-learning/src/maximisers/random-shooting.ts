import * as tf from '@tensorflow/tfjs-core';
import { count, decode, orThrow, type ConfigOf } from '@troupe/core';
import { bestOf, firstOf, frameOf } from './candidates.js';
import type { Maximiser } from './maximiser.js';

/** Settings of `randomShooting`. */
export const randomShootingSettings = {
  samples: count(64, 'N, uniform candidates'),
};
/** Options of `randomShooting`; all may be left out. */
export type RandomShootingOptions = Partial<ConfigOf<typeof randomShootingSettings>>;

/**
 * The best of N uniform candidates. The gap to the true maximum of a smooth peak shrinks like N^(−2/A). Throws a
 * RangeError for settings out of range.
 */
export const randomShooting = (options: RandomShootingOptions = {}): Maximiser => {
  const { samples } = orThrow('randomShooting')(decode(randomShootingSettings)(options));
  return {
    evaluations: () => samples,
    noise: (problems, size) => ({ kind: 'uniform', shape: [problems, 1, samples, size] }),
    maximise({ score, problems, low, high, noise }) {
      const frame = frameOf({ low, high });
      const uniform = tf.reshape(noise, [problems, samples, low.length]);
      const candidates: tf.Tensor3D = tf.add(frame.low, tf.mul(tf.sub(frame.high, frame.low), uniform));
      return { ...firstOf(bestOf(candidates, score(candidates), 1)), search: {} };
    },
  };
};
