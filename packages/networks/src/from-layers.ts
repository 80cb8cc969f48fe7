import './backend.js';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { LayersModel } from '@tensorflow/tfjs-layers';
import type { Network, Params, Rng, Weights } from '@troupe/core';
import ndarray from 'ndarray';
import { initialWeight, type Initialiser } from './initial.js';

/** The variable of a tfjs-layers weight, which is protected there: it is lent the parameter while the model is called. */
interface Slot {
  val: Tensor;
}

/** How a weight begins, by the name that its layer gave it. */
const usualStart = (weight: string): Initialiser => {
  if (weight === 'kernel' || weight === 'embeddings' || weight === 'depthwise_kernel') return 'glorotUniform';
  if (weight === 'recurrent_kernel') return 'orthogonal';
  if (weight === 'gamma' || weight === 'moving_variance') return 'ones';
  return 'zeros';
};

/**
 * Any tfjs-layers model with one input and one output as a `Network`: the weights are passed in, and gradients flow to
 * them. Weights are named `0/kernel`, `0/bias`, `1/kernel`, … in the order of `model.weights`; `init` draws kernels
 * Glorot-uniform (recurrent ones orthogonal) from the stream, unless `start` is `'model'`, which begins from the weights
 * that the model holds when this function is called. The model itself is never changed. Throws a TypeError for a model
 * with several inputs or outputs, or that is not built yet.
 */
export const fromLayers = (
  model: LayersModel,
  options: { readonly start?: 'random' | 'model' } = {},
): Network<Tensor, Tensor> => {
  if (model.inputs?.length !== 1 || model.outputs?.length !== 1) {
    throw new TypeError(
      `fromLayers: expected a built model with one input and one output, got ${model.inputs?.length ?? 0} inputs and ${model.outputs?.length ?? 0} outputs (a sequential model is built when its first layer has an inputShape)`,
    );
  }
  const slots = model.weights.map((weight, i) => {
    const own = weight.originalName.split('/').at(-1)!;
    const shape = weight.shape.map((n) => n!);
    return { name: `${i}/${own}`, own, shape, variable: weight as unknown as Slot };
  });
  const held: Weights | undefined =
    options.start === 'model'
      ? Object.fromEntries(
          slots.map(({ name, shape }, i) => [
            name,
            ndarray(Float32Array.from(model.weights[i]!.read().dataSync<'float32'>()), shape),
          ]),
        )
      : undefined;
  return {
    init: (rng: Rng): Weights =>
      Object.fromEntries(
        slots.map(({ name, own, shape }) => {
          const from = held?.[name];
          return [
            name,
            from ? ndarray(from.data.slice(), shape) : initialWeight(shape, usualStart(own), rng.split(name)),
          ];
        }),
      ),
    apply(params: Params, input: Tensor): Tensor {
      const originals = slots.map(({ variable }) => variable.val);
      try {
        for (const { name, variable } of slots) {
          const value = params[name];
          if (value === undefined) {
            throw new TypeError(`fromLayers: expected a weight '${name}', got ${Object.keys(params).join(', ')}`);
          }
          variable.val = value;
        }
        return model.apply(input) as Tensor;
      } finally {
        slots.forEach(({ variable }, i) => (variable.val = originals[i]!));
      }
    },
  };
};
