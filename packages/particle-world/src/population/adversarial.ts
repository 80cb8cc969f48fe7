import { box, count, fraction, optional, type Box, type Group } from '@troupe/core';
import { settingsOf } from '../options.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import { ANYWHERE, placeOf, type Crowd } from './crowd.js';
import { populationEnv, scatterAt, type PopulationEnv } from './population-env.js';
import type { PopulationScenario } from './scenario.js';
import { crowdCommon, taskCommon, tasks, tasksOf, type PopulationOptions } from './settings.js';

/** Settings of `adversarial`. */
export const adversarialSettings = {
  ...crowdCommon,
  tasks,
  sharing: fraction(0, "weight of the team's mean reward; the own one weighs the rest"),
};
/** Settings of a task of `adversarial`. */
export const adversarialTask = {
  ...taskCommon,
  team: count(3, 'agents of each team'),
  food: optional(count(3, 'pellets of food; null: as many as a team has agents')),
};
/** What `adversarial` takes; everything may be left out. */
export type AdversarialOptions<C extends boolean = boolean> = PopulationOptions<
  typeof adversarialSettings,
  typeof adversarialTask,
  C
>;

/** Two teams that see and do the same things, up to as many agents as the largest task has. */
export type AdversarialGroups<C extends boolean = boolean> = {
  /** `max` slots; those beyond the task's number stay empty, and so does one whose agent was killed. */
  readonly left: Group<{ readonly max: number }, Box, ActionSpace<C>>;
  /** The same, of the other team. */
  readonly right: Group<{ readonly max: number }, Box, ActionSpace<C>>;
};

const [SIZE, FOOD_SIZE, FOOD_REGION] = [0.05, 0.03, 0.9];
const TOUCH = Float64Array.of(2 * SIZE);
const EAT = Float64Array.of(SIZE + FOOD_SIZE);

/** So many opponents at once kill. */
const DEADLY = 2;

/** Adds to everybody what touching opponents brings; marks who dies. Returns how many do. */
const fight = (crowd: Crowd, e: number): number => {
  const { slots, first, roleOf, alive, position, reward, byRole, mark } = crowd;
  let deaths = 0;
  mark.fill(0);
  for (let i = 0; i < slots; i++) {
    if (alive[e * slots + i] === 0) continue;
    const other = 1 - roleOf[i]!;
    const p = placeOf(crowd, e, i);
    const touching = byRole[other]!.within(position, p, TOUCH, 0, -1);
    if (touching < DEADLY) continue;
    mark[i] = 1;
    deaths++;
    reward[i]! -= 6;
    for (let k = 0; k < touching; k++) reward[first[other]! + byRole[other]!.found[k]!]! += 6 / touching;
  }
  return deaths;
};

/** Mixes the rewards of a team that acted in this step with their mean. */
const share = (crowd: Crowd, e: number, team: number, weight: number): void => {
  const { slots, first, alive, reward } = crowd;
  let sum = 0;
  let members = 0;
  for (let i = first[team]!; i < first[team + 1]!; i++) {
    if (alive[e * slots + i] === 0) continue;
    sum += reward[i]!;
    members++;
  }
  for (let i = first[team]!; i < first[team + 1]!; i++) {
    if (alive[e * slots + i] === 1) reward[i] = (1 - weight) * reward[i]! + (weight * sum) / members;
  }
};

/**
 * Two equal teams gather food and hunt each other; after the code of EPC (Long et al. 2020). Food brings +1 and grows
 * again elsewhere; −0.1 · (distance of the nearest food) and −0.04 · (distance of the nearest opponent) per step. Who is
 * touched by two or more opponents at once gets −6 and is dead for the rest of the episode (`active` 0); they share +6.
 * Everything is decided from where everybody is after the move: two can kill each other. With `sharing` α the reward is
 * (1 − α) · own + α · mean of the team's living. Discs of 0.05, acceleration 4, speed 4; food 0.03. Measures of an
 * episode: `leftDeaths`, `rightDeaths`, `leftFood`, `rightFood`. Throws a RangeError that lists every wrong setting.
 */
export const adversarial = <const C extends boolean = false>(
  options: AdversarialOptions<C> = {},
): PopulationEnv<AdversarialGroups<C>> => {
  const config = settingsOf('adversarial', adversarialSettings, options);
  const body = { size: SIZE, accel: 4, maxSpeed: 4 } as const;
  const scenario: PopulationScenario = {
    name: 'adversarial',
    roles: [
      { ...body, name: 'left', colour: [0.35, 0.35, 0.85] },
      { ...body, name: 'right', colour: [0.85, 0.35, 0.35] },
    ],
    landmark: { size: FOOD_SIZE, colour: [0.35, 0.75, 0.35] },
    regions: { agents: 1, landmarks: FOOD_REGION },
    measures: ['leftDeaths', 'rightDeaths', 'leftFood', 'rightFood'],
    resolve(crowd, e, draws) {
      const { slots, roleOf, alive, position, reward, byRole, landmarksNear, landmarks, mark, tally } = crowd;
      const died = fight(crowd, e);
      for (let i = 0; i < slots; i++) {
        if (alive[e * slots + i] === 0) continue;
        const p = placeOf(crowd, e, i);
        const opponents = byRole[1 - roleOf[i]!]!;
        landmarksNear.nearest(position, p, 1, ANYWHERE, 0, -1);
        reward[i]! -= 0.1 * Math.sqrt(landmarksNear.squared[0]!);
        if (opponents.nearest(position, p, 1, ANYWHERE, 0, -1) > 0) {
          reward[i]! -= 0.04 * Math.sqrt(opponents.squared[0]!);
        }
      }
      // Eaten by the first in slot order that touches it and lives on.
      let eaten = 0;
      for (let l = 0; l < landmarks[e]!; l++) {
        const p = placeOf(crowd, e, slots + l);
        const eaters = crowd.everyone.within(position, p, EAT, 0, -1);
        for (let k = 0; k < eaters; k++) {
          const i = crowd.everyone.found[k]!;
          if (mark[i]! > 0) continue;
          reward[i]! += 1;
          tally[4 * e + 2 + roleOf[i]!]! += 1;
          scatterAt(crowd, e, slots + l, FOOD_REGION, draws);
          eaten++;
          break;
        }
      }
      share(crowd, e, 0, config.sharing);
      share(crowd, e, 1, config.sharing);
      for (let i = 0; i < slots && died > 0; i++) {
        if (mark[i] === 0) continue;
        alive[e * slots + i] = 0;
        tally[4 * e + roleOf[i]!]! += 1;
      }
      return died + eaten > 0;
    },
    over({ slots, alive }, e) {
      for (let i = 0; i < slots; i++) if (alive[e * slots + i] === 1) return false;
      return true;
    },
  };
  const task = tasksOf('adversarial', adversarialTask, config.tasks).map(({ team, food, worldSize, sight }) => ({
    counts: [team, team],
    landmarks: food ?? team,
    worldSize: worldSize ?? Math.sqrt(team / 3),
    sight,
  }));
  const action = actionSpace({ movable: true, silent: true }, 0, config.continuous);
  return populationEnv<AdversarialGroups<C>>(scenario, { ...config, tasks: task }, (size, [left, right]) => ({
    left: { agents: { max: left! }, observation: box([size]), action },
    right: { agents: { max: right! }, observation: box([size]), action },
  }));
};
