import type { Batch, Buffer, Groups } from '@troupe/core';
import { emptyBatch, targetsIn } from './batches.js';
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
import { rowStore, type RowStore, type Target } from './row-store.js';
import { copyColumns, lendColumns, type SavedColumn } from './saved-columns.js';
import { checkView, viewOf } from './views.js';

/** How much is remembered: joint rows, or memory for rows (without what JavaScript adds). */
export type Capacity = number | { readonly bytes: number };

/** A uniform replay buffer of joint rows. */
export interface Replay<G extends Groups> extends Buffer<Batch<G>> {
  /** Memory of one joint row, what fills it up to a multiple of 4 bytes included; 0 before the first `add`. */
  readonly bytesPerRow: number;
}

/** What `save` gives, and `lend` without copies: columns trimmed to the rows that there are, in the order of the ring. */
export interface SavedReplay<Data = ColumnArray> {
  /** What tells it from what other buffers save. */
  readonly kind: 'replay';
  /** Rows that the buffer holds at most; 0 if none was ever added. */
  readonly capacity: number;
  /** Rows that there are. */
  readonly size: number;
  /** Slot of the next row to be written. */
  readonly cursor: number;
  /** Every part of a row. */
  readonly columns: readonly SavedColumn<Data>[];
}

/** What is known from the first rows on. */
interface Rows {
  readonly capacity: number;
  readonly store: RowStore;
  readonly bytesPerRow: number;
  readonly readers: readonly ReadColumn[];
  /** Refuses rows that have masks, state or extras where the first rows had none. */
  readonly checkParts: (where: string, batch: Batch<Groups>) => void;
}

/** What is handed out for one number of rows. */
interface Draw<G extends Groups> {
  readonly slots: Int32Array;
  readonly batch: Batch<G>;
  readonly targets: readonly Target[];
}

const checkSaved = (saved: unknown): SavedReplay => {
  const from = saved as SavedReplay | undefined;
  const fits =
    from?.kind === 'replay' &&
    Array.isArray(from.columns) &&
    Number.isInteger(from.size) &&
    from.size <= from.capacity &&
    (from.cursor === 0 || (from.cursor > 0 && from.cursor < from.capacity));
  if (!fits) throw new TypeError('replay.load: expected what save of a replay buffer gave, got something else');
  return from;
};

/** So many different numbers of rows keep their arrays. */
const KEPT_DRAWS = 8;

const groupsOf = <G extends Groups>(from: G | { readonly groups: G }): G => {
  // A group is never a record of groups: this cannot mistake a group that is named `groups`.
  const inner = (from as { readonly groups?: object }).groups;
  return inner !== undefined && !('agents' in inner && 'observation' in inner) ? (inner as G) : (from as G);
};

const requireCapacity = (capacity: Capacity): void => {
  const rows = typeof capacity === 'number' ? capacity : capacity?.bytes;
  if (!Number.isSafeInteger(rows) || rows < 1) {
    throw new RangeError(
      `replay: expected capacity to be an integer >= 1, or { bytes } of that kind, got ${String(rows)}`,
    );
  }
};

/**
 * Remembers the last `capacity` joint rows and draws from them uniformly with replacement.
 *
 * - `add` copies B rows, one per environment; views of any strides are read as what they show. Which masks, `state` and
 *   extras a row has is fixed by the first `add`. Throws a TypeError or RangeError for anything of another type or shape,
 *   and for more rows than the capacity.
 * - `sample(rows, rng)` costs O(rows), whatever the size of the buffer. Its arrays are used again by the next sample of
 *   as many rows; `out` (from `copyBatch`, say) is filled instead if given. Throws a RangeError when the buffer is empty
 *   or rows < 1.
 * - `save` and `load` continue bit for bit: the same rows in the same slots. `lend` is `save` without a copy, for writing.
 *
 * Memory is taken as rows come in, up to `capacity * bytesPerRow`. `state` is stored once, not once per group.
 */
