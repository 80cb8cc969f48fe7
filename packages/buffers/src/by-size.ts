import { minTree } from './min-tree.js';
import { power, type Priorities } from './priorities.js';
import { sumTree } from './sum-tree.js';

/** Mass pᵅ: proportional prioritisation. Schaul et al. 2016, section 3.3. */
export const bySize = (capacity: number, alpha: number, keepLeast: boolean): Priorities => {
  const tree = sumTree(capacity);
  const smallest = keepLeast ? minTree(capacity) : undefined;
  let scratch = new Float64Array(0);
  const keep = (slot: number): void => {
    const mass = tree.get(slot);
    smallest!.set(slot, mass > 0 ? mass : Infinity);
  };
  const write = (slots: Int32Array, masses: Float64Array, count: number): void => {
    tree.set(slots, masses, count);
    for (let k = 0; smallest && k < count; k++) keep(slots[k]!);
  };
  const fill = (first: number, count: number, mass: number): void => {
    tree.fill(first, count, mass);
    for (let slot = first; smallest && slot < first + count; slot++) keep(slot);
  };
  return {
    get total() {
      return tree.total;
    },
    get least() {
      return smallest?.least ?? Infinity;
    },
    massesOf(slots, masses, count) {
      for (let k = 0; k < count; k++) masses[k] = tree.get(slots[k]!);
    },
    fill: (first, count, p) => fill(first, count, power(p, alpha)),
    set(slots, p, count) {
      if (scratch.length < count) scratch = new Float64Array(count);
      for (let k = 0; k < count; k++) scratch[k] = p[k]! < 0 ? 0 : power(p[k]!, alpha);
      write(slots, scratch, count);
    },
    drop: (slot) => fill(slot, 1, 0),
    find: (masses, slots, count) => tree.find(masses, slots, count),
    clear: () => fill(0, capacity, 0),
    save: (used) => ({ by: 'size', priorities: tree.leaves(used), order: null, left: 0 }),
    load({ priorities }) {
      fill(0, capacity, 0);
      const { length } = priorities;
      write(Int32Array.from({ length }, (_, slot) => slot), priorities, length); // prettier-ignore
    },
  };
};
