import type { Column, ColumnArray } from './columns.js';
import {
  copyBytes,
  copyFloats,
  copyWords,
  gatherBytes,
  gatherPairs,
  gatherWords,
  touch,
  type Chunk,
} from './kernels.js';
import { arrayOf, readableView, type View } from './views.js';

/** Where a column lies in a row, in units of its own type. */
interface Place {
  readonly column: Column;
  readonly offset: number;
}

/** Where a sampled column goes: contiguous rows from `from` on. */
export interface Target {
  readonly words: Int32Array | undefined;
  /** Two float32 at a time, where size and alignment allow it. */
  readonly pairs: Float64Array | undefined;
  readonly bytes: Uint8Array | undefined;
  /** First element, in units of the view that is used. */
  readonly from: number;
}

/**
 * Rows of mixed columns, each row in one piece: a random row costs one walk through memory instead of one per column
 * (measured for 129 floats out of a million rows: a third of the time). Memory is taken in chunks as rows come in.
 */
export interface RowStore {
  readonly columns: readonly Column[];
  readonly bytesPerRow: number;
  /** Makes the memory of these slots exist. */
  reserve(first: number, count: number): void;
  /** Copies row b of a column's view, whatever its strides, to slot `(first + b) % capacity`. */
  put(column: number, view: View | Uint8Array | Int32Array, rows: number, first: number): void;
  /** Copies slots to the targets' rows, column by column. */
  gather(slots: Int32Array, targets: readonly Target[]): void;
  /** A copy of a column's first `size` slots. */
  read(column: number, size: number): ColumnArray;
}

/** About as large as a chunk may be while a small buffer still takes little memory. */
const CHUNK_BYTES = 2 ** 24;
/** Rows whose memory is asked for before they are copied: their latencies overlap. */
const BLOCK = 32;

const isPaired = ({ type, size }: Column): boolean => type === 'float32' && size % 2 === 0;

/** Pairs of floats first, so that they lie on 8 bytes, then other words, then bytes. */
const placesOf = (columns: readonly Column[]): { readonly places: readonly Place[]; readonly bytesPerRow: number } => {
  const offsets = new Map<Column, number>();
  let at = 0;
  const lay = (some: readonly Column[], bytes: number): void => {
    for (const column of some) {
      offsets.set(column, at / bytes);
      at += column.size * bytes;
    }
  };
  lay(columns.filter(isPaired), 4);
  lay(
    columns.filter((column) => column.type !== 'uint8' && !isPaired(column)),
    4,
  );
  lay(
    columns.filter((column) => column.type === 'uint8'),
    1,
  );
  return {
    places: columns.map((column) => ({ column, offset: offsets.get(column)! })),
    bytesPerRow: Math.ceil(at / 8) * 8,
  };
};

/** Makes a store of `capacity` rows. */
export const rowStore = (columns: readonly Column[], capacity: number): RowStore => {
  const { places, bytesPerRow } = placesOf(columns);
  // Rows per chunk are a power of two, so that finding a row takes no division.
  const wanted = Math.max(1, Math.min(capacity, Math.floor(CHUNK_BYTES / bytesPerRow)));
  const shift = Math.ceil(Math.log2(wanted));
  const chunkRows = 2 ** shift;
  const chunks: Chunk[] = [];
  const [words, pairs] = [bytesPerRow / 4, bytesPerRow / 8];
  let unread = 0;

  const reserve = (first: number, count: number): void => {
    const last = Math.min(first + count, capacity) - 1;
    while (chunks.length * chunkRows <= last) {
      const rows = Math.min(chunkRows, capacity - chunks.length * chunkRows);
      const memory = new ArrayBuffer(rows * bytesPerRow);
      chunks.push({
        words: new Int32Array(memory),
        floats: new Float32Array(memory),
        pairs: new Float64Array(memory),
        bytes: new Uint8Array(memory),
      });
    }
  };

  return {
    columns,
    bytesPerRow,
    reserve,
    put(index, view, rows, first) {
      const { column, offset } = places[index]!;
      const { type, size } = column;
      const { data, start, stride, offsets } = readableView(view);
      for (let b = 0; b < rows; b++) {
        const slot = (first + b) % capacity;
        const chunk = chunks[slot >> shift]!;
        const row = slot & (chunkRows - 1);
        const from = start + b * stride;
        if (offsets) {
          const into = type === 'float32' ? chunk.floats : type === 'int32' ? chunk.words : chunk.bytes;
          const at = row * (type === 'uint8' ? bytesPerRow : words) + offset;
          for (let k = 0; k < size; k++) into[at + k] = data[from + offsets[k]!]!;
        } else if (type === 'float32') copyFloats(chunk.floats, row * words + offset, data as Float32Array, from, size);
        else if (type === 'int32') copyWords(chunk.words, row * words + offset, data as Int32Array, from, size);
        else copyBytes(chunk.bytes, row * bytesPerRow + offset, data as Uint8Array, from, size);
      }
    },
    gather(slots, targets) {
      for (let begin = 0; begin < slots.length; begin += BLOCK) {
        const end = Math.min(begin + BLOCK, slots.length);
        unread ^= touch(chunks, shift, slots, begin, end, words);
        for (let c = 0; c < places.length; c++) {
          const { column, offset } = places[c]!;
          const { size } = column;
          const target = targets[c]!;
          const { from } = target;
          if (target.pairs)
            gatherPairs(chunks, shift, slots, begin, end, pairs, offset / 2, size / 2, target.pairs, from);
          else if (target.words) gatherWords(chunks, shift, slots, begin, end, words, offset, size, target.words, from);
          else gatherBytes(chunks, shift, slots, begin, end, bytesPerRow, offset, size, target.bytes!, from);
        }
      }
    },
    read(index, size) {
      const { column, offset } = places[index]!;
      const n = column.size;
      const out = arrayOf(column.type, size * n);
      for (let slot = 0; slot < size; slot++) {
        const chunk = chunks[slot >> shift]!;
        const row = slot & (chunkRows - 1);
        if (out instanceof Float32Array) copyFloats(out, slot * n, chunk.floats, row * words + offset, n);
        else if (out instanceof Int32Array) copyWords(out, slot * n, chunk.words, row * words + offset, n);
        else copyBytes(out, slot * n, chunk.bytes, row * bytesPerRow + offset, n);
      }
      return out;
    },
  };
};
