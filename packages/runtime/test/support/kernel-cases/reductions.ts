import * as tf from '@tensorflow/tfjs-core';
import { any, integer, bool, smooth, once, plain, type KernelCase } from './case.js';

export const reductions: readonly KernelCase[] = [
  ...(['sum', 'mean', 'max', 'min'] as const).flatMap((name) => [
    smooth(`${name} over all`, (x) => tf[name](tf.square(x)), any(3, 4)),
    smooth(`${name} over the first`, (x) => tf[name](tf.square(x), 0), any(9, 4)),
    smooth(`${name} over two, kept`, (x) => tf[name](tf.square(x), [0, 2], true), any(2, 3, 4)),
    smooth(`${name} over the last`, (x) => tf[name](tf.square(x), -1), any(2, 3, 4)),
    smooth(`${name} over extent 1`, (x) => tf[name](tf.square(x), [0, 1]), any(1, 12, 4)),
  ]),
  once('prod', (x) => tf.prod(x, 1), any(3, 4)),
  once('prod over all', (x) => tf.prod(x), any(2, 3)),
  plain('sum of bools', (x) => tf.sum(x, 1), bool(3, 4)),
  plain('sum and max of integers', (x) => [tf.sum(x, 1), tf.max(x)], integer(3, 4)),
  plain('all and any', (x) => [tf.all(x, 1), tf.any(x, 1), tf.all(x), tf.any(x)], bool(3, 4)),
  plain('argMax and argMin', (x) => [tf.argMax(x, 1), tf.argMin(x, 0), tf.argMax(x, -1)], any(3, 4)),
  smooth('cumsum', (x) => tf.cumsum(tf.square(x), 0), any(4, 3)),
  smooth('cumsum, exclusive, reversed', (x) => tf.cumsum(tf.square(x), 0, true, true), any(4, 3)),
  plain(
    'cumprod',
    (x) => [tf.cumprod(x, 1), tf.cumprod(x, 1, true), tf.cumprod(x, 1, false, true), tf.cumprod(x, 1, true, true)],
    any(3, 5),
  ),
  smooth('logSumExp', (x) => tf.logSumExp(x, 1), any(3, 4)),
  smooth('softmax', (x) => tf.softmax(x), any(3, 4)),
  smooth('logSoftmax', (x) => tf.logSoftmax(x), any(3, 4)),
  plain(
    'moments',
    (x) => {
      const { mean, variance } = tf.moments(x, 0);
      return [mean, variance];
    },
    any(5, 4),
  ),
  smooth('variance', (x) => tf.moments(x, 0).variance, any(5, 4)),
  smooth('norm', (x) => tf.norm(x, 2, 1), any(3, 4)),
];
