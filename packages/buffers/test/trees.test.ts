import { rng } from '@troupe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { minTree } from '../src/min-tree.js';
import { sumTree, type SumTree } from '../src/sum-tree.js';

const find = (tree: SumTree, mass: number): number => {
  const leaf = new Int32Array(1);
  tree.find(Float64Array.of(mass), leaf, 1);
  return leaf[0]!;
};
const sum = (values: ArrayLike<number>): number => Array.from(values).reduce((a, b) => a + b, 0);

describe('sumTree', () => {
  it('finds what a walk along the leaves finds, whatever was written (any capacity)', () => {
    const write = fc.record({ at: fc.nat(), count: fc.integer({ min: 1, max: 9 }), value: fc.nat({ max: 5 }) });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 600 }), fc.array(write, { maxLength: 30 }), (capacity, writes) => {
        const tree = sumTree(capacity);
        const leaves = Array<number>(capacity).fill(0);
        writes.forEach(({ at, count, value }, k) => {
          const first = at % capacity;
          const n = Math.min(count, capacity - first);
          if (k % 2 === 0) {
            tree.fill(first, n, value);
            leaves.fill(value, first, first + n);
            return;
          }
          // out of order and with one leaf twice: the later value stays
          const slots = [...Array.from({ length: n }, (_, i) => first + n - 1 - i), first];
          tree.set(
            Int32Array.from(slots),
            Float64Array.from(slots, (_, i) => value + i),
            slots.length,
          );
          slots.forEach((slot, i) => (leaves[slot] = value + i));
        });
        expect(Array.from(tree.leaves(capacity))).toEqual(leaves);
        // whole numbers: the sums are exact
        expect(tree.total).toBe(sum(leaves));
        let before = 0;
        const masses: number[] = [];
        leaves.forEach((value, leaf) => {
          expect(tree.get(leaf)).toBe(value);
          if (value === 0) return;
          masses.push(before);
          expect(find(tree, before)).toBe(leaf);
          expect(find(tree, before + value - 0.25)).toBe(leaf);
          before += value;
        });
        // many at once, as each by itself
        const found = new Int32Array(masses.length);
        tree.find(Float64Array.from(masses), found, found.length);
        expect(Array.from(found)).toEqual(masses.map((mass) => find(tree, mass)));
        // rounding may carry a draw to the total and beyond: the last leaf that is not empty
        if (before > 0) {
          const last = leaves.findLastIndex((value) => value > 0);
          expect([find(tree, before), find(tree, before * 2)]).toEqual([last, last]);
        }
      }),
      { numRuns: 60 },
    );
  });

  it('adds up to its leaves after a million random writes', () => {
    const tree = sumTree(5000);
    const stream = rng(0);
    const [slots, values] = [new Int32Array(100), new Float64Array(100)];
    for (let k = 0; k < 10_000; k++) {
      for (let i = 0; i < 100; i++) {
        slots[i] = stream.int(5000);
        values[i] = Math.exp(10 * stream.normal());
      }
      tree.set(slots, values, 100);
    }
    const total = sum(tree.leaves(5000).sort());
    expect(Math.abs(tree.total / total - 1)).toBeLessThan(1e-12);
  });

  it('has the same bits whatever was written before the leaves that it has now', () => {
    const [a, b] = [sumTree(300), sumTree(300)];
    const values = rng(1).fillUniform(new Float64Array(300));
    const slots = Int32Array.from({ length: 300 }, (_, i) => i);
    for (let k = 0; k < 50; k++) a.set(slots, rng(k).fillNormal(new Float64Array(300)).map(Math.exp), 300);
    a.set(slots, values, 300);
    for (let i = 299; i >= 0; i--) b.fill(i, 1, values[i]!);
    expect(a.total).toBe(b.total);
  });

  it('never finds an empty leaf: a million draws between leaves of every size', () => {
    const stream = rng(2);
    const tree = sumTree(1000);
    for (let i = 0; i < 1000; i++) tree.fill(i, 1, stream.int(3) === 0 ? 0 : 10 ** (-12 * stream.uniform()));
    for (let k = 0; k < 1_000_000; k++) {
      if (tree.get(find(tree, stream.uniform() * tree.total)) === 0) expect.fail(`draw ${k} found an empty leaf`);
    }
  });
});

describe('minTree', () => {
  it('knows the least, whatever was written', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 400 }),
        fc.array(fc.tuple(fc.nat(), fc.oneof(fc.nat(), fc.constant(Infinity))), { maxLength: 40 }),
        (capacity, writes) => {
          const tree = minTree(capacity);
          const leaves = Array<number>(capacity).fill(Infinity);
          expect(tree.least).toBe(Infinity);
          for (const [at, value] of writes) {
            tree.set(at % capacity, (leaves[at % capacity] = value));
            expect(tree.least).toBe(Math.min(...leaves));
          }
        },
      ),
    );
  });
});
