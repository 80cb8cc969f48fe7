import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore, load, save } from '@troupe/keep';
import type { Benchmark, Contestant } from './contest.js';
import { fullReplay } from './joint-rows.js';
import type { SaveMemory } from './keep-memory.js';

const ROWS = 1_000_000;

/** The most memory that a process takes which saves or loads such a buffer, in sizes of the buffer. */
const peakOf = (kind: 'lent' | 'copied' | 'resumed', folder: string): number => {
  const program = join(import.meta.dirname, 'keep-memory.ts');
  const ran = spawnSync(process.execPath, ['--import', 'tsx', program, folder, kind, String(ROWS)], {
    encoding: 'utf8',
  });
  if (ran.status !== 0) throw new Error(`keep: expected a measurement of memory, got: ${ran.stdout} ${ran.stderr}`);
  const { peak, bufferBytes } = JSON.parse(ran.stdout) as SaveMemory;
  return Number((peak / bufferBytes).toFixed(3));
};

const contestants = async (): Promise<readonly Contestant[]> => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-bench-'));
  const peaks = { lent: 0, copied: 0, resumed: 0 };
  for (const kind of ['lent', 'copied', 'resumed'] as const) peaks[kind] = peakOf(kind, folder);
  const buffer = fullReplay(ROWS);
  const store = folderStore(folder);
  let written = 0;
  const megabytes = Math.round((buffer.bytesPerRow * ROWS) / 1e6);
  const side = (runtime: string, config: Record<string, unknown>, work: () => Promise<void>): Contestant => ({
    runtime,
    unit: 'rows',
    units: ROWS,
    config: { rows: ROWS, floatsPerRow: 129, megabytes, ...config },
    async round() {
      const began = performance.now();
      await work();
      return performance.now() - began;
    },
  });
  const saving = (kind: 'lent' | 'copied', take: () => unknown): Contestant =>
    side(`save, ${kind}`, { peakMemoryOverBuffer: peaks[kind] }, async () => {
      const name = `saved-${written++}`;
      await save(store, name, take());
      await store.remove(name);
    });
  // What loading reads: written before anything is measured.
  await save(store, 'to-load', buffer.lend!());
  return [
    {
      ...saving('lent', () => buffer.lend!()),
      dispose: () => rmSync(folder, { recursive: true, force: true }),
    },
    saving('copied', () => buffer.save!()),
    side('load', { peakMemoryOverBuffer: peaks.resumed }, async () => {
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
