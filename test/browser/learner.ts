/** Learning in a web page: built by a bundler and run where nothing of Node is, in `bundle.test.ts`. */
import { replay } from '@troupe/buffers';
import { offPolicy, rng } from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { simpleSpread } from '@troupe/particle-world';
import { eager } from '@troupe/runtime';

const learn = async () => {
  const env = simpleSpread({ numEnvs: 2 });
  const learner = maddpg(env.groups, { runtime: eager(), hidden: [4] });
  const buffer = replay(env.groups, { capacity: 100 });
  let criticLoss: number | undefined;
  const run = { env, learner, buffer, rng: rng(0), steps: 20, batchSize: 8, updateEvery: 4 };
  for await (const { metrics } of offPolicy(run)) criticLoss = metrics['criticLoss'];
  return criticLoss;
};
export const result = learn();
