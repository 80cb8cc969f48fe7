import * as tf from '@tensorflow/tfjs-core';
import { any, positive, smooth, once, plain, loose, type KernelCase } from './case.js';

export const products: readonly KernelCase[] = [
  smooth('matMul', (a, b) => tf.matMul(a, b), any(3, 4), any(4, 5)),
  smooth('matMul, left turned', (a, b) => tf.matMul(a, b, true, false), any(4, 3), any(4, 5)),
  smooth('matMul, right turned', (a, b) => tf.matMul(a, b, false, true), any(3, 4), any(5, 4)),
  smooth('matMul, both turned', (a, b) => tf.matMul(a, b, true, true), any(4, 3), any(5, 4)),
  smooth('matMul of transposes', (a, b) => tf.matMul(tf.transpose(a), tf.transpose(b)), any(4, 3), any(5, 4)),
  smooth('matMul with bias', (a, b, c) => tf.softplus(tf.add(tf.matMul(a, b), c)), any(9, 4), any(4, 5), any(5)),
  smooth('matMul in batches', (a, b) => tf.matMul(a, b), any(2, 3, 4), any(2, 4, 5)),
  smooth('matMul in batches, turned', (a, b) => tf.matMul(a, b, true, true), any(2, 4, 3), any(2, 5, 4)),
  smooth('matMul, right factor shared', (a, b) => tf.matMul(a, b), any(2, 3, 4), any(1, 4, 5)),
  smooth('columns of a product', (a, b) => tf.slice(tf.matMul(a, b), [0, 1], [3, 2]), any(3, 4), any(4, 5)),
  once(
    'fused matMul',
    (a, b, c) => tf.fused.matMul({ a: a, b: b, bias: c, activation: 'relu' }),
    any(3, 4),
    any(4, 5),
    any(5),
  ),
  plain(
    'fused activations',
    (a, b, c) =>
      (['linear', 'elu', 'relu6', 'sigmoid', 'leakyrelu'] as const).map((activation) =>
        tf.fused.matMul({ a: a, b: b, bias: c, activation }),
      ),
    any(3, 4),
    any(4, 5),
    any(5),
  ),
  smooth('einsum', (a, b) => tf.einsum('ij,kj->ik', a, b), any(3, 4), any(5, 4)),
  smooth('einsum in batches', (a, b) => tf.einsum('bij,bjk->bik', a, b), any(2, 3, 4), any(2, 4, 3)),
  smooth('einsum of one', (a) => tf.einsum('ij->j', tf.square(a)), any(3, 4)),
  smooth('einsum to a number', (a, b) => tf.einsum('ij,ij->', a, b), any(3, 4), any(3, 4)),
  smooth('einsum that sums over an axis of one', (a, b) => tf.einsum('ijk,j->i', a, b), any(2, 3, 4), any(3)),
  loose(
    smooth(
      'conv2d, same',
      (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'same'),
      any(2, 5, 5, 2),
      any(3, 3, 2, 3),
    ),
    2e-5,
  ),
  loose(
    smooth(
      'conv2d, stride 2, valid',
      (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 2, 'valid'),
      any(2, 6, 6, 2),
      any(3, 3, 2, 3),
    ),
    2e-5,
  ),
  loose(
    smooth(
      'conv2d, stride 2, same',
      (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 2, 'same'),
      any(2, 5, 6, 2),
      any(2, 3, 2, 3),
    ),
    2e-5,
  ),
  loose(
    plain(
      'conv2d, dilated',
      (x, f) => tf.conv2d(x as tf.Tensor4D, f as tf.Tensor4D, 1, 'valid', 'NHWC', 2),
      any(2, 6, 6, 2),
      any(3, 3, 2, 3),
    ),
    2e-5,
  ),
  loose(
    plain(
      'fused conv2d',
      (x, f, b) =>
        tf.fused.conv2d({
          x: x as tf.Tensor4D,
          filter: f as tf.Tensor4D,
          strides: 1,
          pad: 'same',
          bias: b,
          activation: 'relu',
        }),
      any(2, 5, 5, 2),
      any(3, 3, 2, 3),
      any(3),
    ),
    2e-5,
  ),
  once('batchNorm', (x, m, v, o, s) => tf.batchNorm(x, m, v, o, s), any(5, 4), any(4), positive(4), any(4), any(4)),
];
