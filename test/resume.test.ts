import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore, save } from '@troupe/keep';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { packages, root } from './structure/repository.js';
import { entries, play } from './support/learners.js';

/** In the middle of episodes, with a buffer that has wrapped round. */
const HALF = 590;
const table = Object.entries(entries);

describe.each(table)('%s', (_name, entry) => {
  it('continues from a snapshot bit for bit, through plain data', async () => {
    const whole = await play(entry);
    const first = await play(entry, undefined, HALF);
    const second = await play(entry, structuredClone(first.snapshot));
    expect([...first.seen, ...second.seen]).toEqual(whole.seen);
    expect(whole.seen.length).toBeGreaterThan(50);
  });

  it('begins the same with one seed and differently with another', () => {
    expect(entry.init(1)).toEqual(entry.init(1));
    expect(entry.init(1)).not.toEqual(entry.init(2));
  });
});

describe('in a new process', () => {
  const folder = mkdtempSync(join(tmpdir(), 'troupe-resume-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  let resumed: ReturnType<typeof spawnSync> | undefined;

  beforeAll(async () => {
    for (const [k, [, entry]] of table.entries()) {
      const store = folderStore(join(folder, String(k)));
      await save(store, 'half', (await play(entry, undefined, HALF)).snapshot);
      await save(store, 'whole', (await play(entry)).snapshot);
    }
    // Sees the sources, as this process does, so that no build is needed.
    resumed = spawnSync(process.execPath, ['--import', 'tsx', join(root, 'test/support/resume-worker.ts'), folder], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, TSX_TSCONFIG_PATH: join(root, 'test/support/tsconfig.sources.json') },
    });
  }, 180_000);

  it.each(table.map(([name], k) => [name, k] as const))('%s: ends in the same state, bit for bit', (_, k) => {
    expect(resumed?.stderr).toBe('');
    expect(resumed?.status).toBe(0);
    const read = (name: string, file: string) => readFileSync(join(folder, String(k), name, file));
    for (const file of ['state.safetensors', 'run.json']) {
      expect(read('resumed', file).equals(read('whole', file)), file).toBe(true);
      expect(read('resumed', file).equals(read('half', file)), `${file} of the half`).toBe(false);
    }
  });
});

describe('the table', () => {
  /** Exports of a package that make a learner, as its API report says. */
  const learnersOf = (folder: string): string[] => {
    const report = join(root, `packages/${folder}/${folder}.api.md`);
    if (!existsSync(report)) return [`${folder}: (expected an API report: npm run api)`];
    return [...readFileSync(report, 'utf8').matchAll(/^export (?:const|function) (\w+)\b.*(?:=>|\):) Learner</gm)].map(
      ([, name]) => `${folder}: ${name!}`,
    );
  };

  it('holds every learner that a package exports', () => {
    const exported = packages.flatMap(({ folder }) => learnersOf(folder)).sort();
    const held = [...new Set(Object.values(entries).flatMap(({ of }) => of))].sort();
    expect(exported).toContain('ddpg: maddpg');
    expect(held).toEqual(exported);
  });
});
