import type { Column, ColumnArray, View } from './columns.js';
import { fastRows } from './fast-rows.js';
import { copyBytes, copyFloats, copyWords } from './kernels.js';
import { layoutOf } from './row-layout.js';
import type { Gather } from './targets.js';
import { offsetsOf } from './views.js';

/**
 * Rows of mixed columns, each row in one piece: a random row costs one walk through memory instead of one per column
 * (measured for 129 floats out of a million rows: see the README).
 */
export interface RowStore {
  readonly columns: readonly Column[];
  /** Makes the memory of these slots exist. */
  reserve(first: number, count: number): void;
  /** Copies row b of a column's view, whatever its strides, to slot `(first + b) % capacity`. */
  put(column: number, view: View | Uint8Array | Int32Array, rows: number, first: number): void;
  /** Makes what copies some columns (all unless named) of slots to rows of their targets, column by column. */
  gatherer(columns?: readonly number[]): Gather;
  /** Copies `count` slots of a column, from `first` on, to the beginning of `out`. */
  read(column: number, first: number, count: number, out: ColumnArray): void;
}

/** Some rows, one after another; the same memory seen as every type that lies in it. */
interface Chunk {
  readonly words: Int32Array;
  readonly floats: Float32Array;
  readonly bytes: Uint8Array;
}

/** About as large as a chunk may be while a small buffer still takes little memory. */
const CHUNK_BYTES = 2 ** 24;

const chunkOn = (memory: ArrayBuffer, bytes: number): Chunk => ({
  words: new Int32Array(memory, 0, bytes / 4),
  floats: new Float32Array(memory, 0, bytes / 4),
  bytes: new Uint8Array(memory, 0, bytes),
});

/**
 * Makes a store of `capacity` rows: in WebAssembly memory where that can be had and `plain` is not set, else in chunks
 * that are made as rows come in.
 */
export const rowStore = (columns: readonly Column[], capacity: number, plain = false): RowStore => {
  const layout = layoutOf(columns);
  const { places, bytesPerRow } = layout;
  const fast = plain ? undefined : fastRows(layout, capacity);
  // Rows per chunk are a power of two, so that finding a row takes no division.
  const wanted = fast ? capacity : Math.max(1, Math.min(capacity, Math.floor(CHUNK_BYTES / bytesPerRow)));
  const shift = Math.ceil(Math.log2(wanted));
  const chunkRows = 2 ** shift;
  const chunks: Chunk[] = fast ? [chunkOn(fast.memory, capacity * bytesPerRow)] : [];
  const width = bytesPerRow / 4;

  const reserve = (first: number, count: number): void => {
    const last = Math.min(first + count, capacity) - 1;
    while (chunks.length * chunkRows <= last) {
      const bytes = Math.min(chunkRows, capacity - chunks.length * chunkRows) * bytesPerRow;
      chunks.push(chunkOn(new ArrayBuffer(bytes), bytes));
    }
  };

  /** Copies one slot's part of a column to a contiguous place. */
  const copyOut = (index: number, slot: number, out: ColumnArray, at: number): void => {
    const { column, offset } = places[index]!;
    const { type, size } = column;
    const chunk = chunks[slot >> shift]!;
    const row = slot & (chunkRows - 1);
    if (type === 'float32') copyFloats(out as Float32Array, at, chunk.floats, row * width + (offset >> 2), size);
    else if (type === 'int32') copyWords(out as Int32Array, at, chunk.words, row * width + (offset >> 2), size);
    else copyBytes(out as Uint8Array, at, chunk.bytes, row * bytesPerRow + offset, size);
  };

  return {
    columns,
    reserve,
    put(index, view, rows, first) {
      const { column, offset } = places[index]!;
      const { type, size } = column;
      // Not by `readableView`: this is done for every column of every step, and makes nothing.
      const bare = !('stride' in view);
      const data = bare ? view : view.data;
      const start = bare ? 0 : view.offset;
      const stride = bare ? 1 : view.stride[0]!;
      const offsets = offsetsOf(view);
      for (let b = 0; b < rows; b++) {
        const slot = (first + b) % capacity;
        const chunk = chunks[slot >> shift]!;
        const row = slot & (chunkRows - 1);
        const from = start + b * stride;
        const at = type === 'uint8' ? row * bytesPerRow + offset : row * width + (offset >> 2);
        if (offsets) {
          const into = type === 'float32' ? chunk.floats : type === 'int32' ? chunk.words : chunk.bytes;
          for (let k = 0; k < size; k++) into[at + k] = data[from + offsets[k]!]!;
        } else if (type === 'float32') copyFloats(chunk.floats, at, data as Float32Array, from, size);
        else if (type === 'int32') copyWords(chunk.words, at, data as Int32Array, from, size);
        else copyBytes(chunk.bytes, at, data as Uint8Array, from, size);
      }
    },
    gatherer(columns) {
      if (fast) return fast.gatherer(columns);
      const wanted = columns ?? places.map((_, c) => c);
      return (slots, targets) => {
        for (let k = 0; k < wanted.length; k++) {
          const index = wanted[k]!;
          const { size } = places[index]!.column;
          const { data, from } = targets[index]!;
          for (let b = 0; b < slots.length; b++) copyOut(index, slots[b]!, data, from + b * size);
        }
      };
    },
    read(index, first, count, out) {
      const { size } = places[index]!.column;
      for (let b = 0; b < count; b++) copyOut(index, first + b, out, b * size);
    },
  };
};
