import * as tf from '@tensorflow/tfjs-core';
import { encode, encodedSize } from './encode.js';
import { flat, type FlatNetwork } from './flat.js';
import type { Network, Rng, Space } from '@troupe/core';

/**
 * Whose weights the agents of a group use: each its own, all the same, or all the same with a one-hot agent id appended
 * to the observation, so that they can still act differently.
 */
export type Sharing = 'separate' | 'shared' | 'sharedWithIds';

/** What a factory of networks is told. */
export interface NetworkSizes {
  /** Name of the group. */
  readonly group: string;
  /** Width of the encoded observation, ids included. */
  readonly inputs: number;
  /** Width of the output. */
  readonly outputs: number;
}

/** Several copies of one network, each with weights of its own. */
export interface NetworkCopies {
  /** The network that they are copies of. */
  readonly network: FlatNetwork<tf.Tensor, tf.Tensor>;
  /** Number of copies C. */
  readonly copies: number;
  /** Initial weights [P] of every copy, each from a stream of its own: `name 0`, `name 1`, …. */
  init(rng: Rng, name: string): Float32Array[];
}

/** `copies` copies of a network. */
export const networkCopies = (network: Network<tf.Tensor, tf.Tensor>, copies: number): NetworkCopies => {
  const one = flat(network);
  return {
    network: one,
    copies,
    init: (rng, name) => Array.from({ length: copies }, (_, copy) => one.init(rng.split(`${name} ${copy}`))),
  };
};

/** One network for all agents of a group; its copies are `slots`, or 1 where they share. */
export interface AgentNetwork extends NetworkCopies {
  /** Number of agents. */
  readonly slots: number;
  /** What the network is given for observations [B, N, …]: encoded, with ids where wanted. [B, N, inputs]. */
  encode(observation: tf.Tensor): tf.Tensor3D;
  /** [B, N, inputs] → [B, N, outputs] with the weights of `thetas` [P] × C. */
  apply(thetas: readonly tf.Tensor1D[], inputs: tf.Tensor3D): tf.Tensor3D;
}

/** Rows of every agent: [B, N, W] → [B·N, W]. */
const mergeAgents = (x: tf.Tensor): tf.Tensor2D => {
  const [rows, slots] = x.shape as [number, number];
  return tf.reshape(x, [rows * slots, x.size / (rows * slots)]);
};

/** The network of a group whose agents see `observation`; `make` builds it once the sizes are known. */
export const agentNetwork = (options: {
  /** Its name, for messages. */
  readonly group: string;
  /** Number N of agents. */
  readonly slots: number;
  /** What one agent sees. */
  readonly observation: Space;
  /** Numbers per agent. */
  readonly outputs: number;
  /** Whether agents share weights, and are told apart by ids. */
  readonly sharing: Sharing;
  /** Builds the network for the sizes found. */
  readonly make: (sizes: NetworkSizes) => Network<tf.Tensor, tf.Tensor>;
}): AgentNetwork => {
  const { group, slots, observation: space, outputs, sharing } = options;
  const withIds = sharing === 'sharedWithIds' && slots > 1;
  const one = options.make({ group, inputs: encodedSize(space) + (withIds ? slots : 0), outputs });
  const held = networkCopies(one, sharing === 'separate' ? slots : 1);
  const { network, copies } = held;
  return {
    ...held,
    slots,
    encode(observation) {
      const rows = observation.shape[0];
      const seen = encode(space, mergeAgents(observation));
      const each: tf.Tensor3D = tf.reshape(seen, [rows, slots, seen.shape[1]]);
      if (!withIds) return each;
      const ids = tf.oneHot(tf.range(0, slots, 1, 'int32'), slots, 1, 0, 'float32');
      const column: tf.Tensor3D = tf.tile(tf.reshape(ids, [1, slots, slots]), [rows, 1, 1]);
      return tf.concat3d([each, column], 2);
    },
    apply(thetas, inputs) {
      const [rows] = inputs.shape;
      const wide = (x: tf.Tensor): tf.Tensor3D => tf.reshape(x, [rows, slots, x.size / (rows * slots)]);
      if (copies === 1) return wide(network.apply(thetas[0]!, mergeAgents(inputs)));
      const outputs = tf.unstack(inputs, 1).map((seen, slot) => network.apply(thetas[slot]!, seen));
      return wide(tf.stack(outputs, 1));
    },
  };
};
