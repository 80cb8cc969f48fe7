import * as tf from '@tensorflow/tfjs-core';
import type { Network, Rng, Weights } from '@troupe/core';
import { initialWeight } from '@troupe/networks';
import ndarray from 'ndarray';

/** Settings of `orthogonalMlp`. */
export interface OrthogonalMlpOptions {
  readonly inputs: number;
  readonly hidden: readonly number[];
  readonly outputs: number;
  readonly activation: 'relu' | 'tanh' | 'elu';
  /** Layer normalisation of the input and after every activation. */
  readonly layerNorm: boolean;
  /** Gain of the last kernel. */
  readonly outputGain: number;
}

const EPSILON = 1e-5;
/** Of the kernels before an activation. Saxe et al. 2014; PyTorch's `calculate_gain`. */
const gains = { relu: Math.SQRT2, tanh: 5 / 3, elu: 1 } as const;
const activations = { relu: tf.relu, tanh: tf.tanh, elu: tf.elu } as const;

/** Rows with mean 0 and variance 1. Ba et al. 2016, eq. 4, without scale and offset. Few operators, both ways. */
const normaliseRows = tf.customGrad((x, save) => {
  const centred = tf.sub(x as tf.Tensor2D, tf.mean(x as tf.Tensor2D, 1, true));
  const scale = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), EPSILON));
  const value = tf.mul(centred, scale);
  (save as (tensors: tf.Tensor[]) => void)([value, scale]);
  return {
    value,
    gradFunc: (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [y, by] = saved as [tf.Tensor, tf.Tensor];
      const along = tf.mul(y, tf.mean(tf.mul(dy, y), 1, true));
      return tf.mul(tf.sub(tf.sub(dy, tf.mean(dy, 1, true)), along), by);
    },
  };
}) as (x: tf.Tensor2D) => tf.Tensor2D;

const constant = (n: number, x: number) => ndarray(new Float32Array(n).fill(x), [n]);

/**
 * The network of PPO and its relatives: orthogonal kernels, zero biases, and optionally layer normalisation as HARL and
 * the MAPPO code have it: of the input, and after each hidden activation. [B, inputs] → [B, outputs]. Weights, layer by
 * layer: `0/scale`, `0/offset` (of what goes into the layer, where normalised), `0/kernel`, `0/bias`, `1/…`.
 *
 * Scale and offset are multiplied into the kernel and bias that follow, which is the same function with two passes over
 * the rows fewer per layer.
 */
export const orthogonalMlp = (options: OrthogonalMlpOptions): Network<tf.Tensor, tf.Tensor> => {
  const { inputs, hidden, outputs, activation, layerNorm, outputGain } = options;
  const widths = [inputs, ...hidden, outputs];
  const layers = widths.slice(1).map((width, i) => ({ from: widths[i]!, width, last: i === hidden.length }));
  return {
    init: (rng: Rng): Weights =>
      Object.fromEntries(
        layers.flatMap(({ from, width, last }, i): (readonly [string, Weights[string]])[] => {
          const gain = last ? outputGain : gains[activation];
          return [
            ...(layerNorm
              ? ([
                  [`${i}/scale`, constant(from, 1)],
                  [`${i}/offset`, constant(from, 0)],
                ] as const)
              : []),
            [`${i}/kernel`, initialWeight([from, width], 'orthogonal', rng.split(`${i}/kernel`), gain)],
            [`${i}/bias`, constant(width, 0)],
          ];
        }),
      ),
    apply(params, input) {
      let x = input as tf.Tensor2D;
      for (const [i, { from, width, last }] of layers.entries()) {
        let kernel = params[`${i}/kernel`] as tf.Tensor2D;
        let bias = params[`${i}/bias`]!;
        if (layerNorm) {
          const offset = tf.reshape<tf.Rank.R2>(params[`${i}/offset`]!, [1, from]);
          x = normaliseRows(x);
          bias = tf.add(bias, tf.reshape(tf.matMul(offset, kernel), [width]));
          kernel = tf.mul(tf.reshape(params[`${i}/scale`]!, [from, 1]), kernel);
        }
        x = tf.add(tf.matMul(x, kernel), bias);
        if (!last) x = activations[activation](x);
      }
      return x;
    },
  };
};
