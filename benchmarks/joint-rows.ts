import { replay, type Replay } from '@troupe/buffers';
import { box, rng, type Batch } from '@troupe/core';
import ndarray from 'ndarray';

/** 129 floats: observations, actions, rewards and next observations of 3 agents, and their discounts. */
export const jointGroups = { agents: { agents: ['a', 'b', 'c'], observation: box([18]), action: box([5]) } } as const;
export type JointGroups = typeof jointGroups;

/** Normal rows, all agents alive, no episode ending. */
export const randomRows = (rows: number): Batch<JointGroups> => {
  const stream = rng(1);
  const normals = (...shape: number[]) =>
    ndarray(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape);
  const active = ndarray(new Uint8Array(rows * 3).fill(1), [rows, 3]);
  return {
    groups: {
      agents: {
        observation: normals(rows, 3, 18),
        active,
        action: normals(rows, 3, 5),
        reward: normals(rows, 3),
        discount: normals(rows, 3),
        next: { observation: normals(rows, 3, 18), active },
        extras: {},
      },
    },
    last: new Uint8Array(rows),
    env: Int32Array.from({ length: rows }, (_, e) => e),
  };
};

/** A replay buffer that is full of such rows. */
export const fullReplay = (capacity: number): Replay<JointGroups> => {
  const buffer = replay(jointGroups, { capacity });
  const rows = randomRows(Math.min(1000, capacity));
  while (buffer.size < capacity) buffer.add(rows);
  return buffer;
};
