import {
  Cast,
  Equal,
  Greater,
  GreaterEqual,
  IsFinite,
  IsInf,
  IsNan,
  Less,
  LessEqual,
  LogicalAnd,
  LogicalNot,
  LogicalOr,
  NotEqual,
  Select,
  type BinaryInputs,
  type CastAttrs,
  type SelectInputs,
  type UnaryInputs,
} from '@tensorflow/tfjs-core';
import { binary, cast, compare, form, node, not, reshape, where } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Dtype, Value } from '../graph/value.js';
import { lower } from './register.js';

/** ONNX orders numbers only. */
const ordered = (g: Graph, x: Value): Value => (x.dtype === 'bool' ? cast(g, x, 'int32') : x);

for (const [kernel, op] of Object.entries({
  [Greater]: 'Greater',
  [GreaterEqual]: 'GreaterOrEqual',
  [Less]: 'Less',
  [LessEqual]: 'LessOrEqual',
})) {
  lower<BinaryInputs>(kernel, ({ a, b }, _, g) => compare(g, op, ordered(g, a), ordered(g, b)));
}
lower<BinaryInputs>(Equal, ({ a, b }, _, g) => compare(g, 'Equal', a, b));
lower<BinaryInputs>(NotEqual, ({ a, b }, _, g) => not(g, compare(g, 'Equal', a, b)));
lower<BinaryInputs>(LogicalAnd, ({ a, b }, _, g) => binary(g, 'And', a, b));
lower<BinaryInputs>(LogicalOr, ({ a, b }, _, g) => binary(g, 'Or', a, b));
lower<UnaryInputs>(LogicalNot, ({ x }, _, g) => not(g, x));

const test = (g: Graph, op: string, x: Value): Value => node(g, op, [cast(g, x, 'float32')], form('bool', x.shape));
lower<UnaryInputs>(IsNan, ({ x }, _, g) => test(g, 'IsNaN', x));
lower<UnaryInputs>(IsInf, ({ x }, _, g) => test(g, 'IsInf', x));
lower<UnaryInputs>(IsFinite, ({ x }, _, g) => not(g, binary(g, 'Or', test(g, 'IsNaN', x), test(g, 'IsInf', x))));

lower<UnaryInputs, CastAttrs>(Cast, ({ x }, { dtype }, g) => {
  if (dtype !== 'float32' && dtype !== 'int32' && dtype !== 'bool') throw new Error(`cast to ${dtype} is not possible`);
  return cast(g, x, dtype satisfies Dtype);
});

lower<SelectInputs>(Select, ({ condition, t, e }, _, g) => {
  // A condition of rank 1 chooses whole rows.
  const chooses =
    condition.shape.length === 1 && t.shape.length > 1
      ? reshape(g, condition, [condition.shape[0]!, ...t.shape.slice(1).map(() => 1)])
      : condition;
  if (t.dtype !== 'bool') return where(g, chooses, t, e, t.shape);
  const pick = where(g, chooses, cast(g, t, 'int32'), cast(g, e, 'int32'), t.shape);
  return cast(g, pick, 'bool');
});
