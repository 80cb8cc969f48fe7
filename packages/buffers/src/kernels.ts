/** Some rows, one after another; the same memory seen as every type that lies in it. */
export interface Chunk {
  readonly words: Int32Array;
  readonly floats: Float32Array;
  readonly pairs: Float64Array;
  readonly bytes: Uint8Array;
}

const WORDS_PER_CACHE_LINE = 16;

// Slot s is row `s & mask` of chunk `s >> shift`. Widths, offsets and sizes are in units of the type that is copied.
// One function per element type: a function that sees several kinds of typed array is several times slower.

export const gatherPairs = (
  chunks: readonly Chunk[],
  shift: number,
  slots: Int32Array,
  begin: number,
  end: number,
  width: number,
  offset: number,
  size: number,
  out: Float64Array,
  from: number,
): void => {
  const mask = (1 << shift) - 1;
  let at = from + begin * size;
  for (let b = begin; b < end; b++) {
    const slot = slots[b]!;
    const data = chunks[slot >> shift]!.pairs;
    let p = (slot & mask) * width + offset;
    const stop = at + size;
    for (; at + 4 <= stop; at += 4, p += 4) {
      out[at] = data[p]!;
      out[at + 1] = data[p + 1]!;
      out[at + 2] = data[p + 2]!;
      out[at + 3] = data[p + 3]!;
    }
    for (; at < stop; at++, p++) out[at] = data[p]!;
  }
};

export const gatherWords = (
  chunks: readonly Chunk[],
  shift: number,
  slots: Int32Array,
  begin: number,
  end: number,
  width: number,
  offset: number,
  size: number,
  out: Int32Array,
  from: number,
): void => {
  const mask = (1 << shift) - 1;
  let at = from + begin * size;
  for (let b = begin; b < end; b++) {
    const slot = slots[b]!;
    const data = chunks[slot >> shift]!.words;
    let p = (slot & mask) * width + offset;
    const stop = at + size;
    for (; at + 4 <= stop; at += 4, p += 4) {
      out[at] = data[p]!;
      out[at + 1] = data[p + 1]!;
      out[at + 2] = data[p + 2]!;
      out[at + 3] = data[p + 3]!;
    }
    for (; at < stop; at++, p++) out[at] = data[p]!;
  }
};

export const gatherBytes = (
  chunks: readonly Chunk[],
  shift: number,
  slots: Int32Array,
  begin: number,
  end: number,
  width: number,
  offset: number,
  size: number,
  out: Uint8Array,
  from: number,
): void => {
  const mask = (1 << shift) - 1;
  let at = from + begin * size;
  for (let b = begin; b < end; b++) {
    const slot = slots[b]!;
    const data = chunks[slot >> shift]!.bytes;
    let p = (slot & mask) * width + offset;
    for (const stop = at + size; at < stop; at++, p++) out[at] = data[p]!;
  }
};

/** Reads one word of every cache line of some rows. The sum only keeps the reads from being left out. */
export const touch = (
  chunks: readonly Chunk[],
  shift: number,
  slots: Int32Array,
  begin: number,
  end: number,
  width: number,
): number => {
  const mask = (1 << shift) - 1;
  let sum = 0;
  for (let b = begin; b < end; b++) {
    const slot = slots[b]!;
    const data = chunks[slot >> shift]!.words;
    const p = (slot & mask) * width;
    for (let k = 0; k < width; k += WORDS_PER_CACHE_LINE) sum ^= data[p + k]!;
  }
  return sum;
};

export const copyFloats = (out: Float32Array, at: number, data: Float32Array, from: number, size: number): void => {
  for (let k = 0; k < size; k++) out[at + k] = data[from + k]!;
};
export const copyWords = (out: Int32Array, at: number, data: Int32Array, from: number, size: number): void => {
  for (let k = 0; k < size; k++) out[at + k] = data[from + k]!;
};
export const copyBytes = (out: Uint8Array, at: number, data: Uint8Array, from: number, size: number): void => {
  for (let k = 0; k < size; k++) out[at + k] = data[from + k]!;
};
