import {
  Bincount,
  DenseBincount,
  type BincountAttrs,
  type BincountInputs,
  type DenseBincountAttrs,
  type DenseBincountInputs,
} from '@tensorflow/tfjs-core';
import { add, binary, cast, form, node, reshape, slice } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { sizeOf } from '../rest.js';
import { lower } from './register.js';

/** Counts of 0 … size − 1 in each row of x; one bin more takes what is larger and is dropped. */
const counts = (g: Graph, x: Value, weights: Value, size: number, once: boolean): Value => {
  const rows = x.shape.length === 2 ? x.shape[0]! : 1;
  const bins = size + 1;
  const first = Int32Array.from({ length: rows }, (_, row) => row * bins);
  const bin = binary(g, 'Min', reshape(g, x, [rows, sizeOf(x.shape) / rows]), g.full('int32', [], size));
  const places = reshape(g, add(g, bin, g.constant('int32', [rows, 1], first)), [sizeOf(x.shape)]);
  const weighted = sizeOf(weights.shape) > 0 && !once;
  const amounts = weighted
    ? cast(g, reshape(g, weights, [sizeOf(x.shape)]), 'float32')
    : g.full('float32', [sizeOf(x.shape)], 1);
  const sums = node(
    g,
    'ScatterElements',
    [g.full('float32', [rows * bins], 0), places, amounts],
    form('float32', [rows * bins]),
    { axis: 0, reduction: once ? 'max' : 'add' },
  );
  const kept = slice(g, reshape(g, sums, [rows, bins]), [0, 0], [rows, size]);
  return cast(g, reshape(g, kept, [...x.shape.slice(0, -1), size]), weights.dtype);
};

lower<DenseBincountInputs, DenseBincountAttrs>(DenseBincount, ({ x, weights }, { size, binaryOutput }, g) =>
  counts(g, x, weights, size, binaryOutput === true && x.shape.length === 2),
);
lower<BincountInputs, BincountAttrs>(Bincount, ({ x, weights }, { size }, g) => counts(g, x, weights, size, false));
