/**
 * Numbers ≥ 0 in a tree of 16-way sums, float64. Every sum is that of its children as they are now, so nothing drifts:
 * the same leaves give the same bits, whatever was written before.
 */
export interface SumTree {
  readonly capacity: number;
  readonly total: number;
  get(leaf: number): number;
  /** Writes one value to some leaves that follow each other. */
  fill(first: number, count: number, value: number): void;
  /** Writes `values[k]` to `leaves[k]`; where a leaf occurs twice, the later value stays. */
  set(leaves: Int32Array, values: Float64Array, count: number): void;
  /**
   * For each of `count` masses, which are used up, the first leaf where the sum of all leaves up to and with it exceeds the
   * mass; the last leaf that is not 0 where rounding carries a mass beyond the total. Never a leaf that is 0, unless all
   * are.
   */
  find(masses: Float64Array, leaves: Int32Array, count: number): void;
  /** Copies the first `count` leaves. */
  leaves(count: number): Float64Array;
}

/** Wide nodes make few levels: a draw waits for one or two cache lines per level. 2 to 32 were measured, 16 was best. */
export const FAN_OUT = 16;
const SHIFT = 4;

/** Where each level begins in one array, leaves first, root last; every level but the root is filled up to whole nodes. */
export const levelsOf = (capacity: number): { readonly starts: Int32Array; readonly length: number } => {
  const starts = [0];
  let [length, nodes] = [0, capacity];
  do {
    length += Math.ceil(nodes / FAN_OUT) * FAN_OUT;
    starts.push(length);
    nodes = Math.ceil(nodes / FAN_OUT);
  } while (nodes > 1);
  return { starts: Int32Array.from(starts), length: length + 1 };
};

/** The 16 children from `at` on, in a fixed order with short chains of additions. */
const sumAt = (data: Float64Array, at: number): number =>
  data[at]! +
  data[at + 1]! +
  (data[at + 2]! + data[at + 3]!) +
  (data[at + 4]! + data[at + 5]! + (data[at + 6]! + data[at + 7]!)) +
  (data[at + 8]! +
    data[at + 9]! +
    (data[at + 10]! + data[at + 11]!) +
    (data[at + 12]! + data[at + 13]! + (data[at + 14]! + data[at + 15]!)));

/** Levels, from the leaves up, that are too large for the nearest cache. */
const COLD = 2;
const touched = new Float64Array(1);

/** Reads both cache lines of each node: all at once, so that the waits overlap. Halves the time of draws from a million. */
const touch = (data: Float64Array, start: number, nodes: Int32Array, count: number): void => {
  let sum = 0;
  for (let k = 0; k < count; k++) {
    const at = start + (nodes[k]! << SHIFT);
    sum += data[at]! + data[at + FAN_OUT / 2]!;
  }
  touched[0] = sum; // the reads would be left out if nothing came of them
};

/** `capacity` leaves of 0. Writing and finding cost O(log capacity). */
export const sumTree = (capacity: number): SumTree => {
  const { starts, length } = levelsOf(capacity);
  const data = new Float64Array(length);
  const top = starts.length - 1;
  const root = length - 1;
  return {
    capacity,
    get total() {
      return data[root]!;
    },
    get: (leaf) => data[leaf]!,
    fill(first, count, value) {
      data.fill(value, first, first + count);
      let [from, to] = [first, first + count - 1];
      for (let level = 1; level <= top; level++) {
        from >>= SHIFT;
        to >>= SHIFT;
        const [below, own] = [starts[level - 1]!, starts[level]!];
        for (let node = from; node <= to; node++) data[own + node] = sumAt(data, below + (node << SHIFT));
      }
    },
    set(leaves, values, count) {
      for (let k = 0; k < count; k++) data[leaves[k]!] = values[k]!;
      for (let level = 1; level <= top; level++) {
        const [below, own] = [starts[level - 1]!, starts[level]!];
        const shift = SHIFT * level;
        let done = -1; // leaves that were drawn in order share their upper nodes with the leaf before
        for (let k = 0; k < count; k++) {
          const node = leaves[k]! >> shift;
          if (node === done) continue;
          done = node;
          data[own + node] = sumAt(data, below + (node << SHIFT));
        }
      }
    },
    find(masses, leaves, count) {
      leaves.fill(0, 0, count);
      for (let level = top - 1; level >= 0; level--) {
        const start = starts[level]!;
        if (level < COLD) touch(data, start, leaves, count);
        for (let k = 0; k < count; k++) {
          let rest = masses[k]!;
          const first = start + (leaves[k]! << SHIFT);
          const end = first + FAN_OUT;
          let at = first;
          let filled = first; // the last child that is not 0
          for (; at < end; at++) {
            const child = data[at]!;
            if (rest < child) break;
            if (child > 0) filled = at;
            rest -= child;
          }
          if (at === end) {
            at = filled;
            rest = data[at]!; // beyond every leaf below: the last one is taken there, too
          }
          masses[k] = rest;
          leaves[k] = at - start;
        }
      }
    },
    leaves: (count) => data.slice(0, count),
  };
};
