import * as tf from '@tensorflow/tfjs-core';
import { adam, clipByGlobalNorm, norm, sgd, type Optimiser } from '@troupe/networks';
import { carryOf, type AtRest, type Carry } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { CommonConfig } from './settings.js';
import type { ActorCarry } from './types.js';

type Moments = Readonly<Record<string, tf.Tensor>>;

/** A role's rule of descent. */
export interface Descent {
  readonly optimiser: Optimiser<Moments>;
  readonly maxGradNorm: number | null;
}

export const descentOf = (config: CommonConfig, role: 'Actor' | 'Critic'): Descent => {
  const learningRate = config[`learningRate${role}`];
  return {
    optimiser:
      config.optimiser === 'adam' ? adam({ learningRate, epsilon: config.adamEpsilon }) : sgd({ learningRate }),
    maxGradNorm: config.maxGradNorm,
  };
};

/** One step by gradient. `rate` multiplies the step size. */
export const descend = <C extends ActorCarry>(
  carry: C,
  { optimiser, maxGradNorm }: Descent,
  rate: tf.Scalar | undefined,
  loss: (theta: tf.Tensor1D) => tf.Scalar,
): { readonly carry: C; readonly gradNorm: tf.Scalar } => {
  const theta = carry.theta as tf.Tensor1D;
  const gradient = tf.grad((at) => loss(at as tf.Tensor1D))(theta) as tf.Tensor1D;
  const gradNorm = norm(gradient);
  const updates = tf.add<tf.Scalar>(carry.updates, 1);
  const next = optimiser.update(
    theta,
    maxGradNorm === null ? gradient : clipByGlobalNorm(gradient, gradNorm, maxGradNorm),
    carry.moments ?? {},
    { updates, ...(rate && { rate }) },
  );
  return {
    carry: { ...carry, theta: next.theta, updates, ...(carry.moments && { moments: next.moments }) },
    gradNorm,
  };
};

const zeros = (shape: readonly number[]) => ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), [...shape]);

/** A carry as it begins: these weights, nothing done. */
export const initialCarry = <C extends ActorCarry>(
  theta: Float32Array,
  optimiser: Optimiser<Moments> | undefined,
  more: Readonly<Record<string, unknown>> = {},
): Carry<C> => {
  const moments = Object.entries(optimiser?.moments(theta.length) ?? {});
  return carryOf<C>({
    theta: ndarray(theta, [theta.length]),
    updates: zeros([]),
    ...(moments.length > 0 && {
      moments: Object.fromEntries(moments.map(([name, shape]) => [name, zeros(shape)])),
    }),
    ...more,
  } as unknown as AtRest<C>);
};

/** Zeros as a leaf of a carry. */
export const scalarLeaf = () => zeros([]);
