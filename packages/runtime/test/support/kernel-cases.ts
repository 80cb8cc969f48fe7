import * as tf from '@tensorflow/tfjs-core';

/** What an operand of a case looks like. `kind` says which numbers are meaningful. */
export interface Operand {
  readonly shape: readonly number[];
  readonly kind: 'any' | 'positive' | 'unit' | 'above1' | 'index' | 'integer' | 'bool';
}
export interface KernelCase {
  readonly name: string;
  readonly f: (...x: tf.Tensor[]) => tf.Tensor | tf.Tensor[];
  readonly operands: readonly Operand[];
  /** Whether gradients exist and are compared; with `once`, only those of first order. */
  readonly differentiable: boolean | 'once';
  /** Largest difference relative to the largest value; 2e-6 if not said. */
  readonly tolerance?: number;
}

const any = (...shape: number[]): Operand => ({ shape, kind: 'any' });
const positive = (...shape: number[]): Operand => ({ shape, kind: 'positive' });
const unit = (...shape: number[]): Operand => ({ shape, kind: 'unit' });
const above1 = (...shape: number[]): Operand => ({ shape, kind: 'above1' });
const index = (...shape: number[]): Operand => ({ shape, kind: 'index' });
const integer = (...shape: number[]): Operand => ({ shape, kind: 'integer' });
const bool = (...shape: number[]): Operand => ({ shape, kind: 'bool' });

type F = KernelCase['f'];
const smooth = (name: string, f: F, ...operands: Operand[]): KernelCase => ({
  name,
  f,
  operands,
  differentiable: true,
});
const once = (name: string, f: F, ...operands: Operand[]): KernelCase => ({
  name,
  f,
  operands,
  differentiable: 'once',
});
const plain = (name: string, f: F, ...operands: Operand[]): KernelCase => ({
  name,
  f,
  operands,
  differentiable: false,
});
const loose = (one: KernelCase, tolerance: number): KernelCase => ({ ...one, tolerance });

const unary: readonly KernelCase[] = [
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

const binary: readonly KernelCase[] = [
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

const reductions: readonly KernelCase[] = [
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

const shapes: readonly KernelCase[] = [
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

const products: readonly KernelCase[] = [
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

type Pool = Parameters<typeof tf.avgPool>[3];
/** Windows that overlap or not, that reach over the border or leave pixels out. */
const pools: readonly (readonly [name: string, size: number | [number, number], stride: number, pad: Pool])[] = [
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
const pooling: readonly KernelCase[] = pools.flatMap(([name, size, stride, pad]) => [
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

const depthwise: readonly KernelCase[] = [
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

const composed: readonly KernelCase[] = [
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

export const kernelCases: readonly KernelCase[] = [
  ...unary,
  ...binary,
  ...reductions,
  ...shapes,
  ...products,
  ...pooling,
  ...depthwise,
  ...composed,
];
