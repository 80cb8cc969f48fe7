import * as tf from '@tensorflow/tfjs-core';
import { any, smooth, once, type KernelCase } from './case.js';

type Pool = Parameters<typeof tf.avgPool>[3];
/** Windows that overlap or not, that reach over the border or leave pixels out. */
export const pools: readonly (readonly [name: string, size: number | [number, number], stride: number, pad: Pool])[] = [
  ['2, stride 2, valid', 2, 2, 'valid'],
  ['3, stride 1, same', 3, 1, 'same'],
  ['3 by 2, stride 2, same', [3, 2], 2, 'same'],
  ['2, stride 3, valid', 2, 3, 'valid'],
  ['3, stride 2, 1 around', 3, 2, 1],
];
/** Numbers of which no two are close, so that finite differences do not change which is the largest. */
const apart = (x: tf.Tensor): tf.Tensor4D => {
  const places = Float32Array.from({ length: x.size }, (_, i) => (i * 37) % x.size);
  return tf.add(tf.mul(x, 0.2), tf.tensor(places, x.shape));
};
export const pooling: readonly KernelCase[] = pools.flatMap(([name, size, stride, pad]) => [
  once(
    `maxPool ${name}`,
    (x) => {
      const largest = (t: tf.Tensor) => tf.maxPool(apart(t), size, stride, pad);
      return tf.mul(tf.sub(largest(x), largest(tf.zerosLike(x))), 5);
    },
    any(2, 6, 7, 3),
  ),
  smooth(`avgPool ${name}`, (x) => tf.avgPool(tf.square(x as tf.Tensor4D), size, stride, pad), any(2, 6, 7, 3)),
]);
