import * as tf from '@tensorflow/tfjs-core';
import type { Acting } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { observedBy } from '../dqn/observed.js';
import type { DqnState } from '../dqn/state.js';
import type { RecurrentCrew } from './crew.js';
import { memoriesBy } from './passes.js';

/** The values of all choices of a group's agents, and what they remember from then on. */
export const recurrentActing = (crew: RecurrentCrew): ((state: DqnState) => Acting) => {
  const { slots, copies, served, choices, network, memory: width } = crew;
  const size = copies * network.size;
  const step: Acting['step'] = (carry, { theta, observation, memory }) => {
    const numEnvs = observation.shape[0];
    const held = memoriesBy(crew, memory!);
    const thetas = copies === 1 ? [theta] : tf.split(theta, copies);
    const each = observedBy(crew, observation).map((x, c) =>
      network.apply(thetas[c] as tf.Tensor1D, {
        input: tf.reshape(x, [1, numEnvs * served, crew.inputs]),
        memory: held[c]!,
      }),
    );
    const joined = (parts: readonly tf.Tensor[], last: number): tf.Tensor =>
      parts.length === 1
        ? tf.reshape(parts[0]!, [numEnvs, slots, last])
        : tf.stack(
            parts.map((part) => tf.reshape(part, [numEnvs, last])),
            1,
          );
    return {
      carry,
      output: {
        output: joined(
          each.map(({ output }) => output),
          choices,
        ),
        memory: joined(
          each.map((one) => one.memory!),
          width,
        ),
      },
    };
  };
  const head = [{ kind: 'choice', n: choices }] as const;
  return ({ carry }) => {
    const { theta } = leavesOf(carry)[crew.name] as { readonly theta: ndarray.NdArray<Float32Array> };
    return {
      step,
      theta: ndarray(theta.data.subarray(theta.offset, theta.offset + size), [size]),
      head,
      memory: width,
    };
  };
};
