import * as tf from '@tensorflow/tfjs-core';
import { copyInto, rng as makeRng, type Network, type Params, type Rng, type Weights } from '@troupe/core';
import ndarray from 'ndarray';

/** One weight of a network: where it lies in θ. */
export interface WeightEntry {
  /** As the network names it. */
  readonly name: string;
  /** Its shape. */
  readonly shape: readonly number[];
  /** Index in θ of its first number. */
  readonly offset: number;
  /** How many numbers it has. */
  readonly size: number;
}

/** A network whose weights are one vector θ: what an optimiser, a target network and a checkpoint want. */
export interface FlatNetwork<In, Out> {
  /** Length P of θ. */
  readonly size: number;
  /** Every weight in the order in which they lie in θ. */
  readonly entries: readonly WeightEntry[];
  /** [P] */
  init(rng: Rng): Float32Array;
  /** θ is [P]. */
  apply(theta: tf.Tensor1D, input: In): Out;
  /** The named weights in θ: views, not copies. */
  weights(theta: Float32Array): Weights;
  /** θ from named weights. Throws a TypeError for a missing, additional or misshapen weight. */
  pack(weights: Weights): Float32Array;
}

/**
 * All weights of a network as one vector. Inside a step, `split` gives the layers; its gradient is one vector again. Throws
 * a TypeError where `init` gives anything else than float32 arrays by name.
 */
export const flat = <In, Out>(network: Network<In, Out>): FlatNetwork<In, Out> => {
  let size = 0;
  const entries = Object.entries(network.init(makeRng(0))).map(([name, weight]): WeightEntry => {
    if (!((weight as Partial<Weights[string]> | undefined)?.data instanceof Float32Array)) {
      const got =
        typeof weight === 'object' && weight !== null ? `{ ${Object.keys(weight).join(', ')} }` : String(weight);
      throw new TypeError(`flat: expected init to give ndarrays on Float32Array by name, got ${got} for '${name}'`);
    }
    const entry = { name, shape: [...weight.shape], offset: size, size: weight.size };
    size += weight.size;
    return entry;
  });
  const sizes = entries.map((entry) => entry.size);
  const pack = (weights: Weights): Float32Array => {
    const theta = new Float32Array(size);
    for (const { name, shape, offset } of entries) {
      const weight = weights[name];
      if (!weight || weight.shape.join() !== shape.join()) {
        throw new TypeError(
          `flat.pack: expected a weight '${name}' of shape [${shape.join()}], got ${weight ? `shape [${weight.shape.join()}]` : `only ${Object.keys(weights).join(', ')}`}`,
        );
      }
      copyInto(theta, offset, weight);
    }
    const unknown = Object.keys(weights).filter((name) => !entries.some((entry) => entry.name === name));
    if (unknown.length > 0) throw new TypeError(`flat.pack: unknown weights ${unknown.join(', ')}`);
    return theta;
  };
  return {
    size,
    entries,
    pack,
    init: (rng) => pack(network.init(rng)),
    apply(theta, input) {
      // tfjs cannot differentiate a split into one part.
      const parts = sizes.length === 1 ? [theta] : tf.split(theta, sizes);
      const params: Params = Object.fromEntries(
        entries.map(({ name, shape }, i) => [name, tf.reshape(parts[i]!, [...shape])]),
      );
      return network.apply(params, input);
    },
    weights: (theta) =>
      Object.fromEntries(
        entries.map(({ name, shape, offset, size: n }) => [
          name,
          ndarray(theta.subarray(offset, offset + n), [...shape]),
        ]),
      ),
  };
};
