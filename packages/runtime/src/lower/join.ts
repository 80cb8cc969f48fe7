import {
  Concat,
  Pack,
  Slice,
  SplitV,
  StridedSlice,
  Unpack,
  slice_util,
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
  const filled = parts.filter((part) => sizeOf(part.shape) > 0);
  return filled.length === 0 ? first! : concat(g, filled, axesOf(axis, first!)[0]!);
});
lower<UnaryInputs, SliceAttrs>(Slice, ({ x }, { begin, size }, g) => {
  const at = { shape: [...x.shape], rank: x.shape.length, dtype: 'float32' as const, dataId: {} };
  const [from, extent] = slice_util.parseSliceParams(at, begin, size);
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
  if (typeof numOrSizeSplits === 'number') {
    return split(
      g,
      x,
      Array.from({ length: numOrSizeSplits }, () => whole / numOrSizeSplits),
      along,
    );
  }
  // One size may be −1: what the others leave.
  const given = numOrSizeSplits.reduce((sum, size) => sum + Math.max(size, 0), 0);
  return split(
    g,
    x,
    numOrSizeSplits.map((size) => (size < 0 ? whole - given : size)),
    along,
  );
});
lowerList<PackAttrs>(Pack, (parts, { axis }, g) => {
  const along = axis < 0 ? axis + parts[0]!.shape.length + 1 : axis;
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
