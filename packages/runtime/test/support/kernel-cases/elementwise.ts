import * as tf from '@tensorflow/tfjs-core';
import { any, positive, unit, above1, integer, bool, smooth, plain, type KernelCase } from './case.js';

export const unary: readonly KernelCase[] = [
  ...(
    [
      'abs',
      'exp',
      'neg',
      'sigmoid',
      'tanh',
      'sin',
      'cos',
      'atan',
      'sinh',
      'cosh',
      'asinh',
      'erf',
      'square',
      'relu',
      'elu',
      'selu',
      'softplus',
      'expm1',
      'relu6',
    ] as const
  ).map((name) => smooth(name, (x) => tf[name](x), any(3, 4))),
  ...(['log', 'sqrt', 'rsqrt', 'reciprocal', 'log1p'] as const).map((name) =>
    smooth(name, (x) => tf[name](x), positive(3, 4)),
  ),
  ...(['asin', 'acos', 'atanh', 'tan'] as const).map((name) => smooth(name, (x) => tf[name](x), unit(5))),
  smooth('acosh', (x) => tf.acosh(x), above1(5)),
  ...(['floor', 'ceil', 'round', 'sign'] as const).map((name) => plain(name, (x) => tf[name](x), any(3, 4))),
  smooth('leakyRelu', (x) => tf.leakyRelu(x, 0.1), any(3, 4)),
  smooth('prelu', (x, a) => tf.prelu(x, a), any(3, 4), positive(4)),
  smooth('clip', (x) => tf.clipByValue(x, -0.8, 0.9), any(3, 4)),
  plain('step', (x) => tf.step(x), any(3, 4)),
  plain('step with slope', (x) => tf.step(x, 0.3), any(3, 4)),
  plain('exp of integers', (x) => tf.exp(x), integer(5)),
  plain('abs of integers', (x) => tf.abs(x), integer(5)),
  plain('softplus and relu6 of integers', (x) => [tf.softplus(x), tf.relu6(x)], integer(5)),
  plain('leakyRelu of integers gives floats', (x) => tf.leakyRelu(x, 0.1), integer(5)),
  plain(
    'log1p of −1 and of ∞',
    (x) => {
      const zero = tf.mul(tf.abs(x), 0);
      return [tf.exp(tf.log1p(tf.sub(zero, 1))), tf.exp(tf.neg(tf.log1p(tf.div(tf.abs(x), zero))))];
    },
    any(5),
  ),
  plain('isNaN', (x) => tf.isNaN(tf.div(x, tf.zerosLike(x))), any(5)),
  plain('isInf', (x) => tf.isInf(tf.div(x, tf.zerosLike(x))), any(5)),
  plain('isFinite', (x) => tf.isFinite(tf.log(x)), any(6)),
  smooth('cast there and back', (x) => tf.cast(tf.cast(x, 'float32'), 'float32'), any(5)),
  plain('casts', (x) => [tf.cast(x, 'int32'), tf.cast(x, 'bool')], any(7)),
  plain('cast of bools', (x) => [tf.cast(x, 'float32'), tf.cast(x, 'int32')], bool(7)),
];

export const binary: readonly KernelCase[] = [
  ...(['add', 'sub', 'mul', 'squaredDifference', 'maximum', 'minimum'] as const).flatMap((name) => [
    smooth(name, (a, b) => tf[name](a, b), any(3, 4), any(3, 4)),
    smooth(`${name}, spread`, (a, b) => tf[name](a, b), any(2, 3, 4), any(3, 1)),
    smooth(`${name}, spread both ways`, (a, b) => tf[name](a, b), any(3, 1), any(1, 4)),
    smooth(`${name} with a scalar`, (a, b) => tf[name](a, b), any(), any(3, 4)),
  ]),
  smooth('div', (a, b) => tf.div(a, b), any(3, 4), positive(4)),
  smooth('pow', (a, b) => tf.pow(a, b), positive(3, 4), any(4)),
  smooth('pow 2', (a) => tf.pow(a, 2), any(3, 4)),
  smooth('pow 3', (a) => tf.pow(a, 3), any(3, 4)),
  smooth('atan2', (a, b) => tf.atan2(a, b), any(3, 4), any(4)),
  plain('atan2 at 0', (a) => tf.atan2(a, tf.zerosLike(a)), any(5)),
  plain('mod', (a, b) => tf.mod(a, b), any(3, 4), positive(4)),
  plain('mod of integers', (a) => tf.mod(a, tf.scalar(3, 'int32')), integer(7)),
  plain('floorDiv', (a) => tf.floorDiv(a, tf.scalar(3, 'int32')), integer(7)),
  plain('arithmetic of integers', (a, b) => tf.sub(tf.mul(a, b), tf.add(a, b)), integer(4), integer(4)),
  smooth('addN', (a, b, c) => tf.addN([a, b, c]), any(3, 4), any(3, 4), any(3, 4)),
  ...(['greater', 'greaterEqual', 'less', 'lessEqual', 'equal', 'notEqual'] as const).flatMap((name) => [
    plain(name, (a, b) => tf[name](a, b), any(3, 4), any(4)),
    plain(`${name} of integers`, (a, b) => tf[name](a, b), integer(3, 4), integer(4)),
    plain(`${name} of bools`, (a, b) => tf[name](a, b), bool(3, 4), bool(4)),
  ]),
  plain(
    'logical',
    (a, b) => [tf.logicalAnd(a, b), tf.logicalOr(a, b), tf.logicalNot(a), tf.logicalXor(a, b)],
    bool(3, 4),
    bool(3, 4),
  ),
  smooth('where', (a, b) => tf.where(tf.greater(a, b), tf.square(a), tf.mul(b, 3)), any(3, 4), any(3, 4)),
  smooth('where, spread', (c, a, b) => tf.where(tf.greater(c, 0), a, b), any(3, 1), any(3, 4), any(4)),
  plain('where of bools', (c, a, b) => tf.where(c, a, b), bool(5), bool(5), bool(5)),
  plain('where of integers', (c, a, b) => tf.where(c, a, b), bool(5), integer(5), integer(5)),
];
