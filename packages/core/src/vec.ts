import type { MaybePromise } from '@troupe/runtime';
import ndarray from 'ndarray';
import type { Group, Groups, Roster } from './env.js';
import type { Rng } from './rng.js';
import type { Scene } from './scene.js';
import { shapeOf, sizeOf, type ActionArray, type Box, type Space } from './space.js';

export type { MaybePromise };
/** An `ndarray` view on a `Float32Array`. */
export type F32 = ndarray.NdArray<Float32Array>;
/** An `ndarray` view on an `Int32Array`. */
export type I32 = ndarray.NdArray<Int32Array>;
/** An `ndarray` view on a `Uint8Array`. */
export type U8 = ndarray.NdArray<Uint8Array>;

/** One group in all environments: E environments × N slots; slot = agent. */
export interface GroupObservation {
  /** [E, N, ...observation] */
  readonly observation: F32;
  /** [E, N]; 1 where the slot holds a living agent. Rows with 0 weigh nothing in any loss, statistic or normaliser. */
  readonly active: U8;
  /** [E, N, A]; 1 where a choice is permitted (A = `choicesOf(action)`). Absent where everything is. */
  readonly legal?: U8;
  /** [E, ...state]; what a central critic may see; the same array in every group. Absent where the environment has none. */
  readonly state?: F32;
}
/** What every group sees. */
export type JointObservation<G extends Groups> = { readonly [K in keyof G]: GroupObservation };

/** [E, N, ...action] of one group. */
export type GroupAction<A extends Group = Group> = ndarray.NdArray<ActionArray<A['action']>>;
/** Actions of every group. */
export type JointAction<G extends Groups> = { readonly [K in keyof G]: GroupAction<G[K]> };

/** What one step of a `VecEnv` gives. */
export interface VecStep<G extends Groups> {
  /** True successor of the observation that was acted on, final observations included: what to learn from. */
  readonly next: JointObservation<G>;
  /** What to act on now: `next`, except in environments that have begun a new episode. */
  readonly current: JointObservation<G>;
  /** [E, N] */
  readonly reward: { readonly [K in keyof G]: F32 };
  /** [E, N]; 0 where the future is worth nothing, else 1. */
  readonly discount: { readonly [K in keyof G]: F32 };
  /** [E]; 1 where the episode ended, by termination or truncation. Truncated = `last` with discount 1. */
  readonly last: Uint8Array;
}

/**
 * Many copies of a world, stepped together on typed arrays. What learners see. The arrays belong to the environment,
 * which keeps two sets and alternates: what `step` returned stays valid until the step after the next one.
 */
export interface VecEnv<G extends Groups> {
  /** Who lives in every environment, what they see and what they can do. */
  readonly groups: G;
  /** Number E of environments that are stepped together. */
  readonly numEnvs: number;
  /** Space of `state`, for environments that have one. */
  readonly stateSpace?: Box;
  /** Begins an episode everywhere. Environment e draws from a stream of its own, derived from `rng`. */
  reset(rng: Rng): MaybePromise<JointObservation<G>>;
  /** One step everywhere; environments whose episode ended begin the next one by themselves. */
  step(actions: JointAction<G>): MaybePromise<VecStep<G>>;
  /** Environment `e` drawn as it is now. */
  render?(e: number): Scene;
  /** The whole inner state as plain data: what is needed to continue in the middle of episodes. */
  save?(): unknown;
  /** Continues from what `save` returned; returns what to act on now. */
  load?(saved: unknown): JointObservation<G>;
  /** Frees what the environments hold beyond memory: threads, files. Not used afterwards. */
  close?(): void;
}

/** Number of slots of a roster. */
export const slotsOf = (roster: Roster): number => ('max' in roster ? roster.max : roster.length);

/** The ids of a fixed cast; a population has none before it plays. */
export const idsOf = (roster: Roster): readonly string[] => ('max' in roster ? [] : roster);

/** A record with the same keys as `groups`. */
export const mapGroups = <G extends Groups, V>(
  groups: G,
  f: (group: G[keyof G & string], name: keyof G & string) => V,
): { [K in keyof G]: V } =>
  Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, f(group as G[keyof G & string], name)])) as {
    [K in keyof G]: V;
  };

/** A typed array for `n` components of actions from a space. */
export const actionArray = (space: Space, n: number): Float32Array | Int32Array =>
  space.kind === 'box' || space.kind === 'hybrid' ? new Float32Array(n) : new Int32Array(n);

/** Zero actions [E, N, ...action] of one group. */
export const emptyAction = <A extends Group>(group: A, numEnvs: number): GroupAction<A> => {
  const n = slotsOf(group.agents);
  return ndarray(actionArray(group.action, numEnvs * n * sizeOf(group.action)), [
    numEnvs,
    n,
    ...shapeOf(group.action),
  ]) as GroupAction<A>;
};

/** Zero actions for every group. */
export const emptyActions = <G extends Groups>(groups: G, numEnvs: number): JointAction<G> =>
  mapGroups(groups, (group) => emptyAction(group, numEnvs));
