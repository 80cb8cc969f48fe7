import * as tf from '@tensorflow/tfjs-core';
import type { Acting } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { TrustRegionState } from './state.js';
import { inputsOf, type Team } from './teams.js';

/** One forward pass for a whole group, its parameters in a state, and how its output becomes actions. */
export const actingOf = (team: Team): ((state: TrustRegionState) => Acting) => {
  const { actor, policy, copies, slots } = team;
  const step: Acting['step'] = (carry, { theta, observation }) => {
    const rows = observation.shape[0];
    const wide = (x: tf.Tensor) => tf.reshape(x, [rows, slots, policy.width]);
    const act = (own: tf.Tensor1D, input: tf.Tensor2D) => policy.decoded(actor.apply(own, input) as tf.Tensor2D);
    const inputs = inputsOf(team, observation);
    if (copies === 1) return { carry, output: { output: wide(act(theta as tf.Tensor1D, inputs)) } };
    const each = tf.unstack(tf.reshape(inputs, [rows, slots, inputs.shape[1]]), 1) as tf.Tensor2D[];
    const thetas = tf.split<tf.Tensor1D>(theta, copies);
    return {
      carry,
      output: {
        output: tf.stack(
          each.map((input, slot) => act(thetas[slot]!, input)),
          1,
        ),
      },
    };
  };
  return ({ actors }) => {
    const parts = actors[team.name]!.map((carry) => {
      const { theta } = leavesOf(carry) as unknown as { readonly theta: ndarray.NdArray<Float32Array> };
      return theta.data.subarray(theta.offset, theta.offset + actor.size);
    });
    let theta = parts[0]!;
    if (copies > 1) {
      theta = new Float32Array(copies * actor.size);
      parts.forEach((part, copy) => theta.set(part, copy * actor.size));
    }
    return { step, theta: ndarray(theta, [theta.length]), head: policy.head };
  };
};
