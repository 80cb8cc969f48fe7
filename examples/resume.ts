/**
 * A run that is interrupted and goes on bit for bit: its learner, replay buffer, random streams and worlds are kept in a
 * folder. Run: npx tsx examples/resume.ts
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { folderStore, keeper, memoryStore, resume, type Store } from '@troupe/keep';
import { fastestRuntime, maddpg, offPolicy, replay, rng, simpleSpread, type MaddpgState } from 'troupe';

const STEPS = 30_000;

const runtime = await fastestRuntime();

/** Trains from where the store's newest checkpoint is, or from the beginning, and stops at `until`. */
const train = async (store: Store, until: number): Promise<readonly [steps: number, sum: number]> => {
  const env = simpleSpread({ numEnvs: 8 });
  const from = await resume<MaddpgState>(store);
  const keep = keeper(store, { last: 2, interval: STEPS / 10 });
  const training = offPolicy({
    env,
    learner: maddpg(env.groups, { runtime }),
    buffer: replay(env.groups, { capacity: 10_000 }),
    rng: rng(0),
    steps: STEPS,
    batchSize: 256,
    updateEvery: 200,
    resume: from,
  });
  let reached: readonly [number, number] = [0, 0];
  for await (const progress of training) {
    if (keep.due(progress.steps)) await keep.save(progress);
    reached = [progress.steps, progress.state.carry.flat.reduce((a, b) => a + b)];
    if (progress.steps >= until) break; // the power fails
  }
  return reached;
};

const folder = mkdtempSync(join(tmpdir(), 'troupe-resume-'));
const store = folderStore(folder);
const [stopped] = await train(store, STEPS * 0.45);
console.log(`stopped at step ${stopped}; kept: ${(await store.list()).join(', ')}`);
const [end, sum] = await train(store, STEPS);
console.log(`resumed, and reached step ${end}: all parameters add up to ${sum}`);
const [, uninterrupted] = await train(memoryStore(), STEPS);
console.log(`a run without interruption: ${uninterrupted}; ${sum === uninterrupted ? 'the same' : 'another'} result`);
rmSync(folder, { recursive: true });
