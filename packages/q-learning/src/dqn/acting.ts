import * as tf from '@tensorflow/tfjs-core';
import type { Acting, NoiseShape } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { Crew } from './crew.js';
import { observedBy } from './observed.js';
import type { DqnConfig } from './settings.js';
import type { DqnState } from './state.js';
import { valuesOf } from './values.js';

/**
 * The values of all choices of a group's agents, as logits of which the best is taken; of twins their mean. Noisy layers
 * get a draw of noise for every agent in every environment at every step while exploring, none when exploiting.
 */
export const actingOf = (crew: Crew, config: DqnConfig): ((state: DqnState) => Acting) => {
  const { slots, copies, served, twins, choices, network, noise } = crew;
  const size = copies * twins * network.size;
  const step: Acting['step'] = (carry, { theta, observation, noise: drawn }) => {
    const numEnvs = observation.shape[0];
    const rows = numEnvs * served;
    const seen = observedBy(crew, observation);
    const thetas = copies * twins === 1 ? [theta] : tf.split(theta, copies * twins);
    const noises = drawn && (copies === 1 ? [tf.reshape(drawn, [rows, noise])] : tf.unstack(drawn, 1));
    const values = seen.map((x, c) => {
      const given = { x, noise: noises?.[c] as tf.Tensor2D | undefined };
      const each = Array.from({ length: twins }, (_, t) =>
        valuesOf(crew, config, network.apply(thetas[c * twins + t] as tf.Tensor1D, given)),
      );
      return each.length === 1 ? each[0]! : tf.mul<tf.Tensor2D>(tf.add(each[0]!, each[1]!), 0.5);
    });
    const output = copies === 1 ? tf.reshape(values[0]!, [numEnvs, slots, choices]) : tf.stack([...values], 1);
    return { carry, output: { output } };
  };
  const shape = (numEnvs: number): NoiseShape => ({ kind: 'normal', shape: [numEnvs, slots, noise] });
  const head = [{ kind: 'choice', n: choices }] as const;
  return ({ carry }) => {
    const { theta } = leavesOf(carry)[crew.name] as { readonly theta: ndarray.NdArray<Float32Array> };
    return {
      step,
      theta: ndarray(theta.data, [size], [1], theta.offset),
      head,
      ...(noise > 0 && { noise: { shape, always: false } }),
    };
  };
};
