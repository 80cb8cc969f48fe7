import * as tf from '@tensorflow/tfjs-core';
import type { Network, Params, Rng, Weights } from '@troupe/core';
import { initialWeight } from '@troupe/networks';
import ndarray from 'ndarray';
import { noiseFactor, noisyDense } from './noisy.js';

/** What a value network is given. */
export interface ValueInput {
  /** [B, inputs] encoded observations. */
  readonly x: tf.Tensor2D;
  /** [1 or B, noise size] standard normals, for noisy networks; without them, the mean weights. */
  readonly noise?: tf.Tensor2D | undefined;
}

/** Maps observations to what is known about each choice: [B, A · Z], Z numbers for a choice, choice by choice. */
export type ValueNetwork = Network<ValueInput, tf.Tensor2D>;

/** Sizes and form of the standard network. */
export interface ValueNetworkOptions {
  /** Numbers of an observation. */
  readonly inputs: number;
  /** A. */
  readonly choices: number;
  /** Numbers per choice: 1 value, or the logits of a distribution. */
  readonly atoms: number;
  /** Widths of the hidden layers. */
  readonly hidden: readonly number[];
  /** Of the hidden layers. */
  readonly activation: 'relu' | 'tanh' | 'elu';
  /** Two streams behind the hidden layers: Q = V + A − mean A. Wang et al. 2016 (arXiv 1511.06581), eq. 9. */
  readonly dueling: boolean;
  /** Hidden layers of each stream. */
  readonly streamHidden: readonly number[];
  /** Weights with noise of their own, for exploring. Fortunato et al. 2018 (arXiv 1706.10295). */
  readonly noisy: boolean;
  /** σ₀: noisy weights begin at σ₀ / √inputs. Fortunato et al. 2018, section 3.2. */
  readonly noiseStart: number;
}

interface Layer {
  readonly name: string;
  readonly inputs: number;
  readonly outputs: number;
  readonly activated: boolean;
  /** Where its factors lie in a row of noise: inputs, then outputs. */
  readonly noiseAt: number;
}

const ACTIVATIONS = { relu: tf.relu, tanh: tf.tanh, elu: tf.elu } as const;

/** Layers by stream. Weights lie in θ in this order: trunk, advantage, value. */
const layersOf = (options: ValueNetworkOptions) => {
  let noiseAt = 0;
  const stack = (name: string, inputs: number, widths: readonly number[], last: boolean): Layer[] =>
    widths.map((outputs, i) => {
      const layer = {
        name: `${name}/${i}`,
        inputs: i === 0 ? inputs : widths[i - 1]!,
        outputs,
        activated: !(last && i === widths.length - 1),
        noiseAt,
      };
      noiseAt += layer.inputs + layer.outputs;
      return layer;
    });
  const { inputs, hidden, choices, atoms, dueling, streamHidden } = options;
  if (!dueling) return { trunk: stack('q', inputs, [...hidden, choices * atoms], true), noiseSize: noiseAt };
  const wide = hidden.at(-1) ?? inputs;
  const trunk = stack('trunk', inputs, hidden, false);
  const advantage = stack('advantage', wide, [...streamHidden, choices * atoms], true);
  const value = stack('value', wide, [...streamHidden, atoms], true);
  return { trunk, streams: { advantage, value }, noiseSize: noiseAt };
};

/** Length of a row of noise; 0 for networks without. */
export const noiseSizeOf = (options: ValueNetworkOptions): number => (options.noisy ? layersOf(options).noiseSize : 0);

/** The standard network of the family: plain or dueling, with or without noisy layers. */
export const valueNetwork = (options: ValueNetworkOptions): ValueNetwork => {
  const { choices, atoms, noisy, noiseStart } = options;
  const { trunk, streams } = layersOf(options);
  const activation = ACTIVATIONS[options.activation];

  const initial = ({ name, inputs, outputs }: Layer, rng: Rng): Weights => {
    const kernel = `${name}/kernel`;
    if (!noisy) {
      return {
        [kernel]: initialWeight([inputs, outputs], 'glorotUniform', rng.split(kernel)),
        [`${name}/bias`]: ndarray(new Float32Array(outputs), [outputs]),
      };
    }
    const bias = `${name}/bias`;
    const spread = noiseStart / Math.sqrt(inputs);
    return {
      [kernel]: initialWeight([inputs, outputs], 'fanInUniform', rng.split(kernel)),
      [bias]: ndarray(initialWeight([inputs, outputs], 'fanInUniform', rng.split(bias)).data.slice(0, outputs), [
        outputs,
      ]),
      [`${kernel}Noise`]: ndarray(new Float32Array(inputs * outputs).fill(spread), [inputs, outputs]),
      [`${bias}Noise`]: ndarray(new Float32Array(outputs).fill(spread), [outputs]),
    };
  };

  const run = (layers: readonly Layer[], params: Params, x: tf.Tensor2D, factors: tf.Tensor2D | undefined) =>
    layers.reduce((input, { name, inputs, outputs, activated, noiseAt }) => {
      const kernel = params[`${name}/kernel`] as tf.Tensor2D;
      const bias = params[`${name}/bias`] as tf.Tensor1D;
      const rows = factors?.shape[0] ?? 0;
      const output = factors
        ? noisyDense({
            input,
            kernel,
            bias,
            kernelNoise: params[`${name}/kernelNoise`] as tf.Tensor2D,
            biasNoise: params[`${name}/biasNoise`] as tf.Tensor1D,
            inFactor: tf.slice2d(factors, [0, noiseAt], [rows, inputs]),
            outFactor: tf.slice2d(factors, [0, noiseAt + inputs], [rows, outputs]),
          })
        : tf.add<tf.Tensor2D>(tf.matMul(input, kernel), bias);
      return activated ? activation(output) : output;
    }, x);

  return {
    init: (rng) =>
      Object.assign(
        {},
        ...[...trunk, ...(streams?.advantage ?? []), ...(streams?.value ?? [])].map((layer) => initial(layer, rng)),
      ) as Weights,
    apply(params, { x, noise }) {
      const factors = noise && noisy ? noiseFactor(noise) : undefined;
      const seen = run(trunk, params, x, factors);
      if (!streams) return seen;
      const rows = x.shape[0];
      const advantage = run(streams.advantage, params, seen, factors);
      const value = run(streams.value, params, seen, factors);
      if (atoms === 1) return tf.add(value, tf.sub(advantage, tf.mean(advantage, 1, true)));
      const each = tf.reshape(advantage, [rows, choices, atoms]);
      const centred = tf.sub(each, tf.mean(each, 1, true));
      return tf.reshape(tf.add(tf.reshape(value, [rows, 1, atoms]), centred), [rows, choices * atoms]);
    },
  };
};
