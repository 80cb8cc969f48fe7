import * as tf from '@tensorflow/tfjs-core';
import { pools } from './pooling.js';
import { any, integer, smooth, plain, loose, type KernelCase } from './case.js';

export const depthwise: readonly KernelCase[] = [
  ...pools.map(([name, size, stride, pad]) => {
    const [height, width] = typeof size === 'number' ? [size, size] : size;
    return loose(
      smooth(
        `depthwiseConv2d ${name}`,
        (x, f) => tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, stride, pad),
        any(2, 6, 7, 3),
        any(height, width, 3, 2),
      ),
      2e-5,
    );
  }),
  loose(
    plain(
      'depthwiseConv2d, dilated',
      (x, f) => tf.depthwiseConv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same', 'NHWC', 2),
      any(2, 6, 6, 2),
      any(3, 3, 2, 1),
    ),
    2e-5,
  ),
  loose(
    plain(
      'fused depthwiseConv2d',
      (x, f, b) =>
        tf.fused.depthwiseConv2d({
          x: x as tf.Tensor4D,
          filter: f as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          bias: b,
          activation: 'relu',
        }),
      any(2, 5, 5, 2),
      any(3, 3, 2, 2),
      any(4),
    ),
    2e-5,
  ),
  loose(
    smooth(
      'separableConv2d',
      (x, f, p) => tf.separableConv2d(x as tf.Tensor4D, f as tf.Tensor4D, p as tf.Tensor4D, 1, 'same'),
      any(2, 4, 4, 2),
      any(3, 3, 2, 1),
      any(1, 1, 2, 3),
    ),
    2e-5,
  ),
  loose(
    smooth(
      'conv2dTranspose',
      (x, f) => tf.conv2dTranspose(x as tf.Tensor4D, f as tf.Tensor4D, [2, 7, 7, 2], 2, 'valid'),
      any(2, 3, 3, 3),
      any(3, 3, 2, 3),
    ),
    2e-5,
  ),
  loose(
    smooth(
      'conv2d, stride 2, 1 around',
      (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 2, 1),
      any(2, 6, 7, 2),
      any(3, 3, 2, 3),
    ),
    2e-5,
  ),
  loose(
    smooth(
      'conv2d, 1 by 1, stride 3',
      (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 3, 'valid'),
      any(2, 6, 6, 2),
      any(1, 1, 2, 3),
    ),
    2e-5,
  ),
  loose(
    smooth('conv1d', (x, f) => tf.conv1d(x as tf.Tensor3D, f as tf.Tensor3D, 1, 'same'), any(2, 6, 2), any(3, 2, 3)),
    2e-5,
  ),
  ...([[7], [2, 5]] as const).flatMap((shape) => [
    plain(
      `denseBincount of rank ${shape.length}`,
      (x, w) => [
        tf.denseBincount(tf.abs(x) as tf.Tensor2D, w as tf.Tensor2D, 4),
        tf.denseBincount(tf.abs(x) as tf.Tensor2D, [], 4),
        tf.denseBincount(tf.abs(x) as tf.Tensor2D, w as tf.Tensor2D, 9),
      ],
      integer(...shape),
      any(...shape),
    ),
  ]),
  plain('denseBincount, yes or no', (x) => tf.denseBincount(tf.abs(x) as tf.Tensor2D, [], 4, true), integer(2, 5)),
  plain('bincount', (x, w) => tf.bincount(tf.abs(x) as tf.Tensor1D, w as tf.Tensor1D, 4), integer(7), any(7)),
];
