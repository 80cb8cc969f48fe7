import type { Rng } from '@troupe/core';
import type { AtRest, Carry } from '@troupe/runtime';
import type { Actor } from './teams.js';
import type { ActorCarry, ActorRows } from './types.js';

/** What one actor's update did. */
export interface ActorUpdate {
  readonly carry: Carry<ActorCarry>;
  /** [R]; log π_new − log π_old of the actions taken; undefined where it was not asked for. */
  readonly logRatio: Float64Array | undefined;
  readonly metrics: Readonly<Record<string, number>>;
  /** What `inspect` is shown. */
  readonly report: Readonly<Record<string, unknown>>;
}

/** How one actor learns from rows: PPO's way or TRPO's. */
export interface ActorRule {
  readonly metrics: readonly string[];
  /** Whether moments of an optimiser are needed. */
  readonly descends: boolean;
  /** Into how many parts it divides the rows. */
  readonly parts: number;
  update(given: {
    readonly actor: Actor;
    readonly carry: Carry<ActorCarry>;
    /** [B, n, …] each. */
    readonly rows: AtRest<ActorRows>;
    /** E; row t · E + e is step t of environment e. */
    readonly numEnvs: number;
    readonly rng: Rng;
    /** Multiplies the step size. */
    readonly rate: number;
    readonly wantsRatio: boolean;
  }): Promise<ActorUpdate>;
}

/** For every team once: what is compiled for it. */
export const perTeam = <T>(make: (actor: Actor) => T): ((actor: Actor) => T) => {
  const made = new Map<Actor['team'], T>();
  return (actor) => {
    let one = made.get(actor.team);
    if (one === undefined) made.set(actor.team, (one = make(actor)));
    return one;
  };
};

/** Element by element, in double precision. */
export const difference = (a: ArrayLike<number>, b: ArrayLike<number>): Float64Array =>
  Float64Array.from({ length: a.length }, (_, i) => a[i]! - b[i]!);
