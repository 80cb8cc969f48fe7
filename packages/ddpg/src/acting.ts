import * as tf from '@tensorflow/tfjs-core';
import type { Acting } from '@troupe/core';
import { encode } from '@troupe/networks';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { bounded, squash } from './actions.js';
import type { Team } from './agents.js';
import type { MaddpgState } from './state.js';

/** One forward pass for a whole group, its parameters in a state, and how its output becomes actions. */
export const actingOf = (team: Team): ((state: MaddpgState) => Acting) => {
  const size = team.size * team.actor.size;
  const step: Acting['step'] = (carry, { theta, observation }) => {
    const rows = observation.shape[0];
    const each = tf.unstack(tf.reshape(observation, [rows, team.size, observation.size / (rows * team.size)]), 1);
    const thetas = tf.split<tf.Tensor1D>(theta, team.size);
    const outputs = each.map((seen, slot) => {
      const raw = team.actor.apply(thetas[slot]!, encode(team.observation, seen as tf.Tensor2D));
      return bounded(team, squash(team, raw as tf.Tensor2D));
    });
    return { carry, output: { output: tf.stack(outputs, 1) } };
  };
  return ({ carry }) => {
    const { theta } = leavesOf(carry).actor[team.name] as { readonly theta: ndarray.NdArray<Float32Array> };
    const own = theta.data.subarray(theta.offset, theta.offset + size);
    return { step, theta: ndarray(own, [size]), head: team.head };
  };
};
