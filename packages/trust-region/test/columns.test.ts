import { rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { partition } from '../src/columns.js';

describe('parts of a pass', () => {
  it('are rows in a new order each time, and those left over differ', () => {
    const stream = rng(1);
    const passes = Array.from({ length: 20 }, () => Array.from(partition(10, 3, stream)));
    const out = new Set<number>();
    for (const order of passes) {
      expect(order).toHaveLength(9);
      expect(new Set(order).size).toBe(9);
      for (let row = 0; row < 10; row++) if (!order.includes(row)) out.add(row);
    }
    expect(new Set(passes.map((order) => order.join())).size).toBe(20);
    expect(out.size).toBeGreaterThan(5);
  });

  it('of sequences are whole ones, which go on side by side', () => {
    // 3 steps of 4 sequences: rows s, 4 + s, 8 + s are sequence s
    const order = Array.from(partition(12, 2, rng(2), 3));
    expect([...order].sort((a, b) => a - b)).toEqual(Array.from({ length: 12 }, (_, i) => i));
    for (const part of [order.slice(0, 6), order.slice(6)]) {
      const [first, second] = part as [number, number];
      expect([first, second].every((row) => row < 4)).toBe(true);
      expect(part).toEqual([first, second, 4 + first, 4 + second, 8 + first, 8 + second]);
    }
    expect(order.slice(0, 2)).not.toEqual([0, 1]);
  });
});
