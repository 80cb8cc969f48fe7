import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore, save } from '@troupe/keep';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exportedLearners, learnersIn } from './structure/learners.js';
import { root, textOf } from './structure/repository.js';
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
  it('holds every learner that a package exports', () => {
    const exported = exportedLearners();
    expect(exported).toContain('ddpg: maddpg');
    expect([...new Set(table.flatMap(([, { of }]) => of))].sort()).toEqual(exported);
  });

  it("is matched by the stranger's project, where every one of them learns a little (test/outsider.long.test.ts)", () => {
    const project = ['learners', 'reinforce'].map((file) => textOf(`test/outsider/project/src/${file}.ts`)).join('\n');
    const missing = exportedLearners().filter((learner) => {
      const [folder, name] = learner.split(': ') as [string, string];
      return !new RegExp(`import \\{[^}]*\\b${name}\\b[^}]*\\} from '@troupe/${folder}'`).test(project);
    });
    expect(missing).toEqual([]);
  });

  it('would miss none, however it is declared', () => {
    const report = `# a report
\`\`\`ts
import { Learner } from '@troupe/core';

// @public
export function made<G extends Groups>(groups: G): Learner<G, S, Rollout<G>>;

// @public
export const arrow: <G extends Groups>(groups: G, options?: {
    a: number;
}) => Learner<G, S, Batch<G>>;

// @public
export const later: () => Promise<Special & { more: number }>;

// @public
export interface Special extends Between<G> {
    x: number;
}

// @public
export type Between<G> = Learner<G, S, Batch<G>> & { y: number };

// @public
export const learn: (learner: Learner<G, S, Batch<G>>) => number;

// @public
export const settings: { learner: Field<number> };
\`\`\``;
    expect(learnersIn(report)).toEqual(['arrow', 'later', 'made']);
  });
});
