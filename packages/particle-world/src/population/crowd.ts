import type { Colour } from '../world.js';
import { createGrid, type Grid } from './grid.js';
import type { PopulationTask } from './task.js';

/** Contacts across a larger gap than this are left out: their force is below 1e-18. */
export const SHELL = 0.04;

/** What the agents of one role are made of. Lengths in world units, masses are 1. */
export interface Role {
  /** Name of its group. */
  readonly name: string;
  /** Radius of the disc. */
  readonly size: number;
  /** Force per unit of control. */
  readonly accel: number;
  /** Cap on the speed; Infinity for none. */
  readonly maxSpeed: number;
  /** As drawn. */
  readonly colour: Colour;
}

/**
 * The state of E environments of a population, in double precision. Letters: E environments, n agent slots (roles one
 * after another), m landmark slots, R roles, Q measures.
 */
export interface Crowd {
  /** E, stepped together */
  readonly numEnvs: number;
  /** R of them, in the order of their slots. */
  readonly roles: readonly Role[];
  /** [R + 1] first slot of each role, then n */
  readonly first: readonly number[];
  /** n, of the largest task of each role */
  readonly slots: number;
  /** Landmark slots. */
  readonly places: number;
  /** Radius of every landmark, world units. */
  readonly landmarkSize: number;
  /** [n] */
  readonly roleOf: Uint8Array;
  /** [E, n + m, 2] world units; agents, then landmarks */
  readonly position: Float64Array;
  /** [E, n, 2] world units per time unit; a step is 0.1 */
  readonly velocity: Float64Array;
  /** [E, n] 1 where a slot holds a living agent */
  readonly alive: Uint8Array;
  /** [E] landmarks of this episode */
  readonly landmarks: Int32Array;
  /** [E] which task this episode is */
  readonly task: Int32Array;
  /** [E] steps since the episode began */
  readonly cycle: Int32Array;
  /** [E] half the side of the world */
  readonly half: Float64Array;
  /** [E] how far agents see */
  readonly sight: Float64Array;
  /** [E, Q] what the scenario measures in this episode, summed over its steps */
  readonly tally: Float64Array;
  /** [R] how far away the farthest agent can be that an agent of the role is in contact with */
  readonly contactReach: Float64Array;
  /** [n, 2] control force, then total force, of the environment being stepped */
  readonly force: Float64Array;
  /** [n] rewards of the environment being stepped */
  readonly reward: Float64Array;
  /** [n] scratch for scenarios */
  readonly mark: Int32Array;
  /** All living agents of the environment looked at last, by slot. */
  readonly everyone: Grid;
  /** The living of each role, by slot less the role's first. */
  readonly byRole: readonly Grid[];
  /** Its landmarks. */
  readonly landmarksNear: Grid;
}

/** A crowd of `numEnvs` environments with room for every task. */
export const createCrowd = (
  roles: readonly Role[],
  landmarkSize: number,
  tasks: readonly PopulationTask[],
  measures: number,
  numEnvs: number,
  exhaustive: boolean,
): Crowd => {
  const most = roles.map((_, r) => Math.max(...tasks.map(({ counts }) => counts[r]!)));
  const first = most.reduce<readonly number[]>((before, n) => [...before, before.at(-1)! + n], [0]);
  const slots = first.at(-1)!;
  const places = Math.max(...tasks.map(({ landmarks }) => landmarks));
  return {
    numEnvs,
    roles,
    first,
    slots,
    places,
    landmarkSize,
    roleOf: Uint8Array.from({ length: slots }, (_, i) => first.findIndex((start) => i < start) - 1),
    position: new Float64Array(numEnvs * (slots + places) * 2),
    velocity: new Float64Array(numEnvs * slots * 2),
    alive: new Uint8Array(numEnvs * slots),
    landmarks: new Int32Array(numEnvs),
    task: new Int32Array(numEnvs),
    cycle: new Int32Array(numEnvs),
    half: new Float64Array(numEnvs),
    sight: new Float64Array(numEnvs),
    tally: new Float64Array(numEnvs * measures),
    contactReach: Float64Array.from(roles, ({ size }) => size + Math.max(...roles.map((role) => role.size)) + SHELL),
    force: new Float64Array(slots * 2),
    reward: new Float64Array(slots),
    mark: new Int32Array(Math.max(slots, places)),
    everyone: createGrid(slots, exhaustive),
    byRole: roles.length > 1 ? most.map((n) => createGrid(n, exhaustive)) : [],
    landmarksNear: createGrid(places, exhaustive),
  };
};

/** A radius for searches that know no bounds. */
export const ANYWHERE = Float64Array.of(Infinity);

/** Sorts the living agents of environment `e` into the grid of everybody. */
export const lookAtEveryone = (crowd: Crowd, e: number): void => {
  const { slots, places, position, alive, half } = crowd;
  crowd.everyone.fill(position, e * (slots + places) * 2, slots, half, e, alive, e * slots);
};

/** Sorts environment `e` into all grids. */
export const look = (crowd: Crowd, e: number): void => {
  const { slots, places, first, position, alive, half, landmarks, byRole } = crowd;
  const at = e * (slots + places) * 2;
  lookAtEveryone(crowd, e);
  for (let r = 0; r < byRole.length; r++) {
    const [from, to] = [first[r]!, first[r + 1]!];
    byRole[r]!.fill(position, at + 2 * from, to - from, half, e, alive, e * slots + from);
  }
  crowd.landmarksNear.fill(position, at + 2 * slots, landmarks[e]!, half, e, null, 0);
};

/** Place of agent or landmark `k` of environment `e` in `position`. */
export const placeOf = (crowd: Crowd, e: number, k: number): number => (e * (crowd.slots + crowd.places) + k) * 2;
