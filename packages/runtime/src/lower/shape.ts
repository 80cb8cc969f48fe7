import {
  ExpandDims,
  Fill,
  LinSpace,
  OnesLike,
  PadV2,
  Range,
  Reshape,
  Reverse,
  Tile,
  Transpose,
  ZerosLike,
  util,
  type ExpandDimsAttrs,
  type ExpandDimsInputs,
  type FillAttrs,
  type LinSpaceAttrs,
  type PadV2Attrs,
  type RangeAttrs,
  type ReshapeAttrs,
  type ReverseAttrs,
  type TileAttrs,
  type TransposeAttrs,
  type UnaryInputs,
  Identity,
  MirrorPad,
  type MirrorPadAttrs,
  BroadcastTo,
  type BroadCastToAttrs,
} from '@tensorflow/tfjs-core';
import { expand, form, integers, node, reshape, transpose } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Dtype, Value } from '../graph/value.js';
import { sizeOf } from '../rest.js';
import { lower } from './register.js';

lower<UnaryInputs, ReshapeAttrs>(Reshape, ({ x }, { shape }, g) =>
  reshape(g, x, util.inferFromImplicitShape(shape, sizeOf(x.shape))),
);
lower<ExpandDimsInputs, ExpandDimsAttrs>(ExpandDims, ({ input }, { dim }, g) =>
  reshape(g, input, input.shape.toSpliced(dim < 0 ? dim + input.shape.length + 1 : dim, 0, 1)),
);
lower<UnaryInputs, TransposeAttrs>(Transpose, ({ x }, { perm }, g) => transpose(g, x, perm));
lower<UnaryInputs, BroadCastToAttrs>(BroadcastTo, ({ x }, { shape }, g) => expand(g, x, shape));

lower<UnaryInputs, TileAttrs>(Tile, ({ x }, { reps }, g) => {
  const shape = x.shape.map((d, i) => d * reps[i]!);
  if (x.shape.every((d, i) => d === 1 || reps[i] === 1)) return expand(g, x, shape);
  return node(g, 'Tile', [x, integers(g, reps)], form(x.dtype, shape));
});

const padded = (g: Graph, x: Value, paddings: readonly (readonly number[])[], mode: string, fill?: Value): Value => {
  const shape = x.shape.map((d, i) => d + paddings[i]![0]! + paddings[i]![1]!);
  const pads = integers(g, [...paddings.map((p) => p[0]!), ...paddings.map((p) => p[1]!)]);
  return node(g, 'Pad', fill ? [x, pads, fill] : [x, pads], form(x.dtype, shape), { mode });
};
lower<UnaryInputs, PadV2Attrs>(PadV2, ({ x }, { paddings, constantValue }, g) =>
  x.shape.length === 0 ? x : padded(g, x, paddings, 'constant', g.full(x.dtype, [], constantValue)),
);
lower<UnaryInputs, MirrorPadAttrs>(MirrorPad, ({ x }, { paddings, mode }, g) => {
  if (mode !== 'reflect') throw new Error(`MirrorPad with mode ${mode} has no translation to ONNX; use 'reflect'`);
  return padded(g, x, paddings, 'reflect');
});

/** Backwards along the given axes. */
export const reversed = (g: Graph, x: Value, axes: readonly number[]): Value =>
  axes.length === 0
    ? x
    : node(
        g,
        'Slice',
        [
          x,
          integers(
            g,
            axes.map(() => -1),
          ),
          integers(
            g,
            axes.map(() => -(2 ** 31)),
          ),
          integers(g, axes),
          integers(
            g,
            axes.map(() => -1),
          ),
        ],
        form(x.dtype, x.shape),
      );
lower<UnaryInputs, ReverseAttrs>(Reverse, ({ x }, { dims }, g) =>
  reversed(g, x, util.parseAxisParam(dims, [...x.shape])),
);

const known = (dtype: string | undefined): Exclude<Dtype, 'int64'> => {
  if (dtype === 'float32' || dtype === 'int32' || dtype === 'bool') return dtype;
  throw new Error(`a tensor of dtype ${dtype}: steps know float32, int32 and bool`);
};
lower<UnaryInputs>(ZerosLike, ({ x }, _, g) => g.full(x.dtype, x.shape, 0));
lower<UnaryInputs>(OnesLike, ({ x }, _, g) => g.full(x.dtype, x.shape, 1));
lower<object, FillAttrs>(Fill, (_, { shape, value, dtype }, g) =>
  g.full(known(dtype ?? util.inferDtype(value)), shape, Number(value)),
);
lower<object, RangeAttrs>(Range, (_, { start, stop, step, dtype }, g) => {
  const numbers = Array.from({ length: Math.max(0, Math.ceil((stop - start) / step)) }, (_, i) => start + i * step);
  return dtype === 'int32'
    ? g.constant('int32', [numbers.length], Int32Array.from(numbers))
    : g.constant('float32', [numbers.length], Float32Array.from(numbers));
});
lower<object, LinSpaceAttrs>(LinSpace, (_, { start, stop, num }, g) => {
  const step = num > 1 ? (stop - start) / (num - 1) : 0;
  return g.constant(
    'float32',
    [num],
    Float32Array.from({ length: num }, (_, i) => start + i * step),
  );
});
/** tfjs saves tensors for the gradient by Identity: it must stay the same data. */
lower<UnaryInputs>(Identity, ({ x }) => x);
