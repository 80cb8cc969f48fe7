import * as tf from '@tensorflow/tfjs-core';
import { carryOf, type Carry, type Step } from '@troupe/runtime';
import ndarray from 'ndarray';
import { numbers } from './numbers.js';

/** A small step with state: one step of gradient descent on a linear model. */
export type Weights = { readonly w: tf.Tensor; readonly b: tf.Tensor };
export type Rows = { readonly x: tf.Tensor; readonly y: tf.Tensor };
export type Loss = { readonly loss: tf.Tensor };
export const descend: Step<Weights, Rows, Loss> = ({ w, b }, { x, y }) => {
  const loss = (...[w, b]: tf.Tensor[]): tf.Tensor =>
    tf.mean(tf.square(tf.sub(tf.add(tf.matMul(x as tf.Tensor2D, w as tf.Tensor2D), b!), y)));
  const { value, grads } = tf.valueAndGrads(loss)([w, b]);
  return {
    carry: { w: tf.sub(w, tf.mul(grads[0]!, 0.1)), b: tf.sub(b, tf.mul(grads[1]!, 0.1)) },
    output: { loss: value },
  };
};
export const start = (): Carry<Weights> =>
  carryOf<Weights>({ w: ndarray(numbers(6, 1), [3, 2]), b: ndarray(numbers(2, 2), [2]) });
export const rows = (n = 4) => ({ x: ndarray(numbers(n * 3, 3), [n, 3]), y: ndarray(numbers(n * 2, 4), [n, 2]) });
