import type { Groups } from '@troupe/core';
import {
  simple,
  simpleAdversary,
  simpleCrypto,
  simplePush,
  simpleReference,
  simpleSpeakerListener,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
  type ParticleEnv,
} from '@troupe/particle-world';

/** What the goals of a scenario look like in golden data. */
export interface GoldenGoals {
  readonly goalLandmark?: number;
  readonly keyLandmark?: number;
  readonly goals?: readonly { readonly landmark: number }[];
}

/** Which environment golden data came from. */
export interface GoldenSource {
  readonly scenario: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly curriculumStage?: number;
}

type Make = (options: Readonly<Record<string, unknown>>) => ParticleEnv<Groups>;

/** Arguments of the reference by our names of them. */
const names: Readonly<Record<string, string>> = {
  max_cycles: 'maxCycles',
  continuous_actions: 'continuous',
  local_ratio: 'localRatio',
  num_agent_neighbors: 'agentNeighbors',
  num_landmark_neighbors: 'landmarkNeighbors',
  terminate_on_success: 'terminateOnSuccess',
  num_good: 'good',
  num_adversaries: 'adversaries',
  num_obstacles: 'obstacles',
  num_food: 'food',
  num_forests: 'forests',
};

/** What changes pictures or asks for data that are always there. */
const ignored = ['benchmark_data', 'dynamic_rescaling', 'render_mode'];

const scenarios: Readonly<Record<string, Make>> = {
  simple,
  simple_adversary: simpleAdversary,
  simple_crypto: simpleCrypto,
  simple_push: simplePush,
  simple_reference: simpleReference,
  simple_speaker_listener: simpleSpeakerListener,
  simple_spread: simpleSpread,
  simple_tag: simpleTag,
  simple_world_comm: simpleWorldComm,
};

/** Our settings for the reference's arguments. What is unknown is passed on, so that the environment refuses it. */
const settingsFor = ({ scenario, args, curriculumStage = 0 }: GoldenSource): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(args).flatMap(([name, value]): [string, unknown][] => {
      if (ignored.includes(name)) return [];
      if (name === 'N') return [[scenario === 'simple_spread' ? 'agents' : 'good', value]];
      if (name === 'curriculum') return value === true ? [['curriculum', curriculumStage]] : [];
      return [[names[name] ?? name, value]];
    }),
  );

/** The environment that golden data came from, with settings of ours on top. Throws a RangeError for an unknown one. */
export const makeParticleEnv = (
  source: GoldenSource,
  settings: Readonly<Record<string, unknown>> = {},
): ParticleEnv<Groups> => {
  const make = scenarios[source.scenario];
  if (make === undefined) throw new RangeError(`particle world: no scenario '${source.scenario}'`);
  return make({ ...settingsFor(source), ...settings });
};

/** Goals as `WorldState` has them. */
export const goalsOf = (goals: GoldenGoals | undefined): number[] =>
  goals === undefined
    ? []
    : [goals.goalLandmark, goals.keyLandmark, ...(goals.goals ?? []).map(({ landmark }) => landmark)].filter(
        (goal) => goal !== undefined,
      );
