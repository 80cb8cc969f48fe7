import type { Batch, Groups, Streamed } from '@troupe/core';
import {
  columnsOf,
  nameOf,
  partsAmong,
  partsChecker,
  partsOf,
  readerOf,
  type Column,
  type ColumnArray,
  type ReadColumn,
} from './columns.js';
import { layoutOf } from './row-layout.js';
import { rowStore, type RowStore } from './row-store.js';
import { copyColumns, lendColumns, type SavedColumn } from './saved-columns.js';
import { checkView, viewOf } from './views.js';

/** How much is remembered: joint rows, or memory for rows (without what JavaScript adds). */
export type Capacity = number | { readonly bytes: number };

/** What is known from the first rows on. */
export interface Rows {
  readonly capacity: number;
  readonly store: RowStore;
  readonly bytesPerRow: number;
  readonly readers: readonly ReadColumn[];
  /** Refuses rows that have masks, state or extras where the first rows had none. */
  readonly checkParts: (where: string, batch: Batch<Groups>) => void;
}

/** Rows as plain data, copied or lent: columns trimmed to the rows that there are, in the order of the ring. */
export interface SavedRows<Data = ColumnArray> {
  /** Rows that the buffer holds at most; 0 if none was ever added. */
  readonly capacity: number;
  /** Rows that there are. */
  readonly size: number;
  /** Slot of the next row to be written. */
  readonly cursor: number;
  /** Every part of a row. */
  readonly columns: readonly SavedColumn<Data>[];
}

/** The last `capacity` rows, in slots: what every replay buffer keeps. */
export interface RowRing<G extends Groups, S extends SavedRows> {
  readonly groups: G;
  readonly size: number;
  /** Undefined while it is given in bytes and no row has come. */
  readonly capacity: number | undefined;
  readonly rows: Rows | undefined;
  /** Copies rows in and returns the slot of the first; the others follow, round the end of the ring. */
  add(batch: Batch<G>): number;
  clear(): void;
  save(): SavedRows;
  /** The same without a copy: throws when it is read after a change. */
  lend(): SavedRows<Streamed>;
  load(saved: S): void;
}

const groupsOf = <G extends Groups>(from: G | { readonly groups: G }): G => {
  // A group is never a record of groups: this cannot mistake a group that is named `groups`.
  const inner = (from as { readonly groups?: object }).groups;
  return inner !== undefined && !('agents' in inner && 'observation' in inner) ? (inner as G) : (from as G);
};

/** Before the first rows say what rows are made of, they have to be of these groups at all. */
const checkGroups = (where: string, groups: Groups, batch: Batch<Groups>): void => {
  const names = Object.keys(groups);
  const missing = names.find((name) => batch.groups[name] === undefined);
  if (missing === undefined) return;
  throw new TypeError(`${where}: expected the groups ${names.join(', ')}, got none named '${missing}'`);
};

const requireCapacity = (name: string, capacity: Capacity): void => {
  const rows = typeof capacity === 'number' ? capacity : capacity?.bytes;
  if (!Number.isSafeInteger(rows) || rows < 1) {
    throw new RangeError(
      `${name}: expected capacity to be an integer >= 1, or { bytes } of that kind, got ${String(rows)}`,
    );
  }
};

/**
 * Makes it for a buffer of this name. `begin` is called as soon as it is known what rows are made of: before the first
 * row, or by `load` before anything changes, with what is loaded.
 */
export const rowRing = <G extends Groups, S extends SavedRows>(
  name: string,
  from: { readonly groups: G } | G,
  capacity: Capacity,
  begin: (rows: Rows, saved?: S) => void,
): RowRing<G, S> => {
  requireCapacity(name, capacity);
  const groups = groupsOf(from);
  const adding = `${name}.add`;
  let rows: Rows | undefined;
  let [size, cursor] = [0, 0];
  /** How often rows were added or replaced: what was lent before is no longer there. */
  let changes = 0;

  const saved = <Data>(columnsOf: (store: RowStore) => readonly SavedColumn<Data>[]): SavedRows<Data> =>
    rows
      ? { capacity: rows.capacity, size, cursor, columns: columnsOf(rows.store) }
      : { capacity: 0, size: 0, cursor: 0, columns: [] };

  const prepare = (columns: readonly Column[]): Rows => {
    const { bytesPerRow } = layoutOf(columns);
    const limit = typeof capacity === 'number' ? capacity : Math.floor(capacity.bytes / bytesPerRow);
    if (limit < 1) {
      throw new RangeError(
        `${name}: expected room for at least one row of ${bytesPerRow} bytes, got ${(capacity as { bytes: number }).bytes}`,
      );
    }
    return {
      capacity: limit,
      store: rowStore(columns, limit),
      bytesPerRow,
      readers: columns.map((column) => readerOf(column, groups)),
      checkParts: partsChecker(columns, groups),
    };
  };

  return {
    groups,
    get size() {
      return size;
    },
    get capacity() {
      return rows?.capacity ?? (typeof capacity === 'number' ? capacity : undefined);
    },
    get rows() {
      return rows;
    },
    add(batch) {
      const count = batch.last.length;
      if (rows === undefined) checkGroups(adding, groups, batch);
      const into = rows ?? prepare(columnsOf(groups, partsOf(batch)));
      const { store, readers } = into;
      if (count > into.capacity) {
        throw new RangeError(`${name}.add: expected at most ${into.capacity} rows (the capacity), got ${count}`);
      }
      into.checkParts(adding, batch);
      for (let c = 0; c < readers.length; c++) {
        checkView(adding, store.columns[c]!, count, readers[c]!(batch));
      }
      if (!rows) begin(into);
      rows = into;
      changes += 1;
      const first = cursor;
      store.reserve(first, count);
      if (first + count > into.capacity) store.reserve(0, count);
      for (let c = 0; c < readers.length; c++) store.put(c, readers[c]!(batch)!, count, first);
      cursor = (first + count) % into.capacity;
      size = Math.min(size + count, into.capacity);
      return first;
    },
    clear() {
      [size, cursor] = [0, 0];
      changes += 1;
    },
    save: () => saved((store) => copyColumns(store, size)),
    lend() {
      const then = changes;
      const unchanged = (): void => {
        if (changes === then) return;
        throw new Error(`${name}.lend: expected to be read before the buffer changes, got one that has changed since`);
      };
      return saved((store) => lendColumns(store, size, unchanged));
    },
    load(given) {
      changes += 1;
      if (given.columns.length === 0) {
        [rows, size, cursor] = [undefined, 0, 0];
        return;
      }
      const columns = columnsOf(
        groups,
        partsAmong(given.columns.map(({ path, shape }) => ({ path, shape: shape.slice(1) }))),
      );
      const loaded = prepare(columns);
      if (loaded.capacity !== given.capacity) {
        throw new RangeError(`${name}.load: expected a capacity of ${loaded.capacity} rows, got ${given.capacity}`);
      }
      const views = new Map(given.columns.map(({ path, shape, data }) => [nameOf({ path }), viewOf(data, shape)]));
      for (const column of views.keys()) {
        if (!columns.some((known) => nameOf(known) === column)) {
          throw new RangeError(
            `${name}.load: expected columns of the groups ${Object.keys(groups).join(', ')}, got ${column}`,
          );
        }
      }
      loaded.store.reserve(0, given.size);
      columns.forEach((column, c) => {
        const view = checkView(`${name}.load`, column, given.size, views.get(nameOf(column)));
        loaded.store.put(c, view, given.size, 0);
      });
      begin(loaded, given);
      [rows, size, cursor] = [loaded, given.size, given.cursor];
    },
  };
};
