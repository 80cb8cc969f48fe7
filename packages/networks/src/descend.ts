import * as tf from '@tensorflow/tfjs-core';
import { adam, clipByGlobalNorm, clipPerTensor, norm, sgd, type AnyOptimiser, type Moment } from './optimiser.js';
import type { Part } from './role.js';

/** The optimiser that settings name. */
export const optimiserOf = (settings: {
  /** The rule. */
  readonly optimiser: 'adam' | 'sgd';
  /** Of either rule. */
  readonly learningRate: number;
  /** ε, of Adam only. */
  readonly adamEpsilon: number;
}): AnyOptimiser => {
  const { optimiser, learningRate, adamEpsilon: epsilon } = settings;
  return optimiser === 'adam' ? adam({ learningRate, epsilon }) : sgd({ learningRate });
};

/** How a gradient becomes a step. */
export interface Descent {
  /** The rule. */
  readonly optimiser: AnyOptimiser;
  /** Which update it is. */
  readonly at: Moment;
  /** Gradients are scaled down to this norm; null: never. */
  readonly maxGradNorm: number | null;
  /** Sizes of the weights, to clip each by itself; without them, the norm is that of all of θ. */
  readonly clipEach?: readonly number[];
}

/**
 * One step of gradient descent: replaces θ and the moments of `part`. Returns the loss [] and the norm of the gradient
 * before clipping [].
 */
export const descend = (
  part: Part,
  { optimiser, at, maxGradNorm, clipEach }: Descent,
  loss: (theta: tf.Tensor1D) => tf.Scalar,
): readonly [loss: tf.Scalar, gradNorm: tf.Scalar] => {
  const { value, grad } = tf.valueAndGrad((theta: tf.Tensor) => loss(theta as tf.Tensor1D))(part.theta);
  const raw = grad as tf.Tensor1D;
  const length = norm(raw);
  let gradient = raw;
  if (maxGradNorm !== null) {
    gradient = clipEach ? clipPerTensor(raw, clipEach, maxGradNorm) : clipByGlobalNorm(raw, length, maxGradNorm);
  }
  const next = optimiser.update(part.theta, gradient, part.moments, at);
  part.theta = next.theta;
  part.moments = next.moments;
  return [value, length];
};
