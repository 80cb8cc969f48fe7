import { discrete, box, rng, type Batch, type Groups } from '@troupe/core';
import ndarray from 'ndarray';

/** Three agents as in simple_spread: 18 numbers seen, 5 moves. */
export const groups = {
  agents: {
    agents: ['agent_0', 'agent_1', 'agent_2'],
    observation: box([18], { low: -Infinity, high: Infinity }),
    action: discrete(5),
  },
} as const satisfies Groups;

/** A batch of made-up rows. */
export const makeBatch = (rows: number): Batch<typeof groups> => {
  const stream = rng(7);
  const slots = 3;
  const normals = (n: number) => Float32Array.from({ length: n }, () => stream.normal());
  const observed = () => ndarray(normals(rows * slots * 18), [rows, slots, 18]);
  const ones = () => new Uint8Array(rows * slots).fill(1);
  return {
    groups: {
      agents: {
        observation: observed(),
        active: ndarray(ones(), [rows, slots]),
        action: ndarray(
          Int32Array.from({ length: rows * slots }, () => Math.floor(stream.uniform() * 5)),
          [rows, slots],
        ),
        reward: ndarray(normals(rows * slots), [rows, slots]),
        discount: ndarray(new Float32Array(rows * slots).fill(1), [rows, slots]),
        next: { observation: observed(), active: ndarray(ones(), [rows, slots]) },
        extras: {},
      },
    },
    last: new Uint8Array(rows),
    env: new Int32Array(rows),
  };
};
