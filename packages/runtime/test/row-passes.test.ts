import { describe } from 'vitest';
import { add, matmul, mul, reduce, reshape, scalar, sub, unary } from '../src/graph/emit.js';
import type { Graph } from '../src/graph/graph.js';
import type { Value } from '../src/graph/value.js';
import { centredProducts } from '../src/passes/centred-products.js';
import { narrowMeans } from '../src/passes/narrow-means.js';
import { narrowSide } from '../src/passes/narrow-side.js';
import { normalisedRows } from '../src/passes/normalised-rows.js';
import { removedParts } from '../src/passes/removed-parts.js';
import { itRewrites } from './support/rewrites.js';

const column = (row: Value, g: Graph): Value => reshape(g, row, [row.shape[0]!, 1]);

/** Rows less their mean, and one over their deviation. */
const normalised = (g: Graph, x: Value): Readonly<Record<'centred' | 'scale', Value>> => {
  const centred = sub(g, x, column(reduce(g, 'ReduceMean', x, [1], false), g));
  const variance = reduce(g, 'ReduceMean', mul(g, centred, centred), [1], false);
  const scale = column(unary(g, 'Reciprocal', unary(g, 'Sqrt', add(g, variance, scalar(g, 1e-5)))), g);
  return { centred, scale };
};

/** Rows less their part along others. */
const removed = (g: Graph, a: Value, y: Value): Value =>
  sub(g, a, mul(g, y, column(reduce(g, 'ReduceMean', mul(g, a, y), [1], false), g)));

