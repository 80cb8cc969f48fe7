/** A run that is saved while it stands still, without a copy of its buffer, and one that does not stand still. */
import { mkdtempSync, readFileSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { replay } from '@troupe/buffers';
import { offPolicy, randomPolicy, rng, type Batch, type Learner, type Progress } from '@troupe/core';
import { folderStore, keeper, resume } from '@troupe/keep';
import { simpleSpread, type SpreadGroups } from '@troupe/particle-world';
import { afterAll, expect, it } from 'vitest';

type G = SpreadGroups<false>;
const folder = mkdtempSync(join(tmpdir(), 'troupe-saving-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const training = (steps: number) => {
  const env = simpleSpread({ numEnvs: 8 });
  const learner: Learner<G, Float32Array, Batch<G>> = {
    init: () => new Float32Array(1),
    policies: () => ({ agents: randomPolicy(env.groups.agents) }),
    update: (state, batch) => [state.map((x) => x + batch.groups.agents.reward.get(0, 0)), {}],
  };
  const buffer = replay(env.groups, { capacity: 5000 });
  return offPolicy({ env, learner, buffer, rng: rng(0), steps, batchSize: 16, warmup: 6000 });
};
/** The first progress with a buffer that is full, and the run that stands there. */
const standing = async () => {
  const run = training(20_000);
  for (;;) {
    const { value, done } = await run.next();
    if (done) throw new Error('the run has ended');
    const progress = value as Progress<G, Float32Array>;
    if (progress.updates > 0) return { run, progress };
  }
};
const filesOf = (path: string) => readdirSync(path, { recursive: true, encoding: 'utf8' }).sort();

it('a progress is written as its snapshot is, bit for bit', async () => {
  const { progress } = await standing();
  const [lent, copied] = ['lent', 'copied'].map((name) => join(folder, name)) as [string, string];
  const name = await keeper(folderStore(lent)).save(progress);
  expect(await keeper(folderStore(copied)).save(progress.snapshot())).toBe(name);
  for (const file of ['state.safetensors', 'run.json']) {
    expect(readFileSync(join(lent, name, file)).equals(readFileSync(join(copied, name, file))), file).toBe(true);
  }
  expect((await resume(folderStore(lent)))?.steps).toBe(progress.steps);
});

it('a run that goes on while it is saved gets an error and no checkpoint', async () => {
  const { run, progress } = await standing();
  const path = join(folder, 'hasty');
  const keep = keeper(folderStore(path));
  const hasty = keep.save(progress);
  const settled = expect(hasty).rejects.toThrow('replay.lend: expected to be read before the buffer changes');
  const next = await run.next();
  await settled;
  expect(filesOf(path)).toEqual([]);
  await expect(keep.save(progress)).rejects.toThrow('progress.lend: expected to be called before the run goes on');
  // The next progress can be saved as if nothing had happened.
  const name = await keep.save(next.value as Progress<G, Float32Array>);
  expect(filesOf(path)).toEqual([name, `${name}/run.json`, `${name}/state.safetensors`]);
});

it('a snapshot may be written while the run goes on', async () => {
  const { run, progress } = await standing();
  const store = folderStore(join(folder, 'owned'));
  const before = progress.snapshot();
  const saving = keeper(store).save(before);
  for (let i = 0; i < 20; i++) await run.next();
  await saving;
  expect(await resume(store)).toEqual(before);
});
