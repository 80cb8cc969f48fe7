import {
  Concat,
  Pack,
  Slice,
  SplitV,
  StridedSlice,
  Unpack,
  backend_util,
  slice_util,
  util,
  type ConcatAttrs,
  type PackAttrs,
  type SliceAttrs,
  type SplitVAttrs,
  type StridedSliceAttrs,
  type UnaryInputs,
  type UnpackAttrs,
  type UnpackInputs,
} from '@tensorflow/tfjs-core';
import { concat, form, integers, node, reshape, slice, split } from '../graph/emit.js';
import { sizeOf } from '../rest.js';
import { axesOf } from './reduce.js';
import { lower, lowerList } from './register.js';

lowerList<ConcatAttrs>(Concat, (parts, { axis }, g) => {
  const [first] = parts;
  const along = axesOf(axis, first!)[0]!;
  backend_util.assertParamsConsistent(
    parts.map(({ shape }) => [...shape]),
    along,
  );
  const filled = parts.filter((part) => sizeOf(part.shape) > 0);
  return filled.length === 0 ? first! : concat(g, filled, along);
});
lower<UnaryInputs, SliceAttrs>(Slice, ({ x }, { begin, size }, g) => {
  const at = { shape: [...x.shape], rank: x.shape.length, dtype: 'float32' as const, dataId: {} };
  const [from, extent] = slice_util.parseSliceParams(at, begin, size);
  slice_util.assertParamsValid(at, from!, extent!);
  return slice(g, x, from!, extent!);
});
lower<UnaryInputs, StridedSliceAttrs>(StridedSlice, ({ x }, a, g) => {
  const info = slice_util.sliceInfo(
    [...x.shape],
    a.begin,
    a.end,
    a.strides,
    a.beginMask,
    a.endMask,
    a.ellipsisMask,
    a.newAxisMask,
    a.shrinkAxisMask,
  );
  // Backwards to the very first element: ONNX reads an end of −1 as the last one.
  const ends = info.end.map((end, i) => (info.strides[i]! < 0 && end < 0 ? -(2 ** 31) : end));
  const inputs = [info.begin, ends, info.begin.map((_, i) => i), info.strides].map((list) => integers(g, list));
  const taken = node(g, 'Slice', [x, ...inputs], form(x.dtype, info.finalShapeSparse));
  return reshape(g, taken, info.finalShape);
});
lower<UnaryInputs, SplitVAttrs>(SplitV, ({ x }, { numOrSizeSplits, axis }, g) => {
  const along = axesOf(axis, x)[0]!;
  const whole = x.shape[along]!;
  const sizes =
    typeof numOrSizeSplits === 'number'
      ? Array.from({ length: numOrSizeSplits }, () => whole / numOrSizeSplits)
      : numOrSizeSplits;
  // One size may be −1: what the others leave.
  const given = sizes.reduce((sum, size) => sum + Math.max(size, 0), 0);
  const all = sizes.map((size) => (size < 0 ? whole - given : size));
  if (!all.every(Number.isInteger) || all.reduce((a, b) => a + b, 0) !== whole) {
    throw new Error(`split: axis ${along} of [${x.shape.join(', ')}] does not come apart into ${sizes.join(', ')}`);
  }
  return split(g, x, all, along);
});
lowerList<PackAttrs>(Pack, (parts, { axis }, g) => {
  const along = axis < 0 ? axis + parts[0]!.shape.length + 1 : axis;
  const message = 'All tensors passed to stack must have matching shapes';
  for (const { shape } of parts) util.assertShapesMatch([...shape], [...parts[0]!.shape], message);
  return concat(
    g,
    parts.map((part) => reshape(g, part, part.shape.toSpliced(along, 0, 1))),
    along,
  );
});
lower<UnpackInputs, UnpackAttrs>(Unpack, ({ value: x }, { axis }, g) => {
  const along = axis < 0 ? axis + x.shape.length : axis;
  const each = x.shape.toSpliced(along, 1);
  return split(
    g,
    x,
    Array.from({ length: x.shape[along]! }, () => 1),
    along,
  ).map((part) => reshape(g, part, each));
});
