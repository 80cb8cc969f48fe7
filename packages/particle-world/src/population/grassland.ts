import { box, count, optional, type Box, type Group } from '@troupe/core';
import { settingsOf } from '../options.js';
import { actionSpace, type ActionSpace } from '../spaces.js';
import { placeOf } from './crowd.js';
import { populationEnv, scatterAt, type PopulationEnv } from './population-env.js';
import type { PopulationScenario } from './scenario.js';
import { crowdCommon, taskCommon, tasks, tasksOf, type PopulationOptions } from './settings.js';

/** Settings of `grassland`. */
export const grasslandSettings = { ...crowdCommon, tasks };
/** Settings of a task of `grassland`. */
export const grasslandTask = {
  ...taskCommon,
  sheep: count(3, 'sheep'),
  wolves: count(2, 'wolves'),
  grass: optional(count(3, 'pieces of grass; null: as many as sheep')),
};
/** What `grassland` takes; everything may be left out. */
export type GrasslandOptions<C extends boolean = boolean> = PopulationOptions<
  typeof grasslandSettings,
  typeof grasslandTask,
  C
>;

/** Those who eat grass and those who eat sheep, up to as many as the largest task has. */
export type GrasslandGroups<C extends boolean = boolean> = {
  /** `max` slots; those beyond the task's number stay empty, and so does one whose sheep was eaten. */
  readonly sheep: Group<{ readonly max: number }, Box, ActionSpace<C>>;
  /** `max` slots; those beyond the task's number stay empty. */
  readonly wolves: Group<{ readonly max: number }, Box, ActionSpace<C>>;
};

const [SHEEP_SIZE, WOLF_SIZE, GRASS_SIZE] = [0.05, 0.075, 0.03];
const [SHEEP, WOLVES] = [0, 1];
const GRASS_REGION = 0.9;

const BITE = Float64Array.of(SHEEP_SIZE + WOLF_SIZE);
const GRAZE = Float64Array.of(SHEEP_SIZE + GRASS_SIZE);

/**
 * Wolves eat sheep, sheep eat grass; after the code of EPC (Long et al. 2020). A wolf that touches a living sheep gets
 * +5, the sheep −5, and the sheep is dead for the rest of the episode (`active` 0). A living sheep on grass gets +2 and
 * the grass grows again elsewhere. Within sight, sheep pay 0.1 · (distance of the nearest grass) and wolves 0.1 ·
 * (distance of the nearest sheep); a sheep that dies only the 5. Every wolf that touches the sheep gets the 5. The
 * episode terminates when no sheep is left. Sheep: discs of 0.05, acceleration 4, speed 3; wolves: 0.075, 2, 2. Measures
 * of an episode: `kills`, `eaten` (pieces of grass), `survived` (share of the sheep). Throws a RangeError that lists
 * every wrong setting.
 */
export const grassland = <const C extends boolean = false>(
  options: GrasslandOptions<C> = {},
): PopulationEnv<GrasslandGroups<C>> => {
  const config = settingsOf('grassland', grasslandSettings, options);
  const task = tasksOf('grassland', grasslandTask, config.tasks).map(({ sheep, wolves, grass, worldSize, sight }) => ({
    counts: [sheep, wolves],
    landmarks: grass ?? sheep,
    worldSize: worldSize ?? Math.sqrt(sheep / 3),
    sight,
  }));
  const scenario: PopulationScenario = {
    name: 'grassland',
    roles: [
      { name: 'sheep', size: SHEEP_SIZE, accel: 4, maxSpeed: 3, colour: [0.35, 0.35, 0.85] },
      { name: 'wolves', size: WOLF_SIZE, accel: 2, maxSpeed: 2, colour: [0.85, 0.35, 0.35] },
    ],
    landmark: { size: GRASS_SIZE, colour: [0.35, 0.75, 0.35] },
    regions: { agents: 1, landmarks: GRASS_REGION },
    measures: ['kills', 'eaten', 'survived'],
    resolve(crowd, e, draws) {
      const { slots, first, alive, position, reward, sight, byRole, landmarksNear, mark, tally } = crowd;
      const [flock, wolvesFrom] = [byRole[SHEEP]!, first[WOLVES]!];
      let changed = false;
      // Wolves bite first; mark counts the wolves at each sheep.
      mark.fill(0);
      for (let i = wolvesFrom; i < slots; i++) {
        if (alive[e * slots + i] === 0) continue;
        const p = placeOf(crowd, e, i);
        const near = flock.nearest(position, p, 1, sight, e, -1);
        reward[i] = near > 0 ? -0.1 * Math.sqrt(flock.squared[0]!) : 0;
        const bitten = flock.within(position, p, BITE, 0, -1);
        reward[i]! += 5 * bitten;
        for (let k = 0; k < bitten; k++) mark[flock.found[k]!]!++;
      }
      for (let i = 0; i < wolvesFrom; i++) {
        if (alive[e * slots + i] === 0) continue;
        if (mark[i]! > 0) {
          reward[i] = -5;
          alive[e * slots + i] = 0;
          tally[3 * e]! += 1;
          changed = true;
          continue;
        }
        const p = placeOf(crowd, e, i);
        const near = landmarksNear.nearest(position, p, 1, sight, e, -1);
        reward[i] = near > 0 ? -0.1 * Math.sqrt(landmarksNear.squared[0]!) : 0;
      }
      // Who comes first in order eats; what is eaten is marked, and grows again when everybody has eaten.
      mark.fill(0);
      for (let i = 0; i < wolvesFrom; i++) {
        if (alive[e * slots + i] === 0) continue;
        const p = placeOf(crowd, e, i);
        const grazed = landmarksNear.within(position, p, GRAZE, 0, -1);
        for (let k = 0; k < grazed; k++) {
          const grass = landmarksNear.found[k]!;
          if (mark[grass]! > 0) continue;
          mark[grass] = 1;
          reward[i]! += 2;
        }
      }
      for (let l = 0; l < crowd.landmarks[e]!; l++) {
        if (mark[l] === 0) continue;
        scatterAt(crowd, e, slots + l, GRASS_REGION, draws);
        tally[3 * e + 1]! += 1;
        changed = true;
      }
      tally[3 * e + 2] = 1 - tally[3 * e]! / task[crowd.task[e]!]!.counts[SHEEP]!;
      return changed;
    },
    over({ slots, first, alive }, e) {
      for (let i = 0; i < first[WOLVES]!; i++) if (alive[e * slots + i] === 1) return false;
      return true;
    },
  };
  const action = actionSpace({ movable: true, silent: true }, 0, config.continuous);
  return populationEnv<GrasslandGroups<C>>(scenario, { ...config, tasks: task }, (size, [sheep, wolves]) => ({
    sheep: { agents: { max: sheep! }, observation: box([size]), action },
    wolves: { agents: { max: wolves! }, observation: box([size]), action },
  }));
};
