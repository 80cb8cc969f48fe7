import type { Rng } from '@troupe/core';
import type { MemberInfo } from './retention.js';

/** What an opponent is chosen from. */
export interface MatchChoice {
  /** The pool, oldest first; never empty. */
  readonly members: readonly MemberInfo[];
  /** Share of points that the learner took from a member; ½ before the first game. */
  readonly winRate: (id: string) => number;
  /** Stream to draw from. */
  readonly rng: Rng;
}

/** Chooses an opponent, by its place in the list. */
export type Matchmaking = (choice: MatchChoice) => number;

/** Everyone is as probable: fictitious self-play. Heinrich et al. 2015. */
export const uniformOpponent =
  (): Matchmaking =>
  ({ members, rng }) =>
    rng.int(members.length);

/**
 * With probability `p` the newest member, else one that `others` chooses from all. Throws a RangeError for a `p` outside
 * [0, 1].
 */
export const latestOpponent = (p: number, others: Matchmaking = uniformOpponent()): Matchmaking => {
  if (!(p >= 0 && p <= 1)) throw new RangeError(`latestOpponent: expected p in [0, 1], got ${String(p)}`);
  return (choice) => (choice.rng.uniform() < p ? choice.members.length - 1 : others(choice));
};

/** From the win rate against an opponent to how much it is wanted. */
export type Weighting = (winRate: number) => number;

/** (1 − x)^p: those whom the learner cannot beat. Vinyals et al. 2019, f_hard; p = 2 there. */
export const hardOpponents =
  (p = 2): Weighting =>
  (winRate) =>
    (1 - winRate) ** p;

/** x (1 − x): those of about its own strength. Vinyals et al. 2019, f_var. */
export const evenOpponents = (): Weighting => (winRate) => winRate * (1 - winRate);

/**
 * Prioritised fictitious self-play: opponent c with probability f(x_c) / Σ f(x), x_c the win rate against it. Vinyals et
 * al. 2019 (Nature 575), methods. Uniform where nobody has any weight. Throws a RangeError for a weight that is negative
 * or not finite.
 */
export const prioritisedOpponent =
  (weighting: Weighting = hardOpponents()): Matchmaking =>
  ({ members, winRate, rng }) => {
    let total = 0;
    for (const { id } of members) {
      const weight = weighting(winRate(id));
      if (!(weight >= 0 && weight < Infinity)) {
        throw new RangeError(`prioritisedOpponent: expected a weight >= 0 of '${id}', got ${weight}`);
      }
      total += weight;
    }
    if (total === 0) return rng.int(members.length);
    let left = rng.uniform() * total;
    let last = 0;
    for (let i = 0; i < members.length; i++) {
      const weight = weighting(winRate(members[i]!.id));
      if (weight === 0) continue;
      last = i;
      left -= weight;
      if (left < 0) return i;
    }
    // Only rounding leads here.
    return last;
  };
