import type * as tf from '@tensorflow/tfjs-core';
import type { RestArray } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { Operand } from './kernel-cases/index.js';

/** Numbers that look random, repeat for the same seed, and keep away from 0 and from each other. */
export const numbers = (n: number, seed: number): Float32Array =>
  Float32Array.from({ length: n }, (_, i) => {
    const x = Math.sin((i + 1) * 12.9898 + seed * 78.233) * 43758.5453;
    const uniform = x - Math.floor(x);
    return (uniform * 1.8 + 0.15) * (Math.floor(x) % 2 === 0 ? 1 : -1);
  });

const ranges: Readonly<Record<Operand['kind'], (x: number) => number>> = {
  any: (x) => x,
  positive: (x) => Math.abs(x) + 0.1,
  unit: (x) => x * 0.45,
  above1: (x) => Math.abs(x) + 1.05,
  index: (x) => Math.floor(Math.abs(x) * 2) % 4,
  integer: (x) => Math.round(x * 3),
  bool: (x) => (x > 0 ? 1 : 0),
};

/** An operand as an array at rest. */
export const operandArray = ({ shape, kind }: Operand, seed: number): RestArray => {
  const values = numbers(
    shape.reduce((a, b) => a * b, 1),
    seed,
  ).map(ranges[kind]);
  const data = kind === 'integer' ? Int32Array.from(values) : kind === 'bool' ? Uint8Array.from(values) : values;
  return ndarray(data, [...shape]) as RestArray;
};

/** Weights for a sum over outputs: without them the gradients of softmax and the like would vanish. */
export const weightsLike = (t: tf.Tensor, seed: number): Float32Array => numbers(t.size, seed + 100);

/** The largest difference, relative to the largest number; infinite where one is NaN and the other is not. */
export const difference = (a: ArrayLike<number>, b: ArrayLike<number>): number => {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  let scale = 1e-3;
  for (let i = 0; i < a.length; i++) {
    const [x, y] = [a[i]!, b[i]!];
    if (Object.is(x, y) || x === y) continue;
    if (Number.isNaN(x) !== Number.isNaN(y)) return Infinity;
    largest = Math.max(largest, Math.abs(x - y));
    if (Number.isFinite(x)) scale = Math.max(scale, Math.abs(x));
  }
  return largest / scale;
};
