import { copyInto, isContiguous, type NumberArray } from '@troupe/core';
import type ndarray from 'ndarray';

/** The elements of a view in row-major order: its own array where it is contiguous, else a copy. */
export const elements = <T extends NumberArray>(view: ndarray.NdArray<T>): T => {
  const { data, offset, size } = view;
  if (isContiguous(view)) return (offset === 0 ? data : data.subarray(offset, offset + size)) as T;
  const out = new (data.constructor as new (n: number) => T)(size);
  copyInto(out, 0, view);
  return out;
};
