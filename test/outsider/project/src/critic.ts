import { layers, model, input } from '@tensorflow/tfjs-layers';
import { fromLayers } from '@troupe/networks';

/** What is known, past a hidden layer and around it: not a chain of layers, and with a normalisation in it. */
export const critic = ({ inputs }: { readonly inputs: number }) => {
  const known = input({ shape: [inputs] });
  const hidden = layers.layerNormalization().apply(layers.dense({ units: 32, activation: 'elu' }).apply(known));
  const both = layers.concatenate().apply([known, hidden as typeof known]);
  const value = layers.dense({ units: 1 }).apply(both);
  return fromLayers(model({ inputs: known, outputs: value as typeof known }));
};
