import { onPolicy, rng, type Groups, type Learner, type Rollout, type VecEnv } from '@troupe/core';
import type { TrustRegionState } from '@troupe/trust-region';
import type { ExperimentRun } from './experiment.js';

/** Trains by rollouts of `horizon` steps in every environment; returns the policies that show what was learnt. */
export const trainTrustRegion = async <G extends Groups>(
  env: VecEnv<G>,
  learner: Learner<G, TrustRegionState, Rollout<G>>,
  horizon: number,
  { seed, steps, progress, training }: ExperimentRun,
) => {
  const { from, keep } = await training<TrustRegionState>('training');
  let state = learner.init(rng(seed));
  for await (const at of onPolicy({ env, learner, rng: rng(seed), steps, horizon, ...from })) {
    state = at.state;
    const [name] = Object.keys(env.groups) as [keyof G & string];
    const mean = at.episodes.reduce((sum, { returns }) => sum + returns[name], 0) / Math.max(1, at.episodes.length);
    progress(at.steps, `return of ${name} ${mean.toFixed(1)}`);
    await keep(at);
  }
  return learner.policies(state, 'exploit');
};
