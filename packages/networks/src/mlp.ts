import type { Tensor } from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type { Network } from '@troupe/core';
import { onCpu } from './backend.js';
import { fromLayers } from './from-layers.js';
import { initialWeight, type Initialiser } from './initial.js';

/** What follows a dense layer. */
export type Activation = 'relu' | 'tanh' | 'elu' | 'sigmoid' | 'linear';

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
  /** Factor on the initial kernel of the last layer. Default 1. */
  readonly outputGain?: number;
}

/** A multi-layer perceptron [B, inputs] → [B, outputs] of dense layers. Weights: `0/kernel`, `1/bias`, `2/kernel`, …. */
export const mlp = (options: MlpOptions): Network<Tensor, Tensor> => {
  const { inputs, hidden, outputs, activation = 'relu', outputActivation = 'linear' } = options;
  const { initialiser = 'glorotUniform', outputGain = 1 } = options;
  for (const n of [inputs, ...hidden, outputs]) {
    if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`mlp: expected widths to be integers >= 1, got ${n}`);
  }
  const units = [...hidden, outputs];
  const model = onCpu(() =>
    sequential({
      layers: units.map((width, i) =>
        layers.dense({
          units: width,
          activation: i < hidden.length ? activation : outputActivation,
          kernelInitializer: 'zeros', // ours are drawn from the stream, in `init`
          ...(i === 0 && { inputShape: [inputs] }),
        }),
      ),
    }),
  );
  const network = fromLayers(model);
  // Its own weights are never read, but tfjs would keep them for good.
  for (const weight of model.weights) weight.dispose();
  return {
    apply: (params, input) => network.apply(params, input),
    init: (rng) =>
      Object.fromEntries(
        Object.entries(network.init(rng)).map(([name, weight], i) =>
          name.endsWith('kernel')
            ? [
                name,
                initialWeight(weight.shape, initialiser, rng.split(name), i === 2 * hidden.length ? outputGain : 1),
              ]
            : [name, weight],
        ),
      ),
  };
};
