import { pathToFileURL } from 'node:url';
import { replay } from '@troupe/buffers';
import { box, rng, type Batch } from '@troupe/core';
import ndarray from 'ndarray';
import { contest, timed, type Benchmark, type Contestant } from './contest.js';
import type { Measurement } from './measurement.js';

const CAPACITY = 1_000_000;
const ROWS = 1024;
/** Samples per round. */
const SAMPLES = 20;

/** 129 floats: observations, actions, rewards and next observations of 3 agents, and their discounts. */
const groups = { agents: { agents: ['a', 'b', 'c'], observation: box([18]), action: box([5]) } } as const;
type G = typeof groups;

const randomRows = (rows: number): Batch<G> => {
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

/** Draws slots and copies rows to columns, through the public `sample`. */
const sampling = (): Contestant => {
  const buffer = replay(groups, { capacity: CAPACITY });
  const rows = randomRows(ROWS);
  while (buffer.size < CAPACITY) buffer.add(rows);
  const stream = rng(2);
  let sum = 0;
  return {
    runtime: 'none',
    unit: 'rows',
    units: ROWS,
    config: { capacity: CAPACITY, batch: ROWS, floatsPerRow: 129, bytesPerRow: buffer.bytesPerRow },
    round() {
      const ms = timed(SAMPLES, () => {
        sum += buffer.sample(ROWS, stream).groups.agents.reward.data[0]!;
      });
      if (!Number.isFinite(sum)) throw new Error(`replay-sample: expected finite rewards, got a sum of ${sum}`);
      return ms;
    },
  };
};

/** 1024 joint rows of 129 floats out of a million. */
export const replaySampleBenchmark: Benchmark = {
  name: 'replay-sample',
  about: `${ROWS} joint rows of 129 floats drawn from ${CAPACITY.toLocaleString('en')}, as one array per column`,
  contestants: () => [sampling()],
  peer: { args: ['replay-sample', '--kind', 'uniform'], idiomatic: ['fields', 'torch-fields'] },
};

/** Measures it: 30 rounds. */
export const replaySample = async (): Promise<readonly Measurement[]> =>
  (await contest(replaySampleBenchmark, { rounds: 30, warmup: 5 })).measurements;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const measurement of await replaySample()) console.log(JSON.stringify(measurement));
}
