import type { Groups } from '@troupe/core';
import type { Draws } from './numpy.js';
import type { ObservationPart } from './observation.js';
import type { Cast, Colour, World } from './world.js';

/** Where a scenario writes rewards. Arrays, because a number returned through a call is a number allocated. */
export interface Rewards {
  /** [n] the agents' own */
  readonly local: Float64Array;
  /** [1] the one that all share; read only in scenarios with a `localRatio` */
  readonly common: Float64Array;
}

/**
 * What makes a world a task. Plain functions of one environment `e` of a world; none allocates. A new scenario is one
 * of these, handed to `particleEnv`.
 */
export interface Scenario<G extends Groups> {
  /** What messages and saved states call it. */
  readonly name: string;
  /** Its agents and landmarks. */
  readonly cast: Cast;
  /** Every agent of the cast, by id, in exactly one group. */
  readonly groups: G;
  /** What `observe` writes for each group, in order. Absent: the parts have no names. */
  readonly observations?: { readonly [K in keyof G]: readonly ObservationPart[] };
  /** Integers that `reset` keeps in `world.goal` per environment: how many possibilities each has. */
  readonly goals: readonly number[];
  /** Weight ρ of an agent's own reward: ρ · local + (1 − ρ) · global. Absent: rewards are the local ones. */
  readonly localRatio?: number;
  /** Stages of the curriculum. Absent: none. */
  readonly stages?: number;
  /** Draws goals and positions (velocities and messages are already zero). */
  reset(world: World, e: number, draws: Draws): void;
  /** Writes the observation of agent `i` from `out[at]` on. */
  observe(world: World, e: number, i: number, out: Float32Array, at: number): void;
  /**
   * The same as `observe` for agents [first, end) one after another, where writing them together is faster. What it
   * does not write stays zero.
   */
  observeMany?(world: World, e: number, first: number, end: number, out: Float32Array, at: number): void;
  /** Writes the rewards of the step just made. */
  reward(world: World, e: number, rewards: Rewards): void;
  /** Whether the task is solved, where solving it ends the episode. */
  succeeded?(world: World, e: number): boolean;
  /** Sets `accel` and `maxSpeed` as the stage of this episode has them. */
  applyStage?(world: World, e: number): void;
  /** What the reference calls benchmark data of agent `i`: numbers to judge play by, not to learn from. */
  benchmark?(world: World, e: number, i: number): readonly number[];
  /** Colour of an entity, where it depends on the goals. */
  colour?(world: World, e: number, entity: number): Colour;
}
