import { acrobot, cartPole, pendulum } from '@troupe/classic-control';
import { evaluate, rng, type Groups, type Learner, type Rollout, type VecEnv } from '@troupe/core';
import type { Runtime } from '@troupe/runtime';
import { ppo, trpo, type TrustRegionState } from '@troupe/trust-region';
import type { Experiment } from './experiment.js';
import { trainTrustRegion } from './train-trust-region.js';

const makers = {
  ppo: <G extends Groups>(groups: G, runtime: Runtime) =>
    ppo(groups, { runtime, learningRateActor: 1e-3, learningRateCritic: 1e-3, learningRateEnd: 0.1 }),
  trpo: <G extends Groups>(groups: G, runtime: Runtime) => trpo(groups, { runtime, learningRateEnd: 0.1 }),
};

const experiment = <G extends Groups>(
  algorithm: keyof typeof makers,
  task: string,
  steps: number,
  make: () => VecEnv<G>,
): Experiment => ({
  name: `${algorithm}-${task}`,
  about: `${algorithm.toUpperCase()} on ${task}: return of an episode`,
  steps,
  async run(given) {
    const env = make();
    const learner: Learner<G, TrustRegionState, Rollout<G>> = makers[algorithm](env.groups, given.runtime);
    const policies = await trainTrustRegion(env, learner, { horizon: 256 }, given);
    const { returns } = await evaluate({
      env: make(),
      policies,
      rng: rng(given.seed).split('evaluation'),
      episodes: 100,
    });
    return returns;
  },
});

/** PPO and TRPO for one agent on classic control. */
export const trustRegionClassic: readonly Experiment[] = (['ppo', 'trpo'] as const).flatMap((algorithm) => [
  experiment(algorithm, 'cart-pole', 100_000, () => cartPole({ numEnvs: 8 })),
  experiment(algorithm, 'acrobot', 200_000, () => acrobot({ numEnvs: 8 })),
  experiment(algorithm, 'pendulum', 400_000, () => pendulum({ numEnvs: 8 })),
]);
