import { box, count, fraction, type Box, type Group } from '@troupe/core';
import { settingsOf } from '../options.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import { ANYWHERE, placeOf, type Crowd } from './crowd.js';
import { populationEnv, type PopulationEnv } from './population-env.js';
import type { PopulationScenario } from './scenario.js';
import { crowdCommon, taskCommon, tasks, tasksOf, type PopulationOptions } from './settings.js';

/** Settings of `foodCollect`. */
export const foodCollectSettings = {
  ...crowdCommon,
  tasks,
  sharing: fraction(1, 'share of the cost of collisions that everybody bears; the rest is for who collides'),
};
/** Settings of a task of `foodCollect`. */
export const foodCollectTask = { ...taskCommon, agents: count(3, 'agents, and as many pellets of food') };
/** What `foodCollect` takes; everything may be left out. */
export type FoodCollectOptions<C extends boolean = boolean> = PopulationOptions<
  typeof foodCollectSettings,
  typeof foodCollectTask,
  C
>;

/** One group of up to as many agents as the largest task has. */
export type CrowdGroups<C extends boolean = boolean> = {
  /** `max` slots; those beyond the task's number stay empty. */
  readonly agents: Group<{ readonly max: number }, Box, ActionSpace<C>>;
};

const [AGENT_SIZE, FOOD_SIZE] = [0.05, 0.03];

const TOUCHING = Float64Array.of(2 * AGENT_SIZE);
const COVERING = Float64Array.of(AGENT_SIZE + FOOD_SIZE);

/** Collisions (distance below `reach[0]`) of each agent with others of the environment looked at, in `crowd.mark`; returns the number of all. */
export const countCollisions = (crowd: Crowd, e: number, reach: Float64Array): number => {
  const { slots, alive, position, everyone, mark } = crowd;
  let total = 0;
  for (let i = 0; i < slots; i++) {
    mark[i] = 0;
    if (alive[e * slots + i] === 0) continue;
    const p = placeOf(crowd, e, i);
    mark[i] = everyone.within(position, p, reach, 0, i);
    total += mark[i]!;
  }
  return total;
};

/**
 * Cooperative gathering, after the code of EPC (Long et al. 2020, "Evolutionary Population Curriculum"): n agents stand on
 * n pellets of food that do not move. Reward per step: minus the distance of the nearest pellet; +6/n to everybody per
 * covered pellet; −3/n per ordered pair of colliding agents, to everybody (`sharing` 1) or to the one who collides (0);
 * while all pellets are covered, +10 − 2t with t = steps / 26. Agents are discs of 0.05, accelerate with 4, run at most
 * at 4; food is 0.03. Measures of an episode: `covered`, the mean share of covered pellets. One of `tasks` is drawn for
 * each episode. Throws a RangeError that lists every wrong setting.
 */
export const foodCollect = <const C extends boolean = false>(
  options: FoodCollectOptions<C> = {},
): PopulationEnv<CrowdGroups<C>> => {
  const config = settingsOf('foodCollect', foodCollectSettings, options);
  const { sharing, maxCycles } = config;
  const role = { name: 'agents', size: AGENT_SIZE, accel: 4, maxSpeed: 4, colour: [0.35, 0.35, 0.85] } as const;
  const scenario: PopulationScenario = {
    name: 'food_collect',
    roles: [role],
    landmark: { size: FOOD_SIZE, colour: [0.15, 0.65, 0.15] },
    regions: { agents: 1, landmarks: 0.9 },
    measures: ['covered'],
    resolve(crowd, e) {
      const { slots, alive, position, reward, landmarks, landmarksNear, everyone, mark } = crowd;
      const n = landmarks[e]!;
      let covered = 0;
      for (let l = 0; l < n; l++) {
        const p = placeOf(crowd, e, slots + l);
        if (everyone.within(position, p, COVERING, 0, -1) > 0) covered++;
      }
      const collisions = countCollisions(crowd, e, TOUCHING);
      const bonus = covered === n ? 10 - (2 * crowd.cycle[e]!) / 26 : 0;
      for (let i = 0; i < slots; i++) {
        if (alive[e * slots + i] === 0) continue;
        const p = placeOf(crowd, e, i);
        landmarksNear.nearest(position, p, 1, ANYWHERE, 0, -1);
        const cost = (3 / n) * (sharing * collisions + (1 - sharing) * mark[i]!);
        reward[i] = (6 / n) * covered + bonus - cost - Math.sqrt(landmarksNear.squared[0]!);
      }
      crowd.tally[e]! += covered / n / maxCycles;
      return false;
    },
  };
  const task = tasksOf('foodCollect', foodCollectTask, config.tasks).map(({ agents, worldSize, sight }) => ({
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
