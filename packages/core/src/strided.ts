/** What any ndarray says about where its elements lie. */
export interface Layout {
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}

/** Whether the elements of the axes from `axis` on lie next to each other in row-major order. No allocation. */
export const isContiguousFrom = ({ shape, stride }: Layout, axis: number): boolean => {
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
