import { replay } from '@troupe/buffers';
import { offPolicy, rng, type Batch, type Groups, type Learner, type Snapshot, type VecEnv } from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { simpleSpread, simpleTag } from '@troupe/particle-world';
import { describe, expect, it } from 'vitest';
import { runtimes } from './support/runtimes.js';

/** One learner in one world: how to play on, and what it begins with. */
interface Entry {
  play(from?: unknown, until?: number): Promise<{ readonly seen: readonly unknown[]; readonly snapshot?: unknown }>;
  init(seed: number): unknown;
}

const entry = <G extends Groups, S>(make: () => VecEnv<G>, learn: (groups: G) => Learner<G, S, Batch<G>>): Entry => ({
  init: (seed) => learn(make().groups).init(rng(seed)),
  /** Everything that tells two runs apart, and a snapshot of the moment `until`. */
  async play(from, until = Infinity) {
    const env = make();
    const run = offPolicy({
      env,
      learner: learn(env.groups),
      buffer: replay(env.groups, { capacity: 500 }),
      rng: rng(11),
      steps: 1200,
      batchSize: 32,
      updateEvery: 20,
      ...(from !== undefined && { resume: from as Snapshot<S> }),
    });
    const seen: unknown[] = [];
    for await (const progress of run) {
      seen.push([progress.steps, progress.updates, progress.metrics, progress.episodes]);
      if (progress.steps >= until) return { seen, snapshot: progress.snapshot() };
    }
    return { seen };
  },
});

const runtime = runtimes[1]![1];
/** Every off-policy learner, with a world to learn in. A new algorithm joins this table. */
const entries: Readonly<Record<string, Entry>> = {
  'maddpg, choices': entry(
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => maddpg(groups, { runtime, hidden: [16], targetAction: 'sample' }),
  ),
  'maddpg, real numbers, two groups, correlated exploration': entry(
    () => simpleTag({ numEnvs: 4, continuous: true }),
    (groups) => maddpg(groups, { runtime, hidden: [16], exploration: 'ornsteinUhlenbeck', rewardScaling: 'deviation' }),
  ),
};

describe.each(Object.entries(entries))('%s', (_name, { play, init }) => {
  it('continues from a snapshot bit for bit, through plain data', async () => {
    const whole = await play();
    const first = await play(undefined, 590); // in the middle of episodes, with a buffer that has wrapped round
    const second = await play(structuredClone(first.snapshot));
    expect([...first.seen, ...second.seen]).toEqual(whole.seen);
    expect(whole.seen.length).toBeGreaterThan(50);
  });

  it('begins the same with one seed and differently with another', () => {
    expect(init(1)).toEqual(init(1));
    expect(init(1)).not.toEqual(init(2));
  });
});
