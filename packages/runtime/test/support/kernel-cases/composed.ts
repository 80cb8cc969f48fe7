import * as tf from '@tensorflow/tfjs-core';
import { any, positive, smooth, plain, type KernelCase } from './case.js';

export const composed: readonly KernelCase[] = [
  smooth(
    'layer normalisation',
    (x, s) => {
      const { mean, variance } = tf.moments(x, -1, true);
      return tf.mul(tf.div(tf.sub(x, mean), tf.sqrt(tf.add(variance, 1e-3))), s);
    },
    any(4, 6),
    any(6),
  ),
  smooth(
    'softmax cross-entropy',
    (x) => tf.neg(tf.sum(tf.mul(tf.oneHot(tf.tensor1d([0, 2, 1], 'int32'), 4, 1, 0, 'float32'), tf.logSoftmax(x)), -1)),
    any(3, 4),
  ),
  smooth(
    'losses.softmaxCrossEntropy',
    (x) => tf.losses.softmaxCrossEntropy(tf.oneHot(tf.tensor1d([0, 2, 1], 'int32'), 4, 1, 0, 'float32'), x),
    any(3, 4),
  ),
  smooth(
    'losses.softmaxCrossEntropy, of labels too, smoothed and weighted',
    (y, x, w) => tf.losses.softmaxCrossEntropy(y, x, w, 0.1),
    positive(3, 4),
    any(3, 4),
    positive(3),
  ),
  smooth('huber loss', (x, y) => tf.losses.huberLoss(x, y), any(3, 4), any(3, 4)),
  smooth(
    'multi-layer perceptron',
    (x, a, b, c) => tf.matMul(tf.relu(tf.add(tf.matMul(x, a), b)), c),
    any(8, 3),
    any(3, 6),
    any(6),
    any(6, 2),
  ),
  smooth(
    'tanh perceptron',
    (x, a, b, c) => tf.matMul(tf.tanh(tf.add(tf.matMul(x, a), b)), c),
    any(8, 3),
    any(3, 6),
    any(6),
    any(6, 2),
  ),
  smooth(
    'Gaussian log-probability',
    (x, m, s) => tf.sum(tf.sub(tf.mul(tf.square(tf.div(tf.sub(x, m), tf.exp(s))), -0.5), s), -1),
    any(4, 3),
    any(4, 3),
    any(3),
  ),
  // The gradient is that of the soft choice, not of the value: no finite difference shows it.
  plain(
    'straight-through choice',
    (x, w) => {
      const forward = (logits: tf.Tensor): tf.Tensor => {
        const soft = tf.softmax(logits);
        const hard = tf.oneHot(tf.argMax(soft, -1), 4, 1, 0, 'float32');
        const through = tf.customGrad(() => ({ value: hard, gradFunc: (dy) => [dy] }));
        return tf.mul(through(soft), w);
      };
      return [forward(x), tf.grad((logits) => tf.sum(forward(logits)))(x)];
    },
    any(3, 4),
    any(3, 4),
  ),
];
