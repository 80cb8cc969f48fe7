import type { Groups, Policies, VecEnv } from '@troupe/core';
import * as world from '@troupe/particle-world';
import { animateScenes, record, replayRecording } from '@troupe/report';
import { players } from './players.js';

/** One animated recording of the documentation. */
export interface Clip {
  readonly name: string;
  readonly svg: () => Promise<string>;
}

/** Plays, records, plays the recording again, and draws that. */
const filmed = async <G extends Groups>(
  title: string,
  env: VecEnv<G>,
  policies: Policies<NoInfer<G>>,
  { seed = 1, episodes = 3 }: { readonly seed?: number; readonly episodes?: number } = {},
): Promise<string> => {
  const recording = await record(env, policies, { seed, episodes });
  const played = await replayRecording(env, recording);
  return animateScenes(
    played.map(({ scenes, returns }, k) => ({
      scenes,
      caption: `episode ${k + 1} · return ${Object.entries(returns)
        .map(([group, value]) => `${Object.keys(returns).length > 1 ? `${group} ` : ''}${value.toFixed(1)}`)
        .join(', ')}`,
    })),
    { title, width: 360 },
  );
};

/** How a population is seen by its scripted players: the nearest few. */
const seen = { observe: 'flat', agentNeighbors: 4, landmarkNeighbors: 1 } as const;

/** One clip per scenario. The pictures are made by nothing but a seed and the players. */
export const clips: readonly Clip[] = [
  {
    name: 'simple',
    svg: () => {
      const env = world.simple();
      return filmed('simple', env, players(env, { agents: 'goThere' }));
    },
  },
  {
    name: 'simple-adversary',
    svg: () => {
      const env = world.simpleAdversary();
      return filmed('simpleAdversary', env, players(env, { adversary: 'follow', good: 'deceive' }));
    },
  },
  {
    name: 'simple-crypto',
    svg: () => {
      const env = world.simpleCrypto({ maxCycles: 10 });
      const policies = players(env, { eve: 'repeat', bob: 'decrypt', alice: 'encrypt' });
      return filmed('simpleCrypto', env, policies, { episodes: 4 });
    },
  },
  {
    name: 'simple-push',
    svg: () => {
      const env = world.simplePush();
      return filmed('simplePush', env, players(env, { adversary: 'follow', good: 'toGoal' }));
    },
  },
  {
    name: 'simple-reference',
    svg: () => {
      const env = world.simpleReference();
      return filmed('simpleReference', env, players(env, { agents: 'tellAndListen' }));
    },
  },
  {
    name: 'simple-speaker-listener',
    svg: () => {
      const env = world.simpleSpeakerListener();
      return filmed('simpleSpeakerListener', env, players(env, { speaker: 'tell', listener: 'listen' }));
    },
  },
  {
    name: 'simple-spread',
    svg: () => {
      const env = world.simpleSpread();
      return filmed('simpleSpread', env, { agents: world.spreadAssignment(env.groups.agents) });
    },
  },
  {
    name: 'simple-tag',
    svg: () => {
      const env = world.simpleTag({ maxCycles: 50 });
      return filmed(
        'simpleTag',
        env,
        { adversaries: world.chasePrey(env.groups), good: world.fleePrey(env.groups) },
        { episodes: 2 },
      );
    },
  },
  {
    name: 'simple-world-comm',
    svg: () => {
      const env = world.simpleWorldComm({ maxCycles: 50 });
      const policies = players(env, { leader: 'lead', adversaries: 'hunt', good: 'forage' });
      return filmed('simpleWorldComm', env, policies, { episodes: 2 });
    },
  },
  {
    name: 'food-collect',
    svg: () => {
      const env = world.foodCollect({ ...seen, tasks: [{ agents: 3 }, { agents: 6 }, { agents: 12 }] });
      return filmed('foodCollect', env, players(env, { agents: 'gather' }), { episodes: 4 });
    },
  },
  {
    name: 'grassland',
    svg: () => {
      const env = world.grassland({ ...seen, agentNeighbors: 8, maxCycles: 50, tasks: [{ sheep: 6, wolves: 4 }] });
      return filmed('grassland', env, players(env, { sheep: 'graze', wolves: 'stalk' }), { episodes: 2 });
    },
  },
  {
    name: 'adversarial',
    svg: () => {
      const env = world.adversarial({ ...seen, maxCycles: 50, tasks: [{ team: 4 }] });
      return filmed('adversarial', env, players(env, { left: 'gather', right: 'gather' }), { episodes: 2 });
    },
  },
  {
    name: 'population-spread',
    svg: () => {
      const env = world.populationSpread({ ...seen, tasks: [{ agents: 3 }, { agents: 8 }] });
      return filmed('populationSpread', env, players(env, { agents: 'gather' }), { episodes: 3 });
    },
  },
];
