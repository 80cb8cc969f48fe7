import { evaluate, offPolicy, randomPolicy, rng, type Policies } from '@troupe/core';
import { replay } from '@troupe/buffers';
import { maddpg } from '@troupe/ddpg';
import { chasePrey, fleePrey, simpleTag, type TagGroups } from '@troupe/particle-world';
import type { Experiment } from './experiment.js';

const EPISODES = 300;

/** Predators and prey learn against each other; then the predators are set on prey that they have not seen. */
export const maddpgTag: Experiment = {
  name: 'maddpg-tag',
  about: 'MADDPG on simple_tag, 3 predators, 1 prey: return of each predator against random and scripted prey',
  steps: 500_000,
  async run({ seed, steps, runtime, progress }) {
    const env = simpleTag({ numEnvs: 32 });
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
      if (episode) progress(at.steps, `return of predators ${episode.returns.adversaries.toFixed(0)}`);
    }
    const { groups } = env;
    type Sides = Policies<TagGroups<false>>;
    const learnt = learner.policies(state, 'exploit');
    const predators: Readonly<Record<string, Sides['adversaries']>> = {
      'learnt predators': learnt.adversaries,
      'scripted predators': chasePrey(groups),
      'random predators': randomPolicy(groups.adversaries),
    };
    const prey: Readonly<Record<string, Sides['good']>> = {
      'random prey': randomPolicy(groups.good),
      'scripted prey': fleePrey(groups),
      'learnt prey': learnt.good,
    };
    const returns: Record<string, Awaited<ReturnType<typeof evaluate<TagGroups<false>>>>['returns']['adversaries']> =
      {};
    for (const [hunter, adversaries] of Object.entries(predators)) {
      for (const [hunted, good] of Object.entries(prey)) {
        const result = await evaluate({
          env: simpleTag({ numEnvs: 32 }),
          policies: { adversaries, good },
          rng: rng(seed).split('evaluation'),
          episodes: EPISODES,
        });
        returns[`${hunter} against ${hunted}`] = result.returns.adversaries;
      }
    }
    return returns;
  },
};
