import {
  evaluate,
  rng,
  slotsOf,
  type Estimate,
  type Groups,
  type Learner,
  type Rollout,
  type VecEnv,
} from '@troupe/core';
import { simpleReference, simpleSpeakerListener, simpleSpread } from '@troupe/particle-world';
import type { Runtime } from '@troupe/runtime';
import { happo, hatrpo, mappo, type TrustRegionState } from '@troupe/trust-region';
import type { Experiment } from './experiment.js';
import { trainTrustRegion } from './train-trust-region.js';

/** HARL's scale: 20 environments, 200 steps of each per update, episodes of 25 steps, physics of PettingZoo 1.22.2. */
const NUM_ENVS = 20;
const HORIZON = 200;
const world = { numEnvs: NUM_ENVS, version: 'pettingzoo-1.22.2' } as const;

/** One actor for the agents of a group, where there are several. */
const sharingOf = (groups: Groups): 'shared' | 'separate' =>
  Object.values(groups).some(({ agents }) => slotsOf(agents) > 1) ? 'shared' : 'separate';

/**
 * HARL's tuned settings of the particle world, where they are not the defaults already. `mappo-separate` is MAPPO with
 * the actors that the others have; `mappo-authors` takes the steps that Yu et al. 2022 take on spread: twice as many
 * passes, longer ones.
 */
const makers = {
  happo: <G extends Groups>(groups: G, runtime: Runtime) => happo(groups, { runtime }),
  mappo: <G extends Groups>(groups: G, runtime: Runtime) =>
    mappo(groups, { runtime, sharing: sharingOf(groups), values: 'team' }),
  'mappo-separate': <G extends Groups>(groups: G, runtime: Runtime) =>
    mappo(groups, { runtime, sharing: 'separate', values: 'team' }),
  'mappo-authors': <G extends Groups>(groups: G, runtime: Runtime) =>
    mappo(groups, {
      ...{ runtime, sharing: sharingOf(groups), values: 'team' },
      ...{ epochs: 10, criticEpochs: 10, learningRateActor: 7e-4, learningRateCritic: 7e-4 },
    }),
  hatrpo: <G extends Groups>(groups: G, runtime: Runtime) => hatrpo(groups, { runtime, kl: 0.005 }),
};
const titles: Readonly<Record<keyof typeof makers, string>> = {
  happo: 'HAPPO',
  mappo: 'MAPPO',
  'mappo-separate': 'MAPPO, actors of their own,',
  'mappo-authors': "MAPPO, its authors' steps,",
  hatrpo: 'HATRPO',
};

/**
 * Rewards are the same for all agents, or agents of one group: the sum over all of them, which HARL states, is the mean
 * of one group, times their number.
 */
const experiment = <G extends Groups>(
  algorithm: keyof typeof makers,
  task: string,
  make: () => VecEnv<G>,
): Experiment => ({
  name: `${algorithm}-${task}`,
  about: `${titles[algorithm]} on simple_${task.replaceAll('-', '_')}, discrete actions, physics of PettingZoo 1.22.2: rewards of an episode, summed over the agents as HARL does`,
  steps: 3_000_000,
  async run(given) {
    const env = make();
    const agents = Object.values(env.groups).reduce((n, group) => n + slotsOf(group.agents), 0);
    const learner: Learner<G, TrustRegionState, Rollout<G>> = makers[algorithm](env.groups, given.runtime);
    const policies = await trainTrustRegion(env, learner, { horizon: HORIZON, scale: agents }, given);
    const { returns } = await evaluate({
      env: make(),
      policies,
      rng: rng(given.seed).split('evaluation'),
      episodes: 300,
    });
    const { mean, low, high, n } = Object.values<Estimate>(returns)[0]!;
    return { team: { mean: agents * mean, low: agents * low, high: agents * high, n } };
  },
});

/** HAPPO, MAPPO and HATRPO on the cooperative tasks of the particle world. */
export const trustRegionParticles: readonly Experiment[] = [
  ...(['happo', 'mappo', 'mappo-separate', 'mappo-authors', 'hatrpo'] as const).map((algorithm) =>
    experiment(algorithm, 'spread', () => simpleSpread(world)),
  ),
  ...(['happo', 'mappo', 'mappo-separate', 'hatrpo'] as const).map((algorithm) =>
    experiment(algorithm, 'reference', () => simpleReference(world)),
  ),
  // Where no group has several agents, both forms of MAPPO are the same.
  ...(['happo', 'mappo', 'hatrpo'] as const).map((algorithm) =>
    experiment(algorithm, 'speaker-listener', () => simpleSpeakerListener(world)),
  ),
];
