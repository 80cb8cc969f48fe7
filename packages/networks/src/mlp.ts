import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '@troupe/core';
import type { Activation } from './activation.js';
import type { Initialiser } from './initial.js';
import { layerStack, through } from './layer-stack.js';
import { inRowBlocks } from './row-blocks.js';

/** Settings of `mlp`. */
export interface MlpOptions {
  /** Width of the input. */
  readonly inputs: number;
  /** Widths of the hidden layers; none for a linear network. */
  readonly hidden: readonly number[];
  /** Width of the output. */
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
  /**
   * Many rows go through the layers in blocks of half a MiB per layer, which stay in the processor's cache: faster for
   * thousands of rows, but a step takes longer to compile. Default false.
   */
  readonly rowBlocks?: boolean;
}

/**
 * A multi-layer perceptron [..., inputs] → [..., outputs]. Weights are named in the order in which they are used:
 * `0/kernel`, `1/bias`, `2/kernel`, …; layer normalisations add theirs, `gamma` and `beta`, to the count. Throws a
 * RangeError for widths that are not integers >= 1.
 */
export const mlp = (options: MlpOptions): Network<tf.Tensor, tf.Tensor> => {
  const { inputs, hidden, outputs, activation = 'relu', outputActivation = 'linear' } = options;
  const { initialiser = 'glorotUniform', gain = 1, outputGain = 1 } = options;
  const stack = layerStack('mlp');
  const widest = Math.max(1, ...hidden);
  const layers = [inputs, ...hidden].map((from, i) => {
    const normalised = (i === 0 ? options.inputNorm : options.layerNorm) === true;
    const last = i === hidden.length;
    const start = { how: initialiser, gain: last ? outputGain : gain };
    return stack.dense(from, hidden[i] ?? outputs, start, last ? outputActivation : activation, normalised);
  });
  return {
    init: stack.init,
    apply(params, input) {
      stack.require(params);
      const all = through(layers, params);
      const run = (x: tf.Tensor): tf.Tensor => (options.rowBlocks ? inRowBlocks(all, widest, x) : all(x));
      if (input.rank === 2) return run(input);
      return tf.reshape(run(tf.reshape(input, [-1, inputs])), [...input.shape.slice(0, -1), outputs]);
    },
  };
};
