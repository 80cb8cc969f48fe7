import * as tf from '@tensorflow/tfjs-core';
import { descend, optimiserOf, type AnyOptimiser, type Descent, type Part } from '@troupe/networks';
import { carryOf, leavesOf, type AtRest, type Carry } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { CommonConfig } from './settings.js';
import type { ActorCarry } from './types.js';

/** A role's rule of descent. */
export const descentOf = (
  config: CommonConfig,
  role: 'Actor' | 'Critic',
): Pick<Descent, 'optimiser' | 'maxGradNorm'> => ({
  optimiser: optimiserOf({ ...config, learningRate: config[`learningRate${role}`] }),
  maxGradNorm: config.maxGradNorm,
});

/** One step by gradient of a carry. `rate` multiplies the step size. */
export const descended = <C extends ActorCarry>(
  carry: C,
  descent: ReturnType<typeof descentOf>,
  rate: tf.Scalar,
  loss: (theta: tf.Tensor1D) => tf.Scalar,
): { readonly carry: C; readonly loss: tf.Scalar; readonly gradNorm: tf.Scalar } => {
  const updates = tf.add<tf.Scalar>(carry.updates, 1);
  const part: Part = { theta: carry.theta as tf.Tensor1D, moments: carry.moments ?? {} };
  const [value, gradNorm] = descend(part, { ...descent, at: { updates, rate } }, loss);
  const { theta, moments } = part;
  return { carry: { ...carry, theta, updates, ...(carry.moments && { moments }) }, loss: value, gradNorm };
};

const zeros = (shape: readonly number[]) => ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), [...shape]);

/** A carry as it begins: these weights, nothing done. */
export const initialCarry = <C extends ActorCarry>(
  theta: Float32Array,
  optimiser: AnyOptimiser | undefined,
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

/** Weights [P] of a carry: a view, valid until it is consumed. */
export const weightsOf = (carry: Carry<ActorCarry>): Float32Array => {
  const { data, offset, size } = leavesOf(carry).theta;
  return (data as Float32Array).subarray(offset, offset + size);
};
