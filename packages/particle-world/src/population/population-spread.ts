import { box, count } from '@troupe/core';
import { settingsOf } from '../options.js';
import { actionSpace } from '../spaces.js';
import { ANYWHERE, placeOf } from './crowd.js';
import { countCollisions, type CrowdGroups } from './food-collect.js';
import { populationEnv, type PopulationEnv } from './population-env.js';
import type { PopulationScenario } from './scenario.js';
import { crowdCommon, taskCommon, tasks, tasksOf, type PopulationOptions } from './settings.js';

/** Settings of `populationSpread`. */
export const populationSpreadSettings = { ...crowdCommon, tasks };
/** Settings of a task of `populationSpread`. */
export const populationSpreadTask = { ...taskCommon, agents: count(3, 'agents, and as many landmarks') };
/** What `populationSpread` takes; everything may be left out. */
export type PopulationSpreadOptions<C extends boolean = boolean> = PopulationOptions<
  typeof populationSpreadSettings,
  typeof populationSpreadTask,
  C
>;

const SIZE = 0.15;
const TOUCHING = Float64Array.of(2 * SIZE);
/** An agent closer than this covers a landmark, as in `simpleSpread`. */
const COVERED = 0.1;

/**
 * Cooperative navigation for any number of agents, in a world with an edge. Bodies of `simpleSpread` (discs of 0.15,
 * acceleration 5, no speed limit). Reward of agent i per step: −Σ over landmarks of the distance of the nearest agent −
 * (other agents overlapping i): the two parts of `simpleSpread`, each with weight 1. Measures of an episode: `covered`,
 * the mean share of landmarks with an agent closer than 0.1; `collisions`, pairs per step. Throws a RangeError that
 * lists every wrong setting.
 */
export const populationSpread = <const C extends boolean = false>(
  options: PopulationSpreadOptions<C> = {},
): PopulationEnv<CrowdGroups<C>> => {
  const config = settingsOf('populationSpread', populationSpreadSettings, options);
  const { maxCycles } = config;
  const scenario: PopulationScenario = {
    name: 'population_spread',
    roles: [{ name: 'agents', size: SIZE, accel: 5, maxSpeed: Infinity, colour: [0.35, 0.35, 0.85] }],
    landmark: { size: 0.05, colour: [0.25, 0.25, 0.25] },
    regions: { agents: 1, landmarks: 1 },
    measures: ['covered', 'collisions'],
    resolve(crowd, e) {
      const { slots, alive, position, reward, landmarks, everyone, mark, tally } = crowd;
      const n = landmarks[e]!;
      let apart = 0;
      let covered = 0;
      for (let l = 0; l < n; l++) {
        const p = placeOf(crowd, e, slots + l);
        everyone.nearest(position, p, 1, ANYWHERE, 0, -1);
        const d = Math.sqrt(everyone.squared[0]!);
        apart += d;
        if (d < COVERED) covered++;
      }
      const collisions = countCollisions(crowd, e, TOUCHING);
      for (let i = 0; i < slots; i++) if (alive[e * slots + i] === 1) reward[i] = -apart - mark[i]!;
      tally[2 * e]! += covered / n / maxCycles;
      tally[2 * e + 1]! += collisions / 2 / maxCycles;
      return false;
    },
  };
  const task = tasksOf('populationSpread', populationSpreadTask, config.tasks).map(({ agents, worldSize, sight }) => ({
    counts: [agents],
    landmarks: agents,
    worldSize: worldSize ?? Math.sqrt(agents / 3),
    sight,
  }));
  return populationEnv<CrowdGroups<C>>(scenario, { ...config, tasks: task }, (size, [max]) => ({
    agents: {
      agents: { max: max! },
      observation: box([size]),
      action: actionSpace({ movable: true, silent: true }, 0, config.continuous),
    },
  }));
};
