import type ndarray from 'ndarray';

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;

/** Whether a view shows its memory in row-major order without gaps. */
export const isContiguous = (view: {
  readonly shape: readonly number[];
  readonly stride: readonly number[];
}): boolean => {
  let expected = 1;
  for (let i = view.shape.length - 1; i >= 0; i--) {
    if (view.shape[i] !== 1 && view.stride[i] !== expected) return false;
    expected *= view.shape[i]!;
  }
  return true;
};

/** Copies what a view shows, whatever its strides and offset, to `out` from `at` on, in row-major order. */
export const copyInto = (out: Numbers, at: number, view: ndarray.NdArray<Numbers>): void => {
  const { data, offset, shape, stride, size } = view;
  if (isContiguous(view)) {
    if (offset === 0 && size === data.length) out.set(data, at);
    else out.set(data.subarray(offset, offset + size), at);
    return;
  }
  const walk = (axis: number, from: number): void => {
    if (axis === shape.length) {
      out[at++] = data[from]!;
      return;
    }
    for (let i = 0; i < shape[axis]!; i++) walk(axis + 1, from + i * stride[axis]!);
  };
  if (size > 0) walk(0, offset);
};
