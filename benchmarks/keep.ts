import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replay } from '@troupe/buffers';
import { box, rng, type Batch } from '@troupe/core';
import { folderStore, load, save } from '@troupe/keep';
import ndarray from 'ndarray';
import type { Benchmark, Contestant } from './contest.js';

const ROWS = 1_000_000;
/** Rows added at a time. */
const ADDED = 1000;

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

const contestants = async (): Promise<readonly Contestant[]> => {
  const buffer = replay(groups, { capacity: ROWS });
  const rows = randomRows(ADDED);
  while (buffer.size < ROWS) buffer.add(rows);
  const folder = mkdtempSync(join(tmpdir(), 'troupe-bench-'));
  const store = folderStore(folder);
  let written = 0;
  const megabytes = Math.round((buffer.bytesPerRow * ROWS) / 1e6);
  const side = (runtime: string, work: () => Promise<void>): Contestant => ({
    runtime,
    unit: 'rows',
    units: ROWS,
    config: { rows: ROWS, floatsPerRow: 129, megabytes },
    async round() {
      const began = performance.now();
      await work();
      return performance.now() - began;
    },
  });
  // What loading reads: written before anything is measured.
  await save(store, 'to-load', buffer.save!());
  return [
    {
      ...side('save', async () => {
        const name = `saved-${written++}`;
        await save(store, name, buffer.save!());
        await store.remove(name);
      }),
      dispose: () => rmSync(folder, { recursive: true, force: true }),
    },
    side('load', async () => {
      buffer.load!((await load(store, 'to-load')).state);
    }),
  ];
};

/** A full replay buffer to the disk and back, columns gathered and put back, checksums and flushing included. */
export const keepBenchmark: Benchmark = {
  name: 'keep',
  about: `a checkpoint of ${ROWS.toLocaleString('en')} joint replay rows: saved and flushed to the disk, loaded and verified`,
  contestants,
};
