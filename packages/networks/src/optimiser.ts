import * as tf from '@tensorflow/tfjs-core';

/** When an update happens. Time is an argument: it is counted outside, once for all that is updated together. */
export interface Moment {
  /** [] number of this update: 1 for the first. */
  readonly updates: tf.Scalar;
  /** [] multiplies the learning rate: what a schedule says at the moment. Without it, 1. */
  readonly rate?: tf.Scalar;
}

/** A first-order method on a flat vector θ [P]: a pure pair. The moments are part of the carry. */
export interface Optimiser<M extends Readonly<Record<string, tf.Tensor>>> {
  /** Sizes of the moments for P parameters; all begin at zero. */
  moments(size: number): { readonly [K in keyof M]: readonly number[] };
  /** One step: new weights [P] and moments. */
  update(
    theta: tf.Tensor1D,
    gradient: tf.Tensor1D,
    moments: M,
    at: Moment,
  ): { readonly theta: tf.Tensor1D; readonly moments: M };
}

/** An optimiser whatever its moments are. */
export type AnyOptimiser = Optimiser<Readonly<Record<string, tf.Tensor>>>;

/** Running means of the gradient and its square, [P] each. */
export interface AdamMoments extends Readonly<Record<string, tf.Tensor>> {
  /** Of the gradient. */
  readonly m: tf.Tensor1D;
  /** Of its square. */
  readonly v: tf.Tensor1D;
}

/**
 * 1 − βᵗ for a scalar t and some β, without cancellation: βᵗ is near 1 in the first updates, where 1 − βᵗ in float32 would
 * lose four digits. expm1(x) = 2 tanh(x/2) / (1 − tanh(x/2)).
 */
export const oneMinusPowers = (betas: readonly number[], t: tf.Scalar): readonly tf.Scalar[] => {
  const half = tf.tanh(tf.mul(t, tf.tensor1d(betas.map((beta) => Math.log(beta) / 2))));
  const powers = tf.div<tf.Tensor1D>(tf.mul(half, -2), tf.sub(1, half));
  return tf.split(powers, betas.length).map((power) => tf.reshape<tf.Rank.R0>(power, []));
};

const scaled = <T extends tf.Tensor>(rate: T, scale: tf.Scalar | undefined): T =>
  scale === undefined ? rate : tf.mul(rate, scale);

/** Adam. Kingma and Ba 2015, algorithm 1: ε is added outside the root, after the bias correction. */
export const adam = (options: {
  /** α. */
  readonly learningRate: number;
  /** Decay of the mean of gradients. Default 0.9. */
  readonly beta1?: number;
  /** Decay of the mean of their squares. Default 0.999. */
  readonly beta2?: number;
  /** Default 1e-8. */
  readonly epsilon?: number;
}): Optimiser<AdamMoments> => {
  const { learningRate, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8 } = options;
  return {
    moments: (size) => ({ m: [size], v: [size] }),
    update(theta, gradient, moments, { updates, rate: scale }) {
      const m = tf.add<tf.Tensor1D>(tf.mul(moments.m, beta1), tf.mul(gradient, 1 - beta1));
      const v = tf.add<tf.Tensor1D>(tf.mul(moments.v, beta2), tf.mul(tf.square(gradient), 1 - beta2));
      // lr · m̂ / (√v̂ + ε) with the corrections as scalars: two operations on vectors fewer.
      const [correction1, correction2] = oneMinusPowers([beta1, beta2], updates) as [tf.Scalar, tf.Scalar];
      const root = tf.sqrt(correction2);
      const rate = scaled(tf.div(tf.mul(root, learningRate), correction1), scale);
      const step = tf.mul(tf.div(m, tf.add(tf.sqrt(v), tf.mul(root, epsilon))), rate);
      return { theta: tf.sub(theta, step), moments: { m, v } };
    },
  };
};

/** Plain stochastic gradient descent. */
export const sgd = (options: { readonly learningRate: number }): Optimiser<Record<string, never>> => ({
  moments: () => ({}),
  update: (theta, gradient, moments, { rate: scale }) => ({
    theta: tf.sub(theta, scaled(tf.mul(gradient, options.learningRate), scale)),
    moments,
  }),
});

/** L2 norm of a vector. */
export const norm = (x: tf.Tensor): tf.Scalar => tf.sqrt<tf.Scalar>(tf.sum(tf.square(x)));

const scaleTo = (gradient: tf.Tensor1D, length: tf.Scalar, max: number): tf.Tensor1D =>
  tf.mul(gradient, tf.minimum(tf.div(max, tf.add(length, 1e-6)), 1));

/** Scales the whole gradient down to norm `max`. Pascanu et al. 2013; 1e-6 is added to the norm, as PyTorch does. */
export const clipByGlobalNorm = (gradient: tf.Tensor1D, length: tf.Scalar, max: number): tf.Tensor1D =>
  scaleTo(gradient, length, max);

/** Scales the gradient of each weight by itself down to norm `max`, as the MADDPG authors' code does. */
export const clipPerTensor = (gradient: tf.Tensor1D, sizes: readonly number[], max: number): tf.Tensor1D =>
  tf.concat1d(tf.split<tf.Tensor1D>(gradient, [...sizes]).map((part) => scaleTo(part, norm(part), max)));

/** θ' ← θ' + τ (θ − θ'). Lillicrap et al. 2016. */
export const polyak = (target: tf.Tensor1D, online: tf.Tensor1D, tau: number): tf.Tensor1D =>
  tf.add(tf.mul(target, 1 - tau), tf.mul(online, tau));
