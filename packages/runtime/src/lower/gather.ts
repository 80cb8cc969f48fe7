import {
  GatherNd,
  GatherV2,
  OneHot,
  ScatterNd,
  TensorScatterUpdate,
  TopK,
  UnsortedSegmentSum,
  type GatherNdInputs,
  type GatherV2Attrs,
  type GatherV2Inputs,
  type OneHotAttrs,
  type OneHotInputs,
  type ScatterNdAttrs,
  type ScatterNdInputs,
  type TensorScatterUpdateInputs,
  type TopKAttrs,
  type UnaryInputs,
  type UnsortedSegmentSumAttrs,
  type UnsortedSegmentSumInputs,
} from '@tensorflow/tfjs-core';
import { cast, form, integers, node, reshape, slice, transpose } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import { madeBy, type Value } from '../graph/value.js';
import { sameShape } from '../rest.js';
import { axesOf } from './reduce.js';
import { lower } from './register.js';

const index = (g: Graph, x: Value): Value => cast(g, x, 'int64');

/** Indices from 0 to `size` − 1 as they are; all others as −1 or `size`, which ONNX takes for the last of `size` + 1. */
const clamped = (g: Graph, indices: Value, size: number): Value =>
  node(g, 'Clip', [indices, g.full('int32', [], -1), g.full('int32', [], size)], form('int32', indices.shape));

/** Indices by which something was gathered: they are inside, or else the step fails there. */
const gathered = new WeakSet<Value>();

lower<GatherV2Inputs, GatherV2Attrs>(GatherV2, ({ x, indices }, { axis: of, batchDims }, g) => {
  const axis = axesOf(of, x)[0]!;
  const batch = indices.shape.slice(0, batchDims);
  if (!sameShape(x.shape.slice(0, batchDims), batch)) {
    throw new Error(
      `gather: the first ${batchDims} extents of [${x.shape.join(', ')}] and of its indices [${indices.shape.join(', ')}] differ`,
    );
  }
  if (batchDims === 0) {
    gathered.add(indices);
    const shape = [...x.shape.slice(0, axis), ...indices.shape, ...x.shape.slice(axis + 1)];
    return node(g, 'Gather', [x, indices], form(x.dtype, shape), { axis });
  }
  // Bring the gathered axis behind the batch axes, gather there, and bring the axes between back in front.
  const dims = x.shape.map((_, i) => i);
  const between = dims.slice(batchDims, axis);
  const front = transpose(g, x, [...dims.slice(0, batchDims), axis, ...between, ...dims.slice(axis + 1)]);
  const shape = [...indices.shape, ...front.shape.slice(batchDims + 1)];
  const places = index(g, reshape(g, indices, [...indices.shape, 1]));
  const taken = node(g, 'GatherND', [front, places], form(x.dtype, shape), { batch_dims: batchDims });
  const rank = indices.shape.length;
  const out = shape.map((_, i) => i);
  return transpose(g, taken, [
    ...out.slice(0, batchDims),
    ...out.slice(rank, rank + between.length),
    ...out.slice(batchDims, rank),
    ...out.slice(rank + between.length),
  ]);
});
lower<GatherNdInputs>(GatherNd, ({ params, indices }, _, g) => {
  const depth = indices.shape.at(-1)!;
  if (depth > params.shape.length) {
    throw new Error(`gatherND: indices of ${depth} numbers do not fit a tensor of rank ${params.shape.length}`);
  }
  const shape = [...indices.shape.slice(0, -1), ...params.shape.slice(depth)];
  return node(g, 'GatherND', [params, index(g, indices)], form(params.dtype, shape));
});

const scatterAdd = (g: Graph, shape: readonly number[], indices: Value, updates: Value): Value =>
  node(g, 'ScatterND', [g.full(updates.dtype, shape, 0), index(g, indices), updates], form(updates.dtype, shape), {
    reduction: 'add',
  });
lower<ScatterNdInputs, ScatterNdAttrs>(ScatterNd, ({ indices, updates }, { shape }, g) =>
  scatterAdd(g, shape, indices, updates),
);
lower<TensorScatterUpdateInputs>(TensorScatterUpdate, ({ tensor, indices, updates }, _, g) =>
  node(g, 'ScatterND', [tensor, index(g, indices), updates], form(tensor.dtype, tensor.shape)),
);
/** Rows of ids that name no segment are left out: they go into one segment more, which is cut off. */
lower<UnsortedSegmentSumInputs, UnsortedSegmentSumAttrs>(
  UnsortedSegmentSum,
  ({ x, segmentIds }, { numSegments }, g) => {
    const rest = x.shape.slice(segmentIds.shape.length);
    const places = (ids: Value): Value => reshape(g, ids, [...segmentIds.shape, 1]);
    if (gathered.has(madeBy(segmentIds, 'Reshape')?.inputs[0] ?? segmentIds)) {
      return scatterAdd(g, [numSegments, ...rest], places(segmentIds), x);
    }
    const sums = scatterAdd(g, [numSegments + 1, ...rest], places(clamped(g, segmentIds, numSegments)), x);
    return slice(
      g,
      sums,
      sums.shape.map(() => 0),
      [numSegments, ...rest],
    );
  },
);

/**
 * Rows of a table: one per class, and one more without a hit for indices that name no class (ONNX Runtime's own OneHot is
 * slower, and counts negative indices from the end).
 */
lower<OneHotInputs, OneHotAttrs>(OneHot, ({ indices }, { depth, onValue, offValue, dtype }, g) => {
  const table = new Float32Array((depth + 1) * depth).fill(offValue);
  for (let k = 0; k < depth; k++) table[k * (depth + 1)] = onValue;
  const rows = g.constant('float32', [depth + 1, depth], table);
  // What comes from ArgMax names a class for sure.
  const sure = madeBy(madeBy(indices, 'Cast')?.inputs[0], 'ArgMax') !== undefined;
  const places = sure ? indices : clamped(g, indices, depth);
  const hot = node(g, 'Gather', [rows, places], form('float32', [...indices.shape, depth]), { axis: 0 });
  return cast(g, hot, dtype === 'float32' || dtype === 'bool' ? dtype : 'int32');
});

lower<UnaryInputs, TopKAttrs>(TopK, ({ x }, { k, sorted }, g) => {
  const shape = [...x.shape.slice(0, -1), k];
  const [values, places] = g.nodes('TopK', [x, integers(g, [k])], [form(x.dtype, shape), form('int64', shape)], {
    axis: -1,
    sorted: sorted ? 1 : 0,
  });
  return [values!, cast(g, places!, 'int32')];
});
