import * as tf from '@tensorflow/tfjs-core';
import type { Acting } from '@troupe/core';
import ndarray from 'ndarray';
import { weightsOf } from './descent.js';
import type { TrustRegionState } from './state.js';
import { inputsOf, type Team } from './teams.js';

/** One forward pass for a whole group, its parameters in a state, and how its output becomes actions. */
export const actingOf = (team: Team): ((state: TrustRegionState) => Acting) => {
  const { actor, policy, copies, slots } = team;
  /** [R, inputs] of one actor, and what its agents remember [R, H]. */
  const act = (own: tf.Tensor1D, seen: tf.Tensor2D, memory: tf.Tensor | undefined) => {
    const input = tf.reshape(seen, [1, ...seen.shape]);
    const said = actor.apply(own, { input, ...(memory && { memory }) });
    return {
      output: policy.decoded(tf.reshape(said.output, [seen.shape[0], policy.width])),
      ...(said.memory && { memory: said.memory }),
    };
  };
  const step: Acting['step'] = (carry, { theta, observation, memory }) => {
    const rows = observation.shape[0];
    const wide = (x: tf.Tensor) => tf.reshape(x, [rows, slots, x.size / (rows * slots)]);
    const inputs = inputsOf(team, observation);
    const all = (said: readonly ReturnType<typeof act>[], join: (x: readonly tf.Tensor[]) => tf.Tensor) => {
      const output = join(said.map((one) => one.output));
      return { carry, output: memory ? { output, memory: join(said.map((one) => one.memory!)) } : { output } };
    };
    if (copies === 1) {
      const said = act(theta as tf.Tensor1D, inputs, memory && tf.reshape(memory, [rows * slots, team.memory]));
      return all([said], ([x]) => wide(x!));
    }
    const each = tf.unstack(tf.reshape(inputs, [rows, slots, inputs.shape[1]]), 1) as tf.Tensor2D[];
    const held = memory && tf.unstack(memory, 1);
    const thetas = tf.split<tf.Tensor1D>(theta, copies);
    return all(
      each.map((seen, slot) => act(thetas[slot]!, seen, held?.[slot])),
      (x) => tf.stack([...x], 1),
    );
  };
  return ({ actors }) => {
    const parts = actors[team.name]!.map(weightsOf);
    let theta = parts[0]!;
    if (copies > 1) {
      theta = new Float32Array(copies * actor.size);
      parts.forEach((part, copy) => theta.set(part, copy * actor.size));
    }
    const remembers = team.memory > 0 && { memory: team.memory };
    return { step, theta: ndarray(theta, [theta.length]), head: policy.head, ...remembers };
  };
};
