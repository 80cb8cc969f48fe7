import { add, concat, node, reshape, transpose } from '../graph/emit.js';
import type { Graph, Rule } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { sameShape, sizeOf } from '../rest.js';
import { binaryOps } from './elementwise.js';

/** Rows from which on another form of an operator is worth the operators that it needs besides. */
const manyRows = 64;
/** Columns up to which ONNX Runtime takes rows one by one where it could take them all at once. */
const fewColumns = 16;

/**
 * A single number beside a column [n, 1]: ONNX Runtime would go through the rows one by one, five times slower than
 * through the same numbers as a vector [n].
 */
export const columnsAsVectors: Rule = {
  name: 'columns as vectors',
  ops: binaryOps,
  apply: ({ op, inputs, attributes, forms }, g) => {
    const { dtype, shape } = forms[0]!;
    const size = sizeOf(shape);
    if (shape.length < 2 || shape.at(-1) !== 1 || size < manyRows) return undefined;
    const single = inputs.findIndex((x) => sizeOf(x!.shape) === 1);
    if (single < 0 || !sameShape(inputs[1 - single]!.shape, shape)) return undefined;
    const flat = inputs.map((x, i) => reshape(g, x!, i === single ? [] : [size]));
    return reshape(g, node(g, op, flat, { dtype, shape: [size] }, attributes), shape);
  },
};

/** One number per row, or one row, written out as [n, k]. */
const spread = (g: Graph, x: Value, rows: number, columns: number): Value =>
  x.shape.at(-1) === 1
    ? concat(
        g,
        Array.from({ length: columns }, () => reshape(g, x, [rows, 1])),
        1,
      )
    : node(
        g,
        'Gemm',
        [g.full('float32', [rows, 1], 1), reshape(g, x, [1, columns])],
        { dtype: 'float32', shape: [rows, columns] },
        { transA: 0, transB: 0 },
      );

/**
 * [n, 1] or [k] beside a narrow [n, k]: written out first, so that the operator sees two operands of one form. ONNX
 * Runtime is three times slower where it has to spread one of them over a few columns.
 */
export const narrowRows: Rule = {
  name: 'narrow rows',
  ops: binaryOps,
  apply: ({ op, inputs, attributes, forms }, g) => {
    const { shape } = forms[0]!;
    const columns = shape.at(-1) ?? 1;
    const rows = sizeOf(shape) / columns;
    if (columns < 2 || columns > fewColumns || rows < manyRows) return undefined;
    const small = inputs.findIndex((x) => !sameShape(x!.shape, shape));
    if (small < 0 || inputs.some((x, i) => x!.dtype !== 'float32' || (i !== small && !sameShape(x!.shape, shape)))) {
      return undefined;
    }
    const size = sizeOf(inputs[small]!.shape);
    const last = inputs[small]!.shape.at(-1);
    if (!(size === rows && last === 1) && !(size === columns && last === columns)) return undefined;
    const full = inputs.map((x, i) => (i === small ? reshape(g, spread(g, x!, rows, columns), shape) : x));
    return node(g, op, full, forms[0]!, attributes);
  },
};

/**
 * Aᵀ·B with few columns in B as (Bᵀ·A)ᵀ: what has to be turned is the narrow one. Twice as fast. Not a Gemm: ONNX Runtime
 * would turn that back.
 */
export const thinProducts: Rule = {
  name: 'thin products',
  ops: ['Gemm'],
  apply: ({ inputs, attributes, forms }, g) => {
    const [a, b, rest] = inputs;
    const [rows, columns] = forms[0]!.shape as [number, number];
    const fits = attributes['transA'] === 1 && attributes['transB'] === 0;
    if (!fits || columns < 2 || columns > fewColumns || rows < 2 * columns || a!.shape[0]! < manyRows) return undefined;
    const turned = node(
      g,
      'FusedMatMul',
      [b!, a!],
      { dtype: 'float32', shape: [columns, rows] },
      { transA: 1, transB: 0 },
      'com.microsoft',
    );
    const product = transpose(g, turned, [1, 0]);
    return rest ? add(g, product, rest) : product;
  },
};
