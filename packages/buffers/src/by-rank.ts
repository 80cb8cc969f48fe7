import type { Priorities } from './priorities.js';

/**
 * Mass rank^−α, the largest p first: rank-based prioritisation. Schaul et al. 2016, section 3.3 and appendix B.2.1: the rank
 * is the place in a heap, which is sorted whenever as many p have changed as there are slots. In between it is a heap all
 * the same: who is in place k has no smaller p than those in places 2k and 2k + 1. Differs from the paper: draws are from
 * the exact distribution of places, not from segments of nearly equal mass worked out for some sizes.
 */
export const byRank = (capacity: number, alpha: number): Priorities => {
  const p = new Float64Array(capacity);
  const order = new Int32Array(capacity);
  const place = new Int32Array(capacity).fill(-1);
  /** Sum of the masses of the first places, up to and with each. */
  const sums = new Float64Array(capacity);
  for (let k = 0, sum = 0; k < capacity; k++) sums[k] = sum += (k + 1) ** -alpha;
  let size = 0;
  let left = capacity;

  const stand = (slot: number, at: number): void => {
    order[at] = slot;
    place[slot] = at;
  };
  /** Moves a slot that came to `at` towards the top, as far as it belongs. */
  const rise = (slot: number, at: number): number => {
    while (at > 0) {
      const above = (at - 1) >> 1;
      const other = order[above]!;
      if (p[other]! >= p[slot]!) break;
      stand(other, at);
      at = above;
    }
    stand(slot, at);
    return at;
  };
  /** The same towards the bottom, among the first `among` places. */
  const sink = (slot: number, at: number, among: number): void => {
    for (;;) {
      let below = 2 * at + 1;
      if (below >= among) break;
      if (below + 1 < among && p[order[below + 1]!]! > p[order[below]!]!) below += 1;
      const other = order[below]!;
      if (p[slot]! >= p[other]!) break;
      stand(other, at);
      at = below;
    }
    stand(slot, at);
  };
  const settle = (slot: number, at: number): void => sink(slot, rise(slot, at), size);

  /** Largest first: takes the top off until nothing is left, which leaves the smallest first, and turns that round. */
  const sort = (): void => {
    for (let end = size - 1; end > 0; end--) {
      const [top, last] = [order[0]!, order[end]!];
      stand(top, end);
      sink(last, 0, end);
    }
    for (let a = 0, b = size - 1; a < b; a++, b--) {
      const [small, large] = [order[a]!, order[b]!];
      stand(large, a);
      stand(small, b);
    }
    left = capacity;
  };
  const changed = (count: number): void => {
    left -= count;
    if (left <= 0) sort();
  };
  const enter = (slot: number, value: number): void => {
    p[slot] = value;
    settle(slot, place[slot]! < 0 ? size++ : place[slot]!);
  };
  const clear = (): void => {
    place.fill(-1);
    [size, left] = [0, capacity];
  };

  return {
    get total() {
      return size > 0 ? sums[size - 1]! : 0;
    },
    get least() {
      return size > 0 ? size ** -alpha : Infinity;
    },
    massesOf(slots, masses, count) {
      for (let k = 0; k < count; k++) masses[k] = (place[slots[k]!]! + 1) ** -alpha;
    },
    fill(first, count, value) {
      for (let slot = first; slot < first + count; slot++) enter(slot, value);
      changed(count);
    },
    set(slots, values, count) {
      for (let k = 0; k < count; k++) if (place[slots[k]!]! >= 0) enter(slots[k]!, values[k]!);
      changed(count);
    },
    drop(slot) {
      const at = place[slot]!;
      place[slot] = -1;
      size -= 1;
      const last = order[size]!;
      if (last !== slot) settle(last, at);
      changed(1);
    },
    find(masses, slots, count) {
      for (let k = 0; k < count; k++) {
        let [low, high] = [0, size - 1];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (sums[middle]! > masses[k]!) high = middle;
          else low = middle + 1;
        }
        slots[k] = order[low]!;
      }
    },
    clear,
    save: (used) => ({ by: 'rank', priorities: p.slice(0, used), order: order.slice(0, size), left }),
    load(saved) {
      clear();
      p.set(saved.priorities);
      saved.order!.forEach(stand);
      size = saved.order!.length;
      left = saved.left;
    },
  };
};
