import {
  All,
  Any,
  ArgMax,
  ArgMin,
  Cumprod,
  Cumsum,
  Max,
  Mean,
  Min,
  Prod,
  Sum,
  util,
  type AllAttrs,
  type AnyAttrs,
  type ArgMaxAttrs,
  type ArgMinAttrs,
  type CumprodAttrs,
  type CumsumAttrs,
  type MaxAttrs,
  type MeanAttrs,
  type MinAttrs,
  type ProdAttrs,
  type SumAttrs,
  type UnaryInputs,
} from '@tensorflow/tfjs-core';
import { cast, concat, form, mul, node, reduce, slice } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { lower } from './register.js';
import { reversed } from './shape.js';

/** Which axes tfjs means: none given means all, negative ones count from the end. */
export const axesOf = (axis: number | number[] | null | undefined, x: Value): number[] =>
  axis === null || axis === undefined ? x.shape.map((_, i) => i) : util.parseAxisParam(axis, [...x.shape]);
const whole = (g: Graph, x: Value): Value => (x.dtype === 'bool' ? cast(g, x, 'int32') : x);

lower<UnaryInputs, SumAttrs>(Sum, ({ x }, { axis, keepDims }, g) =>
  reduce(g, 'ReduceSum', whole(g, x), axesOf(axis, x), keepDims),
);
lower<UnaryInputs, MeanAttrs>(Mean, ({ x }, { axis, keepDims }, g) =>
  reduce(g, 'ReduceMean', cast(g, x, 'float32'), axesOf(axis, x), keepDims),
);
lower<UnaryInputs, MaxAttrs>(Max, ({ x }, { reductionIndices, keepDims }, g) =>
  cast(g, reduce(g, 'ReduceMax', whole(g, x), axesOf(reductionIndices, x), keepDims), x.dtype),
);
lower<UnaryInputs, MinAttrs>(Min, ({ x }, { axis, keepDims }, g) =>
  cast(g, reduce(g, 'ReduceMin', whole(g, x), axesOf(axis, x), keepDims), x.dtype),
);
lower<UnaryInputs, ProdAttrs>(Prod, ({ x }, { axis, keepDims }, g) =>
  reduce(g, 'ReduceProd', whole(g, x), axesOf(axis, x), keepDims),
);
lower<UnaryInputs, AllAttrs>(All, ({ x }, { axis, keepDims }, g) =>
  cast(g, reduce(g, 'ReduceMin', cast(g, x, 'int32'), axesOf(axis, x), keepDims), 'bool'),
);
lower<UnaryInputs, AnyAttrs>(Any, ({ x }, { axis, keepDims }, g) =>
  cast(g, reduce(g, 'ReduceMax', cast(g, x, 'int32'), axesOf(axis, x), keepDims), 'bool'),
);

const arg = (g: Graph, op: string, x: Value, given: number): Value => {
  const [axis = 0] = axesOf(given, x);
  const shape = x.shape.filter((_, i) => i !== axis);
  return cast(g, node(g, op, [whole(g, x)], form('int64', shape), { axis, keepdims: 0 }), 'int32');
};
lower<UnaryInputs, ArgMaxAttrs>(ArgMax, ({ x }, { axis }, g) => arg(g, 'ArgMax', x, axis));
lower<UnaryInputs, ArgMinAttrs>(ArgMin, ({ x }, { axis }, g) => arg(g, 'ArgMin', x, axis));

lower<UnaryInputs, CumsumAttrs>(Cumsum, ({ x: given }, { axis: of, exclusive, reverse }, g) => {
  const x = whole(g, given);
  const [axis = 0] = axesOf(of, x);
  const over = g.constant('int64', [], BigInt64Array.of(BigInt(axis)));
  return node(g, 'CumSum', [x, over], form(x.dtype, x.shape), {
    exclusive: exclusive ? 1 : 0,
    reverse: reverse ? 1 : 0,
  });
});

/** ONNX has no cumulative product: log₂ n rounds of multiplying by the partial product that lies 1, 2, 4, … further back. */
lower<UnaryInputs, CumprodAttrs>(Cumprod, ({ x: given }, { axis: of, exclusive, reverse }, g) => {
  const x = whole(g, given);
  const [axis = 0] = axesOf(of, x);
  const length = x.shape[axis] ?? 1;
  const later = (v: Value, by: number): Value => {
    const sizes = (n: number) => v.shape.map((d, i) => (i === axis ? n : d));
    const ones = g.full(v.dtype, sizes(Math.min(by, length)), 1);
    return by >= length
      ? ones
      : concat(
          g,
          [
            ones,
            slice(
              g,
              v,
              v.shape.map(() => 0),
              sizes(length - by),
            ),
          ],
          axis,
        );
  };
  let product = reverse ? reversed(g, x, [axis]) : x;
  if (exclusive) product = later(product, 1);
  for (let by = 1; by < length; by *= 2) product = mul(g, product, later(product, by));
  return reverse ? reversed(g, product, [axis]) : product;
});