describe('rewrites of rows', () => {
  itRewrites([
    [
      'centred products',
      centredProducts,
      (g, x) => {
        const product = matmul(g, x(90, 3), x(3, 5));
        return sub(g, product, reduce(g, 'ReduceMean', product, [1], true));
      },
      'Gemm ReduceMean Sub',
      'ReduceMean Sub Gemm',
    ],
    [
      'centred products that are read elsewhere stay',
      centredProducts,
      (g, x) => {
        const product = matmul(g, x(90, 3), x(3, 5));
        return [product, sub(g, product, reduce(g, 'ReduceMean', product, [1], true))];
      },
      'Gemm ReduceMean Sub',
      'Gemm ReduceMean Sub',
    ],
    [
      'centred products whose rows are scaled in between',
      centredProducts,
      (g, x) => {
        const rows = mul(g, matmul(g, x(90, 3), x(3, 5)), x(90, 1));
        return sub(g, rows, reduce(g, 'ReduceMean', rows, [1], true));
      },
      'Gemm Mul ReduceMean Sub',
      'ReduceMean Sub Gemm Mul',
    ],
    [
      'products of centred rows',
      centredProducts,
      (g, x) => {
        const rows = x(90, 3);
        return matmul(g, mul(g, sub(g, rows, reduce(g, 'ReduceMean', rows, [1], true)), x(90, 1)), x(3, 5));
      },
      'ReduceMean Sub Mul Gemm',
      'Mul ReduceMean Sub Gemm',
    ],
    [
      'products of centred rows that are read elsewhere stay',
      centredProducts,
      (g, x) => {
        const rows = x(90, 3);
        const centred = sub(g, rows, reduce(g, 'ReduceMean', rows, [1], true));
        return [centred, matmul(g, centred, x(3, 5))];
      },
      'ReduceMean Sub Gemm',
      'ReduceMean Sub Gemm',
    ],
    [
      'rows less their mean, divided by their deviation',
      normalisedRows,
      (g, x) => {
        const { centred, scale } = normalised(g, x(90, 5));
        return [mul(g, centred, scale), mul(g, x(90, 5), scale)];
      },
      'ReduceMean Reshape Sub Mul ReduceMean Add Sqrt Reciprocal Reshape Mul Mul',
      'LayerNormalization Reshape Reshape Mul',
    ],
    [
      'rows normalised by the deviation of others stay',
      normalisedRows,
      (g, x) => [mul(g, normalised(g, x(90, 5)).centred, normalised(g, x(90, 5)).scale)],
      'ReduceMean Reshape Sub ReduceMean Reshape Sub Mul ReduceMean Add Sqrt Reciprocal Reshape Mul',
      'ReduceMean Reshape Sub ReduceMean Reshape Sub Mul ReduceMean Add Sqrt Reciprocal Reshape Mul',
    ],
    [
      'normalised rows that are read before they are divided stay',
      normalisedRows,
      (g, x) => {
        const { centred, scale } = normalised(g, x(90, 5));
        return [mul(g, centred, scale), centred];
      },
      'ReduceMean Reshape Sub Mul ReduceMean Add Sqrt Reciprocal Reshape Mul',
      'ReduceMean Reshape Sub Mul ReduceMean Add Sqrt Reciprocal Reshape Mul',
    ],
    [
      'scaled rows of a narrow factor',
      narrowSide,
      (g, x) => mul(g, matmul(g, x(90, 2), x(2, 8)), x(90, 1)),
      'Gemm Mul',
      'Mul Gemm',
    ],
    [
      'scaled rows before a narrow product',
      narrowSide,
      (g, x) => matmul(g, mul(g, x(90, 8), x(90, 1)), x(8, 2)),
      'Mul Gemm',
      'Gemm Mul',
    ],
    [
      'scaled rows before a wide product stay',
      narrowSide,
      (g, x) => matmul(g, mul(g, x(90, 8), x(90, 1)), x(8, 5)),
      'Mul Gemm',
      'Mul Gemm',
    ],
    [
      'differences of scaled rows before a narrow product',
      narrowSide,
      (g, x) => matmul(g, sub(g, unary(g, 'Exp', x(90, 8)), mul(g, x(90, 8), x(90, 1))), x(8, 2)),
      'Exp Mul Sub Gemm',
      'Exp Gemm Gemm Mul Sub',
    ],
    [
      'rows scaled after a part is removed',
      removedParts,
      (g, x) => {
        const factor = x(90, 8);
        return [mul(g, removed(g, mul(g, x(90, 8), factor), x(90, 8)), x(90, 1)), unary(g, 'Exp', factor)];
      },
      'Mul Mul ReduceMean Reshape Mul Sub Mul Exp',
      'Mul Mul Mul ReduceMean Reshape Mul Sub Exp',
    ],
    [
      'rows scaled before a part is removed',
      removedParts,
      (g, x) => {
        const factor = x(90, 8);
        return [mul(g, factor, removed(g, mul(g, x(90, 8), x(90, 1)), x(90, 8))), unary(g, 'Exp', factor)];
      },
      'Mul Mul ReduceMean Reshape Mul Sub Mul Exp',
      'Mul Mul ReduceMean Reshape Mul Sub Mul Exp',
    ],
    [
      'rows scaled beside a part that is read elsewhere stay',
      removedParts,
      (g, x) => {
        const factor = x(90, 8);
        const rest = removed(g, mul(g, x(90, 8), factor), x(90, 8));
        return [mul(g, rest, x(90, 1)), unary(g, 'Exp', factor), unary(g, 'Exp', rest)];
      },
      'Mul Mul ReduceMean Reshape Mul Sub Mul Exp Exp',
      'Mul Mul ReduceMean Reshape Mul Sub Mul Exp Exp',
    ],
    [
      'means of a narrow product times something',
      narrowMeans,
      (g, x) => reduce(g, 'ReduceMean', mul(g, matmul(g, x(90, 2), x(2, 32)), x(90, 32)), [1], true),
      'Gemm Mul ReduceMean',
      'Gemm Mul Mul ReduceSum',
    ],
    [
      'means of something times a narrow product, turned',
      narrowMeans,
      (g, x) => reduce(g, 'ReduceMean', mul(g, x(90, 32), matmul(g, x(90, 2), x(32, 2), false, true)), [1], false),
      'Gemm Mul ReduceMean',
      'Gemm Mul Mul ReduceSum',
    ],
    [
      'means of a wider product stay',
      narrowMeans,
      (g, x) => reduce(g, 'ReduceMean', mul(g, matmul(g, x(90, 4), x(4, 32)), x(90, 32)), [1], true),
      'Gemm Mul ReduceMean',
      'Gemm Mul ReduceMean',
    ],
    [
      'means of each column of a narrow product stay',
      narrowMeans,
      (g, x) => reduce(g, 'ReduceMean', mul(g, matmul(g, x(90, 2), x(2, 32)), x(90, 32)), [0], true),
      'Gemm Mul ReduceMean',
      'Gemm Mul ReduceMean',
    ],
  ]);
});
