import { replay, type ReplayOptions } from '@troupe/buffers';
import { offPolicy, rng, type Batch, type Groups, type Learner, type VecEnv } from '@troupe/core';
import type { ExperimentRun } from './experiment.js';

/** Trains a learner on rows of replay, with progress and checkpoints; returns the policies that it ends with. */
export const trainOffPolicy = async <G extends Groups, S>(
  name: string,
  env: VecEnv<G>,
  learner: Learner<G, S, Batch<G>>,
  { seed, steps, progress, training }: ExperimentRun,
  watched: keyof G & string,
  settings: ReplayOptions & {
    readonly batchSize: number;
    readonly updateEvery: number;
    readonly warmup: number;
  },
) => {
  const { batchSize, updateEvery, warmup, ...remember } = settings;
  const { from, keep } = await training<S>(name);
  let state: S = learner.init(rng(seed));
  const buffer = replay(env.groups, remember);
  const loop = { env, learner, buffer, rng: rng(seed), steps, batchSize, updateEvery, warmup };
  for await (const at of offPolicy({ ...loop, ...from })) {
    state = at.state;
    const [episode] = at.episodes;
    if (episode) progress(at.steps, `return of ${watched} ${episode.returns[watched].toFixed(1)}`);
    await keep(at);
  }
  return learner.policies(state, 'exploit');
};
