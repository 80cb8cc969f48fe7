import { replay } from '@troupe/buffers';
import { pendulum } from '@troupe/classic-control';
import { evaluate, offPolicy, rng } from '@troupe/core';
import { onnx } from '@troupe/runtime-node';
import { expect, it } from 'vitest';
import { naf, type NafOptions } from '../src/index.js';

const runtime = onnx();

/** Mean return without noise after 8,000 steps; random actions get about −1,230. */
const returnOf = async (seed: number, options: NafOptions): Promise<number> => {
  const env = pendulum({ numEnvs: 4 });
  const learner = naf(env.groups, { runtime, hidden: [128, 128], ...options });
  const buffer = replay(env.groups, { capacity: 10_000 });
  const run = { env, learner, buffer, rng: rng(seed), steps: 8000, batchSize: 128, updateEvery: 1, warmup: 1000 };
  let state = learner.init(rng(seed));
  for await (const progress of offPolicy({ ...run, state })) state = progress.state;
  const policies = learner.policies(state, 'exploit');
  return (await evaluate({ env, policies, rng: rng(99), episodes: 40 })).returns.agent.mean;
};

it.each([10, 11, 12])('NAF swings the pendulum up, seed %i', async (seed) => {
  expect(await returnOf(seed, {})).toBeGreaterThan(-250);
});

it('noise that is narrow from the beginning drives its mean into the bounds', async () => {
  expect(await returnOf(1, { explorationScale: 0.3, explorationEnd: 0.3 })).toBeLessThan(-800);
});
