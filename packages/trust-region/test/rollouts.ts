import { rng, type Groups, type Rollout } from '@troupe/core';
import ndarray from 'ndarray';

export const f32 = (data: readonly number[], ...shape: number[]) => ndarray(Float32Array.from(data), shape);
export const ones = (...shape: number[]) => ndarray(new Uint8Array(shape.reduce((a, b) => a * b, 1)).fill(1), shape);

/** Rows at random, never ending, of the group `team`: `agents` with observations [3] and as many choices. */
export const randomRollout = (options: {
  readonly steps: number;
  readonly numEnvs: number;
  readonly agents: number;
  readonly seed?: number;
}): Rollout<Groups> => {
  const { steps, numEnvs, agents: n, seed = 1 } = options;
  const stream = rng(seed);
  const rows = steps * numEnvs;
  const normal = (...shape: number[]) =>
    f32(Array.from(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b)))), ...shape);
  const active = ones(rows, n);
  const team = {
    observation: normal(rows, n, 3),
    active,
    action: ndarray(
      Int32Array.from({ length: rows * n }, () => stream.int(3)),
      [rows, n],
    ),
    reward: normal(rows, n),
    discount: f32(new Array<number>(rows * n).fill(1), rows, n),
    next: { observation: normal(rows, n, 3), active },
    extras: {},
  };
  const env = Int32Array.from({ length: rows }, (_, b) => b % numEnvs);
  return { steps, numEnvs, batch: { groups: { team }, last: new Uint8Array(rows), env } };
};
