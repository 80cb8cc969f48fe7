import * as tf from '@tensorflow/tfjs-core';
import { any, index, integer, smooth, plain, type KernelCase } from './case.js';

export const shapes: readonly KernelCase[] = [
  smooth('reshape', (x) => tf.reshape(tf.square(x), [4, 3]), any(3, 4)),
  smooth('expandDims and squeeze', (x) => tf.squeeze(tf.expandDims(tf.square(x), -2)), any(3, 4)),
  smooth('transpose', (x) => tf.transpose(tf.square(x), [2, 0, 1]), any(2, 3, 4)),
  smooth('tile', (x) => tf.tile(tf.square(x), [2, 3]), any(2, 3)),
  smooth('tile in the middle', (x) => tf.tile(tf.square(x), [1, 3, 2]), any(2, 2, 1)),
  smooth('broadcastTo', (x) => tf.broadcastTo(tf.square(x), [5, 3, 4]), any(3, 1)),
  smooth(
    'pad',
    (x) =>
      tf.pad(
        tf.square(x),
        [
          [1, 2],
          [0, 1],
        ],
        0.5,
      ),
    any(2, 3),
  ),
  plain(
    'mirrorPad',
    (x) =>
      tf.mirrorPad(
        tf.square(x),
        [
          [1, 1],
          [0, 1],
        ],
        'reflect',
      ),
    any(3, 3),
  ),
  smooth('reverse', (x) => tf.reverse(tf.square(x), [1]), any(3, 4)),
  smooth('concat', (a, b) => tf.concat([tf.square(a), b], 1), any(3, 4), any(3, 2)),
  smooth('slice', (x) => tf.slice(tf.square(x), [1, 0], [2, 3]), any(3, 4)),
  plain(
    'stridedSlice',
    (x) => [tf.stridedSlice(x, [0, 1], [3, 4], [2, 1]), tf.stridedSlice(x, [2, 3], [0, 0], [-1, -2])],
    any(3, 4),
  ),
  smooth('split', (x) => tf.mul(tf.split(tf.square(x), [1, 3], 1)[1]!, 2), any(3, 4)),
  smooth(
    'split, all parts',
    (x) => {
      const [a, b, c] = tf.split(tf.square(x), 3, 0) as [tf.Tensor, tf.Tensor, tf.Tensor];
      return tf.add(tf.mul(a, b), c);
    },
    any(3, 4),
  ),
  smooth('split into one part', (x) => tf.square(tf.split(tf.square(x), [4], 1)[0]!), any(3, 4)),
  smooth('unstack into one part', (x) => tf.square(tf.unstack(tf.square(x), 1)[0]!), any(3, 1, 2)),
  smooth('stack', (a, b) => tf.stack([tf.square(a), b], 1), any(3, 4), any(3, 4)),
  smooth(
    'unstack',
    (x) => {
      const [a, b] = tf.unstack(tf.square(x), 1) as [tf.Tensor, tf.Tensor];
      return tf.mul(a, b);
    },
    any(3, 2, 2),
  ),
  plain(
    'zeros, ones, fill',
    (x) => [
      tf.add(tf.zerosLike(x), tf.onesLike(x)),
      tf.add(x, tf.fill([3, 4], 7)),
      tf.add(x, tf.range(0, 4)),
      tf.add(x, tf.linspace(0, 1, 4)),
    ],
    any(3, 4),
  ),
  smooth('gather', (x, i) => tf.gather(tf.square(x), tf.cast(i, 'int32'), 1), any(3, 4), index(5)),
  smooth('gather of rows', (x, i) => tf.gather(tf.square(x), tf.cast(i, 'int32')), any(4, 3), index(2, 2)),
  smooth('gather by row', (x, i) => tf.gather(tf.square(x), tf.cast(i, 'int32'), 1, 1), any(3, 4), index(3, 2)),
  smooth(
    'gather by row, later axis',
    (x, i) => tf.gather(tf.square(x), tf.cast(i, 'int32'), 2, 1),
    any(2, 3, 4, 2),
    index(2, 5),
  ),
  smooth('gatherND', (x, i) => tf.gatherND(tf.square(x), tf.cast(i, 'int32')), any(4, 4, 2), index(3, 2)),
  smooth('scatterND', (u, i) => tf.scatterND(tf.cast(i, 'int32'), tf.square(u), [4, 3]), any(2, 3), index(2, 1)),
  plain(
    'tensorScatterUpdate',
    (x, u, i) => tf.tensorScatterUpdate(x, tf.cast(i, 'int32'), u),
    any(4, 3),
    any(2, 3),
    index(2, 1),
  ),
  smooth(
    'unsortedSegmentSum',
    (x, i) => tf.unsortedSegmentSum(tf.square(x), tf.cast(i, 'int32') as tf.Tensor1D, 4),
    any(5, 3),
    index(5),
  ),
  plain(
    'unsortedSegmentSum, ids outside left out',
    (x, i) => tf.unsortedSegmentSum(x, tf.cast(tf.sub(i, 1), 'int32'), 2),
    any(9, 3),
    index(9),
  ),
  plain(
    'nothing in other shapes',
    (x) => {
      const none = tf.slice(x, [0, 0], [0, 4]);
      return [tf.reshape(none, [4, 0]), tf.stack([none, none]), tf.concat([tf.reshape(none, [0, 4]), x])];
    },
    any(3, 4),
  ),
  plain(
    'oneHot',
    (i) => [tf.oneHot(i, 3), tf.oneHot(i, 3, 2, -1, 'float32'), tf.oneHot(i, 4, 1, 0, 'bool')],
    integer(3, 4),
  ),
  plain('oneHot of argMax', (x) => tf.oneHot(tf.argMax(x, 1), 4, 1, 0, 'float32'), any(3, 4)),
  plain(
    'topk',
    (x) => {
      const { values, indices } = tf.topk(x, 2);
      return [values, indices];
    },
    any(3, 5),
  ),
];
