import type { Acting } from '@troupe/core';
import { agentActing } from '@troupe/networks';
import { leavesOf } from '@troupe/runtime';
import * as tf from '@tensorflow/tfjs-core';
import type ndarray from 'ndarray';
import { bounded, squash } from './actions.js';
import type { Team } from './agents.js';
import type { MaddpgState } from './state.js';

/** How a group acts in a state: its actors, real numbers within their bounds. */
export const actingOf = (team: Team): ((state: MaddpgState) => Acting) =>
  agentActing({
    agents: team.actor,
    head: team.head,
    theta: ({ carry }) => leavesOf(carry).actor[team.name]!.theta as ndarray.NdArray<Float32Array>,
    finish: (output) => {
      const [rows, slots, width] = output.shape;
      const flat: tf.Tensor2D = tf.reshape(output, [rows * slots, width]);
      return tf.reshape(bounded(team, squash(team, flat)), [rows, slots, width]);
    },
  });
