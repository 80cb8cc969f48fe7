import { elementOffsets, isContiguous } from '@troupe/core';
import ndarray from 'ndarray';
import { nameOf, type Column, type ColumnArray, type ColumnType, type View } from './columns.js';

/** A view as what is needed to walk through it: row b begins at `start + b * stride`. */
export interface ReadableView {
  readonly data: ColumnArray;
  readonly start: number;
  readonly stride: number;
  /** Where the elements of a row lie, if not next to each other. */
  readonly offsets: Int32Array | undefined;
}

/** Where the elements of a row lie, if not next to each other. */
export const offsetsOf = (view: View | Uint8Array | Int32Array): Int32Array | undefined =>
  !('stride' in view) || isContiguous(view, 1) ? undefined : elementOffsets(view, 1);

/** How rows of a view [B, …], or of a bare array, are read: where they begin, how far apart, and the places within one. */
export const readableView = (view: View | Uint8Array | Int32Array): ReadableView => {
  const offsets = offsetsOf(view);
  if (!('stride' in view)) return { data: view, start: 0, stride: 1, offsets };
  return { data: view.data, start: view.offset, stride: view.stride[0]!, offsets };
};

const typeOf = (data: ColumnArray): string =>
  data instanceof Float32Array
    ? 'float32'
    : data instanceof Int32Array
      ? 'int32'
      : data instanceof Uint8Array
        ? 'uint8'
        : 'another type';

/** Whether the view has the column's type and the shape [rows, ...column]. No allocation. */
const fits = ({ type, shape }: Column, rows: number, view: View | Uint8Array | Int32Array): boolean => {
  if (!('stride' in view)) return shape.length === 0 && view.length === rows && typeOf(view) === type;
  const found = view.shape;
  if (typeOf(view.data) !== type || found.length !== shape.length + 1 || found[0] !== rows) return false;
  for (let i = 0; i < shape.length; i++) if (found[i + 1] !== shape[i]) return false;
  return true;
};

/** Throws, in the name of `where`, unless the view has the column's type and the shape [rows, ...column]. */
export const checkView = (
  where: string,
  column: Column,
  rows: number,
  view: View | Uint8Array | Int32Array | undefined,
): View | Uint8Array | Int32Array => {
  if (view !== undefined && view !== null && fits(column, rows, view)) return view;
  // Only now is there a reason to put words together: this function runs for every column of every step.
  const expected = `${column.type} [${[rows, ...column.shape].join(', ')}]`;
  if (view === undefined || view === null) {
    throw new TypeError(`${where}: ${nameOf(column)}: expected ${expected}, got nothing`);
  }
  const bare = !('stride' in view);
  const shape = bare ? [view.length] : view.shape;
  const type = typeOf(bare ? view : view.data);
  throw new RangeError(`${where}: ${nameOf(column)}: expected ${expected}, got ${type} [${shape.join(', ')}]`);
};

/** Zeros for a column. */
export const arrayOf = (type: ColumnType, length: number): ColumnArray =>
  type === 'float32' ? new Float32Array(length) : type === 'int32' ? new Int32Array(length) : new Uint8Array(length);

/** A row-major view of all of `data`. */
export const viewOf = (data: ColumnArray, shape: readonly number[]): View => ndarray<ColumnArray>(data, [...shape]);
