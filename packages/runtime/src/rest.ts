import ndarray from 'ndarray';
import { pathOf, shown } from './errors.js';
import type { RestArray } from './types.js';

/** What a leaf's numbers mean; one typed array each. */
export type LeafDtype = 'float32' | 'int32' | 'bool';
/** What a leaf is held in at rest. */
export type RestData = Float32Array | Int32Array | Uint8Array;

/** What a leaf is, whatever its values are. */
export interface LeafSpec {
  readonly path: readonly string[];
  readonly dtype: LeafDtype;
  readonly shape: readonly number[];
}

/** Number of elements: the product of the extents. */
export const sizeOf = (shape: readonly number[]): number => {
  let size = 1;
  for (let i = 0; i < shape.length; i++) size *= shape[i]!;
  return size;
};
/** Whether two shapes have the same extents. */
export const sameShape = (a: readonly number[], b: readonly number[]): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

/** Whether a value looks like an ndarray; whether its numbers can be read, `specOf` checks. */
export const isRestArray = (value: unknown): value is RestArray =>
  typeof value === 'object' && value !== null && 'data' in value && 'shape' in value && 'stride' in value;

/** float32, int32 or bool; undefined for any other array. */
export const dtypeOf = (data: unknown): LeafDtype | undefined =>
  data instanceof Float32Array
    ? 'float32'
    : data instanceof Int32Array
      ? 'int32'
      : data instanceof Uint8Array
        ? 'bool'
        : undefined;

/** Zeros for `size` elements. */
export const makeData = (dtype: LeafDtype, size: number): RestData =>
  dtype === 'float32' ? new Float32Array(size) : dtype === 'int32' ? new Int32Array(size) : new Uint8Array(size);

/** A row-major ndarray on this data. */
export const restArray = (data: RestData, shape: readonly number[]): RestArray =>
  ndarray(data, [...shape]) as RestArray;

/** Checks that a leaf can be read as it says; throws a TypeError or RangeError that begins with `where`. */
export const specOf = (leaf: RestArray, path: readonly string[], where: string): LeafSpec => {
  const at = `${where}: leaf ${pathOf(path)}`;
  const dtype = dtypeOf(leaf.data);
  if (dtype === undefined) {
    throw new TypeError(`${at}: expected a Float32Array, Int32Array or Uint8Array, got ${shown(leaf.data)}`);
  }
  const shape = [...leaf.shape];
  if (!shape.every((d) => Number.isInteger(d) && d >= 0)) {
    throw new RangeError(`${at}: expected a shape of integers >= 0, got [${shape.join(', ')}]`);
  }
  if (sizeOf(shape) > 0) {
    let low = leaf.offset;
    let high = leaf.offset;
    shape.forEach((d, i) => {
      const reach = (d - 1) * leaf.stride[i]!;
      if (reach < 0) low += reach;
      else high += reach;
    });
    if (!(low >= 0 && high < leaf.data.length)) {
      throw new RangeError(
        `${at}: shape [${shape.join(', ')}] with strides [${leaf.stride.join(', ')}] and offset ${leaf.offset} reaches ` +
          `elements ${low} to ${high}, but the array has ${leaf.data.length}`,
      );
    }
  }
  return { path, dtype, shape };
};

/** Are the elements next to each other in row-major order? */
export const isDense = (leaf: RestArray): boolean => {
  let stride = 1;
  for (let i = leaf.shape.length - 1; i >= 0; i--) {
    const d = leaf.shape[i]!;
    if (d !== 1 && leaf.stride[i] !== stride) return false;
    stride *= d;
  }
  return true;
};

/** Copies a leaf's elements in row-major order, whatever its strides. */
export const copyInto = (leaf: RestArray, out: RestData): void => {
  const size = sizeOf(leaf.shape);
  if (isDense(leaf)) {
    out.set(leaf.data.subarray(leaf.offset, leaf.offset + size));
    return;
  }
  const { shape, stride, data } = leaf;
  const index = new Int32Array(shape.length);
  let from = leaf.offset;
  for (let to = 0; to < size; to++) {
    out[to] = data[from]!;
    for (let d = shape.length - 1; d >= 0; d--) {
      from += stride[d]!;
      if (++index[d]! < shape[d]!) break;
      from -= stride[d]! * shape[d]!;
      index[d] = 0;
    }
  }
};

const isShared = (buffer: ArrayBufferLike): boolean =>
  typeof SharedArrayBuffer !== 'undefined' && buffer instanceof SharedArrayBuffer;

/**
 * Hands out the numbers of one input leaf as a dense array: the array itself or a view where that is possible, otherwise
 * a copy in scratch memory that it keeps. Native engines refuse shared memory, so that is copied too; and so is what lies in
 * `written`, which the engine overwrites while it reads: outputs of the run before that are fed back.
 */
export const denseReader = (spec: LeafSpec, written: ReadonlySet<ArrayBufferLike>): ((leaf: RestArray) => RestData) => {
  const size = sizeOf(spec.shape);
  let scratch: RestData | undefined;
  let seen: RestData | undefined;
  let seenOffset = 0;
  let view: RestData | undefined;
  return (leaf) => {
    const data: RestData = leaf.data;
    if (!isDense(leaf) || written.has(data.buffer) || isShared(data.buffer)) {
      scratch ??= makeData(spec.dtype, size);
      copyInto(leaf, scratch);
      return scratch;
    }
    if (leaf.offset === 0 && data.length === size) return data;
    if (view === undefined || seen !== data || seenOffset !== leaf.offset) {
      view = data.subarray(leaf.offset, leaf.offset + size);
      seen = data;
      seenOffset = leaf.offset;
    }
    return view;
  };
};
