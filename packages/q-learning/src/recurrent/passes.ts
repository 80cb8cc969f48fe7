import * as tf from '@tensorflow/tfjs-core';
import { observedBy } from '../dqn/observed.js';
import type { Passes } from '../dqn/regress.js';
import type { PassesOf } from '../dqn/step.js';
import type { RecurrentCrew } from './crew.js';

/** What agents remember, by set of weights: [E, N, M] → C of [E · N/C, M]. */
export const memoriesBy = ({ copies, memory }: RecurrentCrew, held: tf.Tensor): readonly tf.Tensor2D[] =>
  copies === 1 ? [tf.reshape<tf.Rank.R2>(held, [held.size / memory, memory])] : (tf.unstack(held, 1) as tf.Tensor2D[]);

/**
 * Networks with memory on sequences of T steps. They see T + 1 observations: the first, then what followed each step, so that
 * the value of what followed is that of the next place in the sequence. The first `burnIn` steps have no gradient.
 */
export const sequencePasses =
  (burnIn: number): PassesOf<RecurrentCrew> =>
  (crew, given) => {
    const [seen, after] = [observedBy(crew, given.observation), observedBy(crew, given.nextObservation)];
    const held = given['memory']!;
    const steps = given.observation.shape[0] / held.shape[0];
    const memories = memoriesBy(crew, held);
    return seen.map((x, c): Passes => {
      const [rows, inputs] = x.shape;
      const wide = rows / steps;
      const first = tf.slice2d(x, [0, 0], [wide, inputs]);
      const places = tf.reshape<tf.Rank.R3>(tf.concat2d([first, after[c]!], 0), [steps + 1, wide, inputs]);
      const memory = memories[c]!;
      const between = (from: number, to: number) => tf.slice3d(places, [from, 0, 0], [to - from, wide, inputs]);
      const flattened = (output: tf.Tensor): tf.Tensor2D =>
        tf.reshape(output, [output.size / crew.choices, crew.choices]);
      const next = (theta: tf.Tensor1D): tf.Tensor2D => {
        const { output } = crew.network.apply(theta, { input: places, memory });
        return flattened(tf.slice(output, [1, 0, 0], [steps, wide, crew.choices]));
      };
      return {
        valued: next,
        choosing: next,
        seen(fixed) {
          if (burnIn === 0) {
            return (theta) => flattened(crew.network.apply(theta, { input: between(0, steps), memory }).output);
          }
          const burnt = crew.network.apply(fixed, { input: between(0, burnIn), memory });
          return (theta) => {
            const { output } = crew.network.apply(theta, { input: between(burnIn, steps), memory: burnt.memory! });
            return flattened(tf.concat([burnt.output, output], 0));
          };
        },
      };
    });
  };
