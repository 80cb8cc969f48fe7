import * as tf from '@tensorflow/tfjs-core';
import type { Network, Params, Weights } from '@troupe/core';
import { initialWeight, type Initialiser } from './initial.js';
import { normaliseRows } from './layer-norm.js';

/** What follows a dense layer. */
export type Activation = 'relu' | 'tanh' | 'elu' | 'sigmoid' | 'linear';

/** Activations as functions, element by element. */
export const activations: Readonly<Record<Activation, (x: tf.Tensor) => tf.Tensor>> = {
  relu: (x) => tf.relu(x),
  tanh: (x) => tf.tanh(x),
  elu: (x) => tf.elu(x),
  sigmoid: (x) => tf.sigmoid(x),
  linear: (x) => x,
};

/** The gain that keeps the size of activations in deep networks: √2 for relu, 5/3 for tanh, else 1. PyTorch's table. */
export const gainOf = (activation: Activation): number =>
  activation === 'relu' ? Math.SQRT2 : activation === 'tanh' ? 5 / 3 : 1;

/** Settings of `mlp`. */
export interface MlpOptions {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  /** After every hidden layer. Default relu. */
  readonly activation?: Activation;
  /** After the last layer. Default linear. */
  readonly outputActivation?: Activation;
  /** How kernels begin; biases begin at zero. Default `glorotUniform`. */
  readonly initialiser?: Initialiser;
  /** Factor on the initial kernels of hidden layers; see `gainOf`. Default 1. */
  readonly gain?: number;
  /** Factor on the initial kernel of the last layer. Default 1. */
  readonly outputGain?: number;
  /** Layer normalisation of the input, the "feature normalisation" of HARL and the MAPPO code. Default false. */
  readonly inputNorm?: boolean;
  /** Layer normalisation after the activation of every hidden layer, as HARL and the MAPPO code have it. Default false. */
  readonly layerNorm?: boolean;
}

/** One weight and how it begins. */
interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  readonly how: Initialiser;
  readonly gain: number;
}

type Layer = (params: Params, x: tf.Tensor) => tf.Tensor;

/**
 * A multi-layer perceptron [..., inputs] → [..., outputs]. Weights are named in the order in which they are used:
 * `0/kernel`, `1/bias`, `2/kernel`, …; layer normalisations add theirs, `gamma` and `beta`, to the count. Throws a
 * RangeError for widths that are not integers >= 1.
 */
export const mlp = (options: MlpOptions): Network<tf.Tensor, tf.Tensor> => {
  const { inputs, hidden, outputs, activation = 'relu', outputActivation = 'linear' } = options;
  const { initialiser = 'glorotUniform', gain = 1, outputGain = 1 } = options;
  for (const n of [inputs, ...hidden, outputs]) {
    if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`mlp: expected widths to be integers >= 1, got ${n}`);
  }
  const entries: Entry[] = [];
  const add = (own: string, shape: readonly number[], how: Initialiser, factor = 1): string => {
    const name = `${entries.length}/${own}`;
    entries.push({ name, shape, how, gain: factor });
    return name;
  };
  /** A dense layer, after layer normalisation if wanted. gamma and beta are multiplied into its kernel and bias. */
  const dense = (from: number, to: number, after: Activation, factor: number, normalised: boolean): Layer => {
    const norm = normalised && ([add('gamma', [from], 'ones'), add('beta', [from], 'zeros')] as const);
    const [kernel, bias] = [add('kernel', [from, to], initialiser, factor), add('bias', [to], 'zeros')];
    const linear = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => activations[after](tf.add(tf.matMul(x, w), b));
    if (!norm) return (params, x) => linear(x, params[kernel]!, params[bias]!);
    return (params, x) => {
      const [gamma, beta] = [tf.reshape(params[norm[0]]!, [from, 1]), tf.reshape(params[norm[1]]!, [1, from])];
      const shift = tf.reshape(tf.matMul(beta, params[kernel]!), [to]);
      return linear(normaliseRows(x), tf.mul(gamma, params[kernel]!), tf.add(params[bias]!, shift));
    };
  };
  const widths = [inputs, ...hidden];
  const layers = widths.map((from, i): Layer => {
    const normalised = (i === 0 ? options.inputNorm : options.layerNorm) === true;
    const last = i === hidden.length;
    return last
      ? dense(from, outputs, outputActivation, outputGain, normalised)
      : dense(from, hidden[i]!, activation, gain, normalised);
  });
  return {
    init: (rng): Weights =>
      Object.fromEntries(
        entries.map(({ name, shape, how, gain: factor }) => [name, initialWeight(shape, how, rng.split(name), factor)]),
      ),
    apply(params, input) {
      for (const { name } of entries) {
        if (params[name] === undefined) {
          throw new TypeError(`mlp: expected a weight '${name}', got ${Object.keys(params).join(', ')}`);
        }
      }
      if (input.rank === 2) return layers.reduce((x, layer) => layer(params, x), input);
      const rows = tf.reshape(input, [-1, inputs]);
      return tf.reshape(
        layers.reduce((x, layer) => layer(params, x), rows),
        [...input.shape.slice(0, -1), outputs],
      );
    },
  };
};
