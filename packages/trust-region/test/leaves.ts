import type ndarray from 'ndarray';
import { expect } from 'vitest';

/** Weights of a state, or a part of them. */
export type Leaf = ndarray.NdArray<Float32Array>;

export const write = (leaf: Leaf, values: (i: number) => number): void => {
  for (let i = 0; i < leaf.size; i++) leaf.data[leaf.offset + i] = values(i);
};
export const read = (leaf: Leaf, from: number, to?: number): number[] =>
  Array.from(leaf.data.subarray(leaf.offset, leaf.offset + leaf.size)).slice(from, to);
export const close = (actual: readonly number[], expected: readonly number[]): void => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((x, i) => expect(actual[i]).toBeCloseTo(x, 5));
};
