import { evaluate, offPolicy, randomPolicy, rng } from '@troupe/core';
import { replay } from '@troupe/buffers';
import { maddpg } from '@troupe/ddpg';
import { simpleSpread, spreadAssignment } from '@troupe/particle-world';
import type { Experiment } from './experiment.js';

const EPISODES = 300;

/** The settings of `npm start`, whose figures this experiment states with several seeds. */
export const maddpgSpread: Experiment = {
  name: 'maddpg-spread',
  about: 'MADDPG on simple_spread, N = 3, discrete actions, mpe2 physics: mean return per agent and episode',
  steps: 500_000,
  async run({ seed, steps, runtime, progress }) {
    const env = simpleSpread({ numEnvs: 32 });
    const learner = maddpg(env.groups, { runtime });
    let state = learner.init(rng(seed));
    const training = offPolicy({
      env,
      learner,
      buffer: replay(env.groups, { capacity: 1_000_000 }),
      rng: rng(seed),
      steps,
      batchSize: 1024,
      updateEvery: 50,
    });
    for await (const at of training) {
      state = at.state;
      const [episode] = at.episodes;
      if (episode) progress(at.steps, `return ${episode.returns.agents.toFixed(1)}`);
    }
    const play = async (policy: Parameters<typeof evaluate<typeof env.groups>>[0]['policies']['agents']) => {
      const { returns } = await evaluate({
        env: simpleSpread({ numEnvs: 32 }),
        policies: { agents: policy },
        rng: rng(seed).split('evaluation'),
        episodes: EPISODES,
      });
      return returns.agents;
    };
    return {
      agents: await play(learner.policies(state, 'exploit').agents),
      random: await play(randomPolicy(env.groups.agents)),
      scripted: await play(spreadAssignment(env.groups.agents)),
    };
  },
};
