import { onPolicy, rng, type Groups, type Learner, type Metrics, type Rollout, type VecEnv } from '@troupe/core';
import type { TrustRegionState } from '@troupe/trust-region';
import type { ExperimentRun } from './experiment.js';

/** What is kept of the metrics of every update, where a learner has them. */
const NOTED = ['entropy', 'kl', 'clipFraction', 'factorMean', 'factorMax', 'explainedVariance', 'accepted'] as const;

/** Divergence that trust-region steps spent whose first try was accepted, as a mean over their agents. */
const spentByFullSteps = (metrics: Metrics): number => {
  const agents = Object.keys(metrics).filter((name) => name === 'fraction' || name.endsWith('/fraction'));
  const apart = agents.length > 1 ? agents.filter((name) => name !== 'fraction') : agents;
  const spent = apart.flatMap((name) =>
    metrics[name] === 1 ? [metrics[name.slice(0, -'fraction'.length) + 'kl']!] : [],
  );
  return spent.reduce((sum, kl) => sum + kl, 0) / spent.length;
};

/**
 * Trains by rollouts of `horizon` steps in every environment; returns the policies that show what was learnt. Returns of
 * the first group are noted along the way, times `scale`, with what tells how updates went.
 */
export const trainTrustRegion = async <G extends Groups>(
  env: VecEnv<G>,
  learner: Learner<G, TrustRegionState, Rollout<G>>,
  { horizon, scale = 1 }: { readonly horizon: number; readonly scale?: number },
  { seed, steps, progress, training }: ExperimentRun,
) => {
  const { from, keep, note } = await training<TrustRegionState>('training');
  const [name] = Object.keys(env.groups) as [keyof G & string];
  let state = learner.init(rng(seed));
  for await (const at of onPolicy({ env, learner, rng: rng(seed), steps, horizon, ...from })) {
    state = at.state;
    const mean = (scale * at.episodes.reduce((sum, { returns }) => sum + returns[name], 0)) / at.episodes.length;
    progress(at.steps, `return of ${name} ${mean.toFixed(1)}`);
    note(at.steps, {
      return: mean,
      ...Object.fromEntries(NOTED.flatMap((metric) => (metric in at.metrics ? [[metric, at.metrics[metric]!]] : []))),
      spent: spentByFullSteps(at.metrics),
    });
    await keep(at);
  }
  return learner.policies(state, 'exploit');
};
