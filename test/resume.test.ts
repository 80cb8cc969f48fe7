import { replay } from '@troupe/buffers';
import { offPolicy, rng, type Batch, type Groups, type Learner, type Snapshot, type VecEnv } from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { simpleSpread, simpleTag } from '@troupe/particle-world';
import { describe, expect, it } from 'vitest';
import { runtimes } from './support/runtimes.js';

/** Every off-policy learner with a world to learn in. A new algorithm joins this table. */
const learners: Readonly<
  Record<
    string,
    { env: () => VecEnv<Groups>; learner: (env: VecEnv<Groups>) => Learner<Groups, unknown, Batch<Groups>> }
  >
> = {
  'maddpg, discrete': {
    env: () => simpleSpread({ numEnvs: 4 }),
    learner: ({ groups }) => maddpg(groups, { runtime: runtimes[1]![1], hidden: [16], targetAction: 'sample' }),
  },
  'maddpg, continuous, two groups, correlated exploration': {
    env: () => simpleTag({ numEnvs: 4, continuous: true }),
    learner: ({ groups }) =>
      maddpg(groups, {
        runtime: runtimes[1]![1],
        hidden: [16],
        exploration: 'ornsteinUhlenbeck',
        rewardScaling: 'deviation',
      }),
  },
};

/** Everything that tells two runs apart, and a snapshot where one was asked for. */
const play = async (name: string, from?: Snapshot<unknown>, until = Infinity) => {
  const { env: make, learner } = learners[name]!;
  const env = make();
  const run = offPolicy({
    env,
    learner: learner(env),
    buffer: replay(env.groups, { capacity: 500 }),
    rng: rng(11),
    steps: 1200,
    batchSize: 32,
    updateEvery: 20,
    ...(from && { resume: from }),
  });
  const seen: unknown[] = [];
  for await (const progress of run) {
    seen.push([progress.steps, progress.updates, progress.metrics, progress.episodes]);
    if (progress.steps >= until) return { seen, snapshot: progress.snapshot() };
  }
  return { seen };
};

describe.each(Object.keys(learners))('%s', (name) => {
  it('continues from a snapshot bit for bit, through plain data', async () => {
    const whole = await play(name);
    const first = await play(name, undefined, 590); // in the middle of episodes, with a buffer that has wrapped round
    const second = await play(name, structuredClone(first.snapshot));
    expect([...first.seen, ...second.seen]).toEqual(whole.seen);
    expect(whole.seen.length).toBeGreaterThan(50);
  });

  it('is another run with another seed', async () => {
    const env = learners[name]!.env();
    const state = learners[name]!.learner(env).init(rng(1));
    expect(learners[name]!.learner(env).init(rng(1))).toEqual(state);
    expect(learners[name]!.learner(env).init(rng(2))).not.toEqual(state);
  });
});
