import type { ArrayKind, Streamed } from '@troupe/core';
import type { ColumnArray, ColumnType } from './columns.js';
import type { RowStore } from './row-store.js';
import { arrayOf } from './views.js';

/** A column at rest: an array of its own, or one that is lent. */
export interface SavedColumn<Data = ColumnArray> {
  /** The way to it in a `Batch`. */
  readonly path: readonly string[];
  /** [size, ...] */
  readonly shape: readonly number[];
  /** All elements, row after row. */
  readonly data: Data;
}

/** Rows that are read at once. A piece of them is a few megabytes at most, and stays in a cache until it is written. */
const PIECE_ROWS = 2 ** 12;

const kinds: Readonly<Record<ColumnType, ArrayKind>> = {
  float32: 'Float32Array',
  int32: 'Int32Array',
  uint8: 'Uint8Array',
};

/** Copies of all columns, trimmed to the first `size` slots. */
export const copyColumns = (store: RowStore, size: number): readonly SavedColumn[] =>
  store.columns.map(({ path, type, shape, size: width }, c) => {
    const data = arrayOf(type, size * width);
    store.read(c, 0, size, data);
    return { path: [...path], shape: [size, ...shape], data };
  });

/** The same, read when they are wanted, piece by piece. `unchanged` is called before each and throws if the rows changed. */
export const lendColumns = (store: RowStore, size: number, unchanged: () => void): readonly SavedColumn<Streamed>[] =>
  store.columns.map(({ path, type, shape, size: width }, c) => ({
    path: [...path],
    shape: [size, ...shape],
    data: {
      kind: kinds[type],
      shape: [size, ...shape],
      *pieces() {
        const piece = arrayOf(type, Math.min(size, PIECE_ROWS) * width);
        for (let first = 0; first < size; first += PIECE_ROWS) {
          unchanged();
          const count = Math.min(PIECE_ROWS, size - first);
          store.read(c, first, count, piece);
          yield piece.subarray(0, count * width);
        }
      },
    },
  }));
