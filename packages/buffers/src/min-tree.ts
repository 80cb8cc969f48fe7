import { FAN_OUT, levelsOf } from './sum-tree.js';

/** Keeps the smallest of some numbers, while they change. */
export interface MinTree {
  /** Infinity where there is none. */
  readonly least: number;
  set(leaf: number, value: number): void;
}

/** `capacity` leaves of Infinity. Writing costs O(log capacity), reading nothing. */
export const minTree = (capacity: number): MinTree => {
  const { starts, length } = levelsOf(capacity);
  const data = new Float64Array(length).fill(Infinity);
  return {
    get least() {
      return data[length - 1]!;
    },
    set(leaf, value) {
      data[leaf] = value;
      let node = leaf;
      for (let level = 1; level < starts.length; level++) {
        node = Math.floor(node / FAN_OUT);
        const first = starts[level - 1]! + node * FAN_OUT;
        let least = Infinity;
        for (let at = first; at < first + FAN_OUT; at++) if (data[at]! < least) least = data[at]!;
        data[starts[level]! + node] = least;
      }
    },
  };
};
