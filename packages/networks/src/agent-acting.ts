import * as tf from '@tensorflow/tfjs-core';
import type { Acting, HeadPart } from '@troupe/core';
import ndarray, { type NdArray } from 'ndarray';
import type { AgentNetwork } from './agent-network.js';

/**
 * How a group acts with the network of its agents: one forward pass for all of them. `theta` finds the weights [C, P]
 * in a learner's state; `finish` turns the network's output [E, N, outputs] into what `head` promises [E, N, W].
 */
export const agentActing = <S>(options: {
  /** The network, and whose. */
  readonly agents: AgentNetwork;
  /** How a row of the finished output becomes an action. */
  readonly head: readonly HeadPart[];
  /** [C, P]; may be a view into a larger array. */
  readonly theta: (state: S) => NdArray<Float32Array>;
  /** Default: the output as it is. */
  readonly finish?: (output: tf.Tensor3D) => tf.Tensor3D;
}): ((state: S) => Acting) => {
  const { agents, head, finish = (output: tf.Tensor3D) => output } = options;
  const size = agents.copies * agents.network.size;
  const step: Acting['step'] = (carry, { theta, observation }) => {
    const thetas = tf.split<tf.Tensor1D>(theta, agents.copies);
    return { carry, output: { output: finish(agents.apply(thetas, agents.encode(observation))) } };
  };
  return (state) => {
    const { data, offset } = options.theta(state);
    return { step, theta: ndarray(data.subarray(offset, offset + size), [size]), head };
  };
};
