import type { Groups, JointObservation, Rng, Scene, VecEnv, VecStep } from '@troupe/core';
import type ndarray from 'ndarray';

/** What the copies of a world are in, and what they are about to do. Everything in double precision, no views. */
export interface Lanes {
  /** Environments E; state, actions and rewards hold all of them, one after another. */
  readonly numEnvs: number;
  /** [E, S] */
  readonly state: Float64Array;
  /** Per group [E, N, size of an action]; choices as they are, reals as they came (not clipped). */
  readonly actions: readonly Float64Array[];
  /** Per group [E, N]; written by `advance`. */
  readonly rewards: readonly Float64Array[];
  /** [E]; zeros before `advance`, which sets 1 where the task is over. */
  readonly terminated: Uint8Array;
  /** [E]; zeros before `advance`, which sets 1 where it must be cut, apart from the clock. */
  readonly truncated: Uint8Array;
  /** One stream per environment: all randomness of its episodes. */
  readonly streams: readonly Rng[];
}

/** What distinguishes one world from another. All copies are advanced in one call, which allocates nothing. */
export interface World<G extends Groups> {
  /** What messages and saved states call it. */
  readonly name: string;
  /** Agents, with the spaces of what they see and do. */
  readonly groups: G;
  /** Numbers that the state of one environment has. */
  readonly stateSize: number;
  /** Whether these numbers are a state: what to expect instead, or undefined. Only finite numbers come here. */
  refuse?(values: readonly number[]): string | undefined;
  /** Draws the first state of an episode of environment `e`. */
  begin(lanes: Lanes, e: number): void;
  /** One step everywhere: reads `lanes.actions`, writes the next states, rewards and ends. */
  advance(lanes: Lanes): void;
  /** Writes what is seen in the environments [from, to) into one array [E, N, ...observation] per group. */
  observe(lanes: Lanes, from: number, to: number, out: readonly Float32Array[]): void;
  /** One environment's state as a picture. */
  draw(state: Float64Array): Scene;
}

/** The inner state of one environment. */
export interface WorldState {
  /** In double precision, in the order that the environment's documentation gives. */
  readonly values: readonly number[];
  /** Steps taken in this episode. */
  readonly steps: number;
}

/** Actions of one group as they are read: any strides, single or double precision. */
export type ActionsRead = ndarray.NdArray<Float32Array | Float64Array | Int32Array>;

/** Many copies of a small world, stepped together. Everything is synchronous. */
export interface ClassicEnv<G extends Groups> extends VecEnv<G> {
  /** What messages and saved states call the world. */
  readonly name: string;
  /** Numbers in `WorldState.values`. */
  readonly stateSize: number;
  /** Steps after which an episode is truncated; null: no limit. */
  readonly maxSteps: number | null;
  /**
   * Begins an episode everywhere. Environment e draws from `rng.split().split('environment e')`: it plays the same
   * episodes however many environments there are, and other ones at the next `reset` with the same stream.
   */
  reset(rng: Rng): JointObservation<G>;
  /**
   * One step everywhere. Throws before anything moved: a TypeError if actions are missing, a RangeError if they have
   * another shape, a choice is out of range or a component is not a finite number. Reals beyond their bounds are clipped.
   */
  step(actions: { readonly [K in keyof G]: ActionsRead }): VecStep<G>;
  /** Environment `e` as it is now. Throws a RangeError if there is none. */
  render(e: number): Scene;
  /** Everything that it remembers, copied. Throws an Error before the first `reset` or `load`. */
  save(): unknown;
  /** Throws a TypeError for what `save` did not return, a RangeError for a save of another world or size. */
  load(saved: unknown): JointObservation<G>;
  /** A copy of what environment `e` is in. */
  worldState(e: number): WorldState;
  /**
   * Sets what is given, and rewrites the observation of environment `e` in the arrays handed out last as `current`.
   * Throws a RangeError for numbers that are no state of this world.
   */
  setWorldState(e: number, state: Partial<WorldState>): void;
  /** A copy of what the latest episode of environment `e` ended in; null before one has ended. */
  finalState(e: number): WorldState | null;
}
