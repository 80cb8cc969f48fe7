import { pendulum, type ClassicEnv, type SoloContinuous } from '@troupe/classic-control';
import { evaluate, randomPolicy, rng, type Batch, type Learner } from '@troupe/core';
import { continuousDqn, crossEntropy, naf, type ValueState } from '@troupe/q-learning';
import type { Runtime } from '@troupe/runtime';
import type { Experiment } from './experiment.js';
import { trainOffPolicy } from './train-off-policy.js';

type Groups = ClassicEnv<SoloContinuous>['groups'];

/** One learner on the pendulum: 20 updates of its own for every 20 environment steps. */
const onPendulum = (
  name: string,
  about: string,
  learn: (groups: Groups, runtime: Runtime) => Learner<Groups, ValueState, Batch<Groups>>,
): Experiment => ({
  name,
  about: `${about} on the pendulum: mean return of an episode of 200 steps`,
  steps: 20_000,
  async run(given) {
    const env = pendulum({ numEnvs: 4 });
    const learner = learn(env.groups, given.runtime);
    const settings = { capacity: 100_000, batchSize: 128, updateEvery: 1, warmup: 1000 };
    const policies = await trainOffPolicy(name, env, learner, given, 'agent', settings);
    const play = async (playing: typeof policies) => {
      const stream = rng(given.seed).split('evaluation');
      return (await evaluate({ env: pendulum({ numEnvs: 20 }), policies: playing, rng: stream, episodes: 100 })).returns.agent; // prettier-ignore
    };
    return { agent: await play(policies), random: await play({ agent: randomPolicy(env.groups.agent) }) };
  },
});

/** Normalised advantage functions. */
export const nafPendulum = onPendulum('naf-pendulum', 'NAF', (groups, runtime) =>
  naf(groups, { runtime, hidden: [128, 128] }),
);

/** The value maximised by the cross-entropy method. */
export const continuousDqnPendulum = onPendulum(
  'continuous-dqn-pendulum',
  'Q-learning by cross-entropy search',
  (groups, runtime) =>
    continuousDqn(groups, {
      runtime,
      hidden: [64, 64],
      maximiser: crossEntropy({ samples: 32, elites: 4, iterations: 2 }),
      explorationScale: 0.3,
    }),
);
