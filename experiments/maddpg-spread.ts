import { evaluate, randomPolicy, rng, type Policies } from '@troupe/core';
import { simpleSpread, spreadAssignment, type SpreadGroups } from '@troupe/particle-world';
import type { Experiment } from './experiment.js';
import { trainMaddpg } from './train-maddpg.js';

/** The settings of `npm start`, whose figures this experiment states with several seeds. */
export const maddpgSpread: Experiment = {
  name: 'maddpg-spread',
  about: 'MADDPG on simple_spread, N = 3, discrete actions, mpe2 physics: mean return per agent and episode',
  steps: 600_000,
  async run(given) {
    const env = simpleSpread({ numEnvs: 32 });
    const learnt = await trainMaddpg(env, given, 'agents');
    const play = async (policies: Policies<SpreadGroups<false>>) => {
      const { returns } = await evaluate({
        env: simpleSpread({ numEnvs: 32 }),
        policies,
        rng: rng(given.seed).split('evaluation'),
        episodes: 300,
      });
      return returns.agents;
    };
    return {
      agents: await play(learnt),
      random: await play({ agents: randomPolicy(env.groups.agents) }),
      scripted: await play({ agents: spreadAssignment(env.groups.agents) }),
    };
  },
};