export const replay = <G extends Groups>(
  from: { readonly groups: G } | G,
  { capacity }: { readonly capacity: Capacity },
): Replay<G> => {
  requireCapacity(capacity);
  const groups = groupsOf(from);
  const draws = new Map<number, Draw<G>>();
  let rows: Rows | undefined;
  let [size, cursor] = [0, 0];
  /** How often rows were added or replaced: what was lent before is no longer there. */
  let changes = 0;

  const prepare = (columns: readonly Column[]): Rows => {
    const { bytesPerRow } = layoutOf(columns);
    const limit = typeof capacity === 'number' ? capacity : Math.floor(capacity.bytes / bytesPerRow);
    if (limit < 1) {
      throw new RangeError(
        `replay: expected room for at least one row of ${bytesPerRow} bytes, got ${(capacity as { bytes: number }).bytes}`,
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

  const drawOf = ({ store, readers }: Rows, count: number): Draw<G> => {
    let draw = draws.get(count);
    if (!draw) {
      if (draws.size === KEPT_DRAWS) draws.delete(draws.keys().next().value!);
      const batch = emptyBatch(groups, store.columns, count);
      const targets = targetsIn('replay.sample', batch, store.columns, readers, count);
      draw = { slots: new Int32Array(count), batch, targets };
      draws.set(count, draw);
    }
    return draw;
  };

  const saved = <Data>(columnsOf: (store: RowStore) => readonly SavedColumn<Data>[]): SavedReplay<Data> =>
    rows
      ? { kind: 'replay', capacity: rows.capacity, size, cursor, columns: columnsOf(rows.store) }
      : { kind: 'replay', capacity: 0, size: 0, cursor: 0, columns: [] };

  return {
    get size() {
      return size;
    },
    get capacity() {
      if (rows) return rows.capacity;
      return typeof capacity === 'number' ? capacity : 0;
    },
    get bytesPerRow() {
      return rows?.bytesPerRow ?? 0;
    },
    add(batch) {
      const count = batch.last.length;
      rows ??= prepare(columnsOf(groups, partsOf(batch)));
      const { store, readers } = rows;
      if (count > rows.capacity) {
        throw new RangeError(`replay.add: expected at most ${rows.capacity} rows (the capacity), got ${count}`);
      }
      rows.checkParts('replay.add', batch);
      for (let c = 0; c < readers.length; c++) {
        checkView('replay.add', store.columns[c]!, count, readers[c]!(batch));
      }
      changes += 1;
      store.reserve(cursor, count);
      if (cursor + count > rows.capacity) store.reserve(0, count);
      for (let c = 0; c < readers.length; c++) store.put(c, readers[c]!(batch)!, count, cursor);
      cursor = (cursor + count) % rows.capacity;
      size = Math.min(size + count, rows.capacity);
    },
    sample(count, rng, _clock, out) {
      if (!Number.isInteger(count) || count < 1) {
        throw new RangeError(`replay.sample: expected rows to be an integer >= 1, got ${String(count)}`);
      }
      if (!rows || size === 0) throw new RangeError('replay.sample: expected a buffer with rows, got an empty one');
      const { slots, batch, targets } = drawOf(rows, count);
      if (out) rows.checkParts('replay.sample: out', out);
      const into = out ? targetsIn('replay.sample: out', out, rows.store.columns, rows.readers, count) : targets;
      for (let b = 0; b < count; b++) slots[b] = rng.int(size);
      rows.store.gather(slots, into);
      return out ?? batch;
    },
    save: () => saved((store) => copyColumns(store, size)),
    lend() {
      const then = changes;
      const unchanged = (): void => {
        if (changes === then) return;
        throw new Error('replay.lend: expected to be read before the buffer changes, got one that has changed since');
      };
      return saved((store) => lendColumns(store, size, unchanged));
    },
    load(given) {
      const from = checkSaved(given);
      changes += 1;
      if (from.columns.length === 0) {
        [rows, size, cursor] = [undefined, 0, 0];
        draws.clear();
        return;
      }
      const columns = columnsOf(
        groups,
        partsAmong(from.columns.map(({ path, shape }) => ({ path, shape: shape.slice(1) }))),
      );
      const loaded = prepare(columns);
      if (loaded.capacity !== from.capacity) {
        throw new RangeError(`replay.load: expected a capacity of ${loaded.capacity} rows, got ${from.capacity}`);
      }
      const views = new Map(from.columns.map(({ path, shape, data }) => [nameOf({ path }), viewOf(data, shape)]));
      for (const name of views.keys()) {
        if (!columns.some((column) => nameOf(column) === name)) {
          throw new RangeError(
            `replay.load: expected columns of the groups ${Object.keys(groups).join(', ')}, got ${name}`,
          );
        }
      }
      loaded.store.reserve(0, from.size);
      columns.forEach((column, c) => {
        const view = checkView('replay.load', column, from.size, views.get(nameOf(column)));
        loaded.store.put(c, view, from.size, 0);
      });
      [rows, size, cursor] = [loaded, from.size, from.cursor];
      draws.clear();
    },
  };
};
