import * as tf from '@tensorflow/tfjs-core';
import type { Params, Rng, Weights } from '@troupe/core';
import { activations, type Activation } from './activation.js';
import { initialWeight, type Initialiser } from './initial.js';
import { layerNorm, normaliseRows } from './layer-norm.js';

/** One layer: given weights, [R, from] → [R, to]. What it makes of the weights it makes once, for all rows that follow. */
export type Layer = (params: Params) => (x: tf.Tensor) => tf.Tensor;

/** Layers one after another, with these weights. */
export const through = (layers: readonly Layer[], params: Params): ((x: tf.Tensor) => tf.Tensor) => {
  const steps = layers.map((layer) => layer(params));
  return (x) => steps.reduce((y, step) => step(y), x);
};

interface Entry {
  readonly name: string;
  readonly shape: readonly number[];
  /** How it begins: drawn, or a constant value. */
  readonly start: { readonly how: Initialiser; readonly gain: number } | ((i: number) => number);
}

/** Layers as they are put together: their weights are named `0/kernel`, `1/bias`, … in the order in which they are added. */
export const layerStack = (where: string) => {
  const entries: Entry[] = [];
  const add = (own: string, shape: readonly number[], start: Entry['start']): string => {
    for (const n of shape) {
      if (!(Number.isInteger(n) && n >= 1)) {
        throw new RangeError(`${where}: expected widths to be integers >= 1, got ${String(n)}`);
      }
    }
    const name = `${entries.length}/${own}`;
    entries.push({ name, shape, start });
    return name;
  };
  const zeros = { how: 'zeros', gain: 1 } as const;
  return {
    add,
    normalised(width: number): Layer {
      const [gamma, beta] = [add('gamma', [width], { how: 'ones', gain: 1 }), add('beta', [width], zeros)];
      return (params) => (x) => layerNorm(x, params[gamma]!, params[beta]!);
    },
    /** A dense layer, after layer normalisation if wanted, whose gamma and beta are multiplied into kernel and bias. */
    dense(
      from: number,
      to: number,
      start: { readonly how: Initialiser; readonly gain: number },
      after: Activation,
      normalised = false,
    ): Layer {
      const ones = { how: 'ones', gain: 1 } as const;
      const norm = normalised && ([add('gamma', [from], ones), add('beta', [from], zeros)] as const);
      const [kernel, bias] = [add('kernel', [from, to], start), add('bias', [to], zeros)];
      const linear = (x: tf.Tensor, w: tf.Tensor, b: tf.Tensor) => activations[after](tf.add(tf.matMul(x, w), b));
      if (!norm) return (params) => (x) => linear(x, params[kernel]!, params[bias]!);
      return (params) => {
        const [gamma, beta] = [tf.reshape(params[norm[0]]!, [from, 1]), tf.reshape(params[norm[1]]!, [1, from])];
        const shift = tf.reshape(tf.matMul(beta, params[kernel]!), [to]);
        const [w, b] = [tf.mul(gamma, params[kernel]!), tf.add(params[bias]!, shift)];
        return (x) => linear(normaliseRows(x), w, b);
      };
    },
    init: (rng: Rng): Weights =>
      Object.fromEntries(
        entries.map(({ name, shape, start }) => {
          if (typeof start !== 'function') return [name, initialWeight(shape, start.how, rng.split(name), start.gain)];
          const weight = initialWeight(shape, 'zeros', rng);
          for (let i = 0; i < weight.data.length; i++) weight.data[i] = start(i);
          return [name, weight];
        }),
      ),
    /** Throws a TypeError for weights that are missing. */
    require(params: Params): void {
      for (const { name } of entries) {
        if (params[name] === undefined) {
          throw new TypeError(`${where}: expected a weight '${name}', got ${Object.keys(params).join(', ')}`);
        }
      }
    },
  };
};
