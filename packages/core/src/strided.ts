import type ndarray from 'ndarray';

/** Typed arrays of numbers. */
export type NumberArray = Float32Array | Float64Array | Int32Array | Uint8Array;

/** What any ndarray says about where its elements lie. */
export interface Layout {
  /** Extents of the axes. */
  readonly shape: readonly number[];
  /** Elements from one index to the next, by axis; may be negative. */
  readonly stride: readonly number[];
  /** Index of the first element in the data. */
  readonly offset: number;
}

/** Whether the elements of the axes from `axis` on lie next to each other in row-major order. No allocation. */
export const isContiguous = ({ shape, stride }: Layout, axis = 0): boolean => {
  let expected = 1;
  for (let i = shape.length - 1; i >= axis; i--) {
    if (shape[i] !== 1 && stride[i] !== expected) return false;
    expected *= shape[i]!;
  }
  return true;
};

/**
 * Where the elements of one row lie, relative to its first element: the axes from `axis` on, row-major. Reading
 * `data[start + offsets[k]]` honours any strides, negative ones included.
 */
export const elementOffsets = ({ shape, stride }: Layout, axis = 0): Int32Array => {
  let size = 1;
  for (let i = axis; i < shape.length; i++) size *= shape[i]!;
  const offsets = new Int32Array(size);
  let inner = 1;
  for (let i = shape.length - 1; i >= axis; i--) {
    const n = shape[i]!;
    for (let k = 0; k < size; k++) offsets[k]! += (Math.floor(k / inner) % n) * stride[i]!;
    inner *= n;
  }
  return offsets;
};

/** Whether an array has exactly this shape. No allocation. */
export const hasShape = ({ shape }: Layout, expected: readonly number[]): boolean => {
  if (shape.length !== expected.length) return false;
  for (let i = 0; i < expected.length; i++) if (shape[i] !== expected[i]) return false;
  return true;
};

/** Element by element, in row-major order. Apart from `copyInto`, whose every call would pay for the variables that `walk` sees. */
const copyElements = (out: NumberArray, at: number, view: ndarray.NdArray<NumberArray>): void => {
  const { data, offset, shape, stride } = view;
  const walk = (axis: number, from: number): void => {
    if (axis === shape.length) {
      out[at++] = data[from]!;
      return;
    }
    for (let i = 0; i < shape[axis]!; i++) walk(axis + 1, from + i * stride[axis]!);
  };
  walk(0, offset);
};

/**
 * Copies what a view shows, whatever its strides and offset, to `out` from `at` on, in row-major order. No allocation for
 * a whole array.
 */
export const copyInto = (out: NumberArray, at: number, view: ndarray.NdArray<NumberArray>): void => {
  const { data, offset, size } = view;
  if (!isContiguous(view)) {
    if (size > 0) copyElements(out, at, view);
  } else if (offset === 0 && size === data.length) out.set(data, at);
  else out.set(data.subarray(offset, offset + size), at);
};

/**
 * The elements of a view in row-major order, from index 0 on: its own data, or a window on them, where they lie so, else a
 * copy. To be read only: which of them it is depends on the view.
 */
export const elements = <T extends NumberArray>(view: ndarray.NdArray<T>): T => {
  const { data, offset, size } = view;
  if (isContiguous(view)) {
    return (offset === 0 && data.length === size ? data : data.subarray(offset, offset + size)) as T;
  }
  const out = new (data.constructor as new (n: number) => T)(size);
  copyElements(out, 0, view);
  return out;
};
