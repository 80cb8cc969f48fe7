import { evaluate, randomPolicy, rng, type Estimate, type Policies } from '@troupe/core';
import { chasePrey, fleePrey, simpleTag, type TagGroups } from '@troupe/particle-world';
import type { Experiment } from './experiment.js';
import { trainMaddpg } from './train-maddpg.js';

type Sides = Policies<TagGroups<false>>;

/** Predators and prey learn against each other; then the predators are set on prey that they have not seen. */
export const maddpgTag: Experiment = {
  name: 'maddpg-tag',
  about: 'MADDPG on simple_tag, 3 predators, 1 prey: return of each predator against random and scripted prey',
  steps: 600_000,
  async run(given) {
    const env = simpleTag({ numEnvs: 32 });
    const learnt = await trainMaddpg(env, given, 'adversaries');
    const { groups } = env;
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
    const returns: Record<string, Estimate> = {};
    for (const [hunter, adversaries] of Object.entries(predators)) {
      for (const [hunted, good] of Object.entries(prey)) {
        const played = await evaluate({
          env: simpleTag({ numEnvs: 32 }),
          policies: { adversaries, good },
          rng: rng(given.seed).split('evaluation'),
          episodes: 300,
        });
        returns[`${hunter} against ${hunted}`] = played.returns.adversaries;
      }
    }
    return returns;
  },
};
