import {
  Abs,
  Acos,
  Acosh,
  Add,
  AddN,
  Asin,
  Asinh,
  Atan,
  Atan2,
  Atanh,
  Ceil,
  Cos,
  Cosh,
  Erf,
  Exp,
  Expm1,
  Floor,
  FloorDiv,
  Log,
  Log1p,
  Maximum,
  Minimum,
  Mod,
  Multiply,
  Neg,
  Pow,
  RealDiv,
  Reciprocal,
  Round,
  Rsqrt,
  Sign,
  Sin,
  Sinh,
  Sqrt,
  Square,
  SquaredDifference,
  Sub,
  Tan,
  type BinaryInputs,
  type UnaryInputs,
} from '@tensorflow/tfjs-core';
import { add, binary, cast, compare, div, form, mul, node, scalar, sub, unary, where } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { lower, lowerList } from './register.js';

/** ONNX knows these on float32 only; tfjs applies them to integers by way of floats too. */
export const inFloat = (g: Graph, x: Value, f: (x: Value) => Value): Value =>
  cast(g, f(cast(g, x, 'float32')), x.dtype);

/** tfjs adds and multiplies bools bytewise; ONNX does not, and nobody means it. */
export const numeric = (op: string, x: Value): Value => {
  if (x.dtype === 'bool') throw new Error(`${op} of bool tensors: cast them with tf.cast(x, 'float32') first`);
  return x;
};

for (const [kernel, op] of Object.entries({
  [Log]: 'Log',
  [Sqrt]: 'Sqrt',
  [Sin]: 'Sin',
  [Cos]: 'Cos',
  [Tan]: 'Tan',
  [Asin]: 'Asin',
  [Acos]: 'Acos',
  [Atan]: 'Atan',
  [Sinh]: 'Sinh',
  [Cosh]: 'Cosh',
  [Asinh]: 'Asinh',
  [Acosh]: 'Acosh',
  [Atanh]: 'Atanh',
  [Erf]: 'Erf',
  [Floor]: 'Floor',
  [Ceil]: 'Ceil',
  [Round]: 'Round',
  [Reciprocal]: 'Reciprocal',
})) {
  lower<UnaryInputs>(kernel, ({ x }, _, g) => inFloat(g, x, (v) => unary(g, op, v)));
}
/** tfjs gives floats for integers here, unlike elsewhere. */
lower<UnaryInputs>(Exp, ({ x }, _, g) => unary(g, 'Exp', cast(g, x, 'float32')));
for (const [kernel, op] of Object.entries({ [Abs]: 'Abs', [Neg]: 'Neg', [Sign]: 'Sign' })) {
  lower<UnaryInputs>(kernel, ({ x }, _, g) => unary(g, op, numeric(kernel, x)));
}
lower<UnaryInputs>(Square, ({ x }, _, g) => mul(g, numeric(Square, x), x));
lower<UnaryInputs>(Rsqrt, ({ x }, _, g) => inFloat(g, x, (v) => unary(g, 'Reciprocal', unary(g, 'Sqrt', v))));

/**
 * log(1 + x) without losing the small x: log(u) − ((u − 1) − x)/u with u = 1 + x. The correction is kept away from u = 0 and
 * u = ∞, where it would make NaN of −∞ and ∞.
 */
export const log1p = (g: Graph, x: Value): Value => {
  const one = scalar(g, 1);
  const u = add(g, x, one);
  const finite = node(g, 'Clip', [u, scalar(g, 1e-30), scalar(g, 3e38)], form('float32', x.shape));
  return sub(g, unary(g, 'Log', u), div(g, sub(g, sub(g, finite, one), x), finite));
};
lower<UnaryInputs>(Log1p, ({ x }, _, g) => inFloat(g, x, (v) => log1p(g, v)));

/** exp(x) − 1 = 2t / (1 − t) with t = tanh(x/2), exact for small x. */
lower<UnaryInputs>(Expm1, ({ x: given }, _, g) =>
  inFloat(g, given, (x) => {
    const t = unary(g, 'Tanh', mul(g, x, scalar(g, 0.5)));
    const small = div(g, mul(g, scalar(g, 2), t), sub(g, scalar(g, 1), t));
    const large = sub(g, unary(g, 'Exp', x), scalar(g, 1));
    return where(g, compare(g, 'Less', unary(g, 'Abs', x), scalar(g, 0.5)), small, large, x.shape);
  }),
);

for (const [kernel, op] of Object.entries({
  [Add]: 'Add',
  [Sub]: 'Sub',
  [Multiply]: 'Mul',
  [RealDiv]: 'Div',
  [Pow]: 'Pow',
  [Maximum]: 'Max',
  [Minimum]: 'Min',
})) {
  lower<BinaryInputs>(kernel, ({ a, b }, _, g) => binary(g, op, numeric(kernel, a), numeric(kernel, b)));
}
lowerList(AddN, (terms, _, g) => terms.reduce((a, b) => add(g, numeric(AddN, a), numeric(AddN, b))));
lower<BinaryInputs>(SquaredDifference, ({ a, b }, _, g) => {
  const d = sub(g, numeric(SquaredDifference, a), numeric(SquaredDifference, b));
  return mul(g, d, d);
});

const floorOfRatio = (g: Graph, a: Value, b: Value): Value =>
  unary(g, 'Floor', div(g, cast(g, a, 'float32'), cast(g, b, 'float32')));
lower<BinaryInputs>(FloorDiv, ({ a, b }, _, g) => cast(g, floorOfRatio(g, a, b), 'int32'));
/** a − ⌊a/b⌋·b: the sign of the divisor, as tfjs has it. */
lower<BinaryInputs>(Mod, ({ a, b }, _, g) =>
  cast(g, sub(g, cast(g, a, 'float32'), mul(g, floorOfRatio(g, a, b), cast(g, b, 'float32'))), a.dtype),
);

/** The angle of (x, y): arctan(y/x), half a turn further where x < 0, straight up or down where x = 0. */
lower<BinaryInputs>(Atan2, ({ a, b }, _, g) => {
  if (a.dtype !== 'float32') throw new Error(`atan2 of ${a.dtype} tensors: cast them with tf.cast(x, 'float32') first`);
  const [y, x] = [a, b];
  const zero = scalar(g, 0);
  const angle = unary(g, 'Atan', div(g, y, x));
  const below = compare(g, 'Less', y, zero);
  const sided = (size: number) =>
    node(g, 'Where', [below, scalar(g, -size), scalar(g, size)], form('float32', y.shape));
  const turned = where(g, compare(g, 'Less', x, zero), add(g, angle, sided(Math.PI)), angle, angle.shape);
  const upright = mul(g, unary(g, 'Sign', y), scalar(g, Math.PI / 2));
  return where(g, compare(g, 'Equal', x, zero), upright, turned, angle.shape);
});
