import {
  ClipByValue,
  Elu,
  EluGrad,
  LeakyRelu,
  LogSoftmax,
  Prelu,
  Relu,
  Relu6,
  Selu,
  Sigmoid,
  Softmax,
  Softplus,
  Step,
  Tanh,
  type ClipByValueAttrs,
  type EluGradInputs,
  type LeakyReluAttrs,
  type LogSoftmaxAttrs,
  type LogSoftmaxInputs,
  type PreluInputs,
  type SoftmaxAttrs,
  type SoftmaxInputs,
  type StepAttrs,
  type UnaryInputs,
} from '@tensorflow/tfjs-core';
import { add, broadcast, cast, compare, form, mul, node, scalar, unary, where } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { inFloat, numeric } from './elementwise.js';
import { lower } from './register.js';

for (const [kernel, op] of Object.entries({
  [Relu]: 'Relu',
  [Elu]: 'Elu',
  [Selu]: 'Selu',
  [Sigmoid]: 'Sigmoid',
  [Tanh]: 'Tanh',
})) {
  lower<UnaryInputs>(kernel, ({ x }, _, g) => inFloat(g, x, (v) => unary(g, op, v)));
}

const clip = (g: Graph, x: Value, low: number, high: number): Value =>
  node(g, 'Clip', [x, g.full(x.dtype, [], low), g.full(x.dtype, [], high)], form(x.dtype, x.shape));
lower<UnaryInputs>(Relu6, ({ x }, _, g) => inFloat(g, x, (v) => clip(g, v, 0, 6)));
lower<UnaryInputs, ClipByValueAttrs>(ClipByValue, ({ x }, { clipValueMin, clipValueMax }, g) =>
  clip(g, numeric(ClipByValue, x), clipValueMin, clipValueMax),
);
/** Floats for integers too, as tfjs gives them for these two. */
const leaky = (g: Graph, x: Value, alpha: number): Value =>
  unary(g, 'LeakyRelu', cast(g, x, 'float32'), { alpha: { float: alpha } });
lower<UnaryInputs, LeakyReluAttrs>(LeakyRelu, ({ x }, { alpha }, g) => leaky(g, x, alpha));
const prelu = (g: Graph, x: Value, alpha: Value): Value => {
  // Throws, and says so, where alpha does not fit: ONNX fails only when it runs.
  broadcast(x, alpha);
  return node(g, 'PRelu', [cast(g, x, 'float32'), cast(g, alpha, 'float32')], form('float32', x.shape));
};
lower<PreluInputs>(Prelu, ({ x, alpha }, _, g) => prelu(g, x, alpha));

/** log(1 + e^x) as max(x, 0) + log(1 + e^−|x|): never overflows, and faster than ONNX Runtime's own on large tensors. */
lower<UnaryInputs>(Softplus, ({ x: given }, _, g) =>
  inFloat(g, given, (x) => {
    const tail = unary(g, 'Exp', unary(g, 'Neg', unary(g, 'Abs', x)));
    return add(g, unary(g, 'Relu', x), unary(g, 'Log', add(g, tail, scalar(g, 1))));
  }),
);

/** 1 where x > 0, else alpha: the derivative of relu and of its leaky kind. */
lower<UnaryInputs, Partial<StepAttrs>>(Step, ({ x }, { alpha = 0 }, g) => {
  const positive = compare(g, 'Greater', numeric(Step, x), g.full(x.dtype, [], 0));
  return alpha === 0 ? cast(g, positive, x.dtype) : where(g, positive, scalar(g, 1), scalar(g, alpha), x.shape);
});
/** dy · (min(y, 0) + 1), as elu'(x) = e^x = y + 1 below 0. */
lower<EluGradInputs>(EluGrad, ({ dy, y }, _, g) =>
  mul(g, dy, add(g, node(g, 'Min', [y, scalar(g, 0)], form('float32', y.shape)), scalar(g, 1))),
);

lower<SoftmaxInputs, SoftmaxAttrs>(Softmax, ({ logits }, { dim }, g) => unary(g, 'Softmax', logits, { axis: dim }));
lower<LogSoftmaxInputs, LogSoftmaxAttrs>(LogSoftmax, ({ logits }, { axis }, g) =>
  unary(g, 'LogSoftmax', logits, { axis }),
);

/** The activation that tfjs fuses into matrix products and convolutions. */
export const fusedActivation = (
  g: Graph,
  x: Value,
  {
    activation = 'linear',
    leakyreluAlpha = 0.2,
    weights,
  }: {
    readonly activation?: string | undefined;
    readonly leakyreluAlpha?: number | undefined;
    readonly weights?: Value | undefined;
  },
): Value => {
  switch (activation) {
    case 'linear':
      return x;
    case 'relu':
      return unary(g, 'Relu', x);
    case 'elu':
      return unary(g, 'Elu', x);
    case 'sigmoid':
      return unary(g, 'Sigmoid', x);
    case 'tanh':
      return unary(g, 'Tanh', x);
    case 'relu6':
      return clip(g, x, 0, 6);
    case 'leakyrelu':
      return leaky(g, x, leakyreluAlpha);
    case 'prelu':
      if (weights) return prelu(g, x, weights);
      throw new Error('fused activation prelu without its weights');
    default:
      throw new Error(`fused activation ${activation} has no translation to ONNX`);
  }
};
