import { offPolicy, rng, type Groups, type VecEnv } from '@troupe/core';
import { replay } from '@troupe/buffers';
import { maddpg, type MaddpgState } from '@troupe/ddpg';
import type { ExperimentRun } from './experiment.js';

/** Trains with the settings of `npm start`: batch 1024, an update per 100 steps, step sizes that fall to a twentieth. */
export const trainMaddpg = async <G extends Groups>(
  env: VecEnv<G>,
  { seed, steps, runtime, progress, training }: ExperimentRun,
  watched: keyof G & string,
) => {
  const learner = maddpg(env.groups, { runtime, learningRateEnd: 0.05 });
  const { from, keep } = await training<MaddpgState>('maddpg');
  let state: MaddpgState = learner.init(rng(seed));
  const run = offPolicy({
    env,
    learner,
    buffer: replay(env.groups, { capacity: 1_000_000 }),
    rng: rng(seed),
    steps,
    batchSize: 1024,
    updateEvery: 100,
    ...from,
  });
  for await (const at of run) {
    state = at.state;
    const [episode] = at.episodes;
    if (episode) progress(at.steps, `return of ${watched} ${episode.returns[watched].toFixed(1)}`);
    await keep(at);
  }
  return learner.policies(state, 'exploit');
};
