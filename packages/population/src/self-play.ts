import type { Episode, Group, Groups, Policy, Rng, RngState } from '@troupe/core';
import { elo, type Elo } from './elo.js';
import { uniformOpponent, type Matchmaking } from './matchmaking.js';
import { payoffs, type Payoffs } from './payoffs.js';
import { pool, type Member, type Pool } from './pool.js';
import { seatsOf, type Table } from './seats.js';

/** Settings of `selfPlay`. A is the group that opponents act for, S the learner's state. */
export interface SelfPlayOptions<A extends Group, S> {
  /** What it observes and does. */
  readonly group: A;
  /** How a state of the past plays, usually `(state) => learner.policies(state, 'exploit').left`. */
  readonly policyOf: (state: S) => Policy<A, S>;
  /** Score of the learner in an episode: 1 won, ½ drawn, 0 lost. See `scoreBetween`. */
  readonly score: (episode: Episode<Groups>) => number;
  /** Draws the opponents. */
  readonly rng: Rng;
  /** Default: `pool()`, the ten newest. */
  readonly pool?: Pool<NoInfer<S>>;
  /** Default: `uniformOpponent()`. */
  readonly matchmaking?: Matchmaking;
  /** Probability that the opponent is the learner as it is now, once it has been updated. Default 0. */
  readonly self?: number;
  /** Default: Elo ratings that begin anew. */
  readonly ratings?: Elo;
  /** Default: `payoffs({ decay: 0.99 })`, so that win rates follow the learner. */
  readonly payoffs?: Payoffs;
  /** Name of the learner in ratings and payoffs. Default `learner`. */
  readonly name?: string;
}

/** One episode against an opponent. */
export interface Match {
  /** Id of the member that is played against. */
  readonly opponent: string;
  /** The learner's. */
  readonly score: number;
}

/** A learner's games with its own past. */
export interface SelfPlay<A extends Group, S> {
  /**
   * For the loop's `policies`: draws an opponent in every environment where an episode begins. Its `save` holds the pool,
   * ratings and payoffs too, so a snapshot of the run holds everything, and a run that is resumed continues bit for bit.
   * Belongs to one run at a time.
   */
  readonly policy: Policy<A, S>;
  /** The past versions that are kept. */
  readonly pool: Pool<S>;
  /** Ratings of the learner and of the members. */
  readonly ratings: Elo;
  /** Who has won how often against whom. */
  readonly payoffs: Payoffs;
  /** Copies a state into the pool, with the rating that the learner has now. Needed once before the run begins. */
  add(state: S, about?: { readonly id?: string; readonly steps?: number }): Member<S>;
  /** Enters the episodes of a progress into ratings and payoffs. Episodes that are never handed in are not rated. */
  observe(episodes: readonly Episode<Groups>[]): readonly Match[];
  /** [E]; against whom each environment plays now. */
  opponents(): readonly string[];
}

/** A score from the returns of two groups: 1 where `ours` got more than `theirs`, ½ where they got the same. */
export const scoreBetween =
  (ours: string, theirs: string): ((episode: Episode<Groups>) => number) =>
  ({ returns }) => {
    const [own, other] = [returns[ours], returns[theirs]];
    if (own === undefined || other === undefined) {
      throw new RangeError(
        `scoreBetween: expected returns of '${ours}' and '${theirs}', got ${Object.keys(returns).join(', ')}`,
      );
    }
    return own > other ? 1 : own === other ? 0.5 : 0;
  };

interface Ended {
  readonly env: number;
  readonly opponent: string;
}

interface SavedSelfPlay<S> {
  readonly seats: readonly string[];
  readonly tables: readonly { readonly id: string; readonly state: S | undefined; readonly memory: unknown }[];
  /** The learner as it is now, where it may be its own opponent. */
  readonly own: S | undefined;
  readonly ended: readonly Ended[];
  readonly rng: RngState;
  readonly pool: unknown;
  readonly ratings: unknown;
  readonly payoffs: unknown;
}

const isSaved = <S>(saved: unknown): saved is SavedSelfPlay<S> =>
  typeof saved === 'object' && saved !== null && 'seats' in saved && 'tables' in saved && 'ended' in saved;

/** Finished episodes that are remembered until `observe` takes them. */
const memory = 2 ** 16;

/**
 * Self-play against a pool of past policies. Each environment plays against one opponent per episode, which `matchmaking`
 * chooses; opponents act greedily and do not learn. Extras of opponents are not stored, so the rows of their group are for
 * off-policy learners only. Cost per step: one acting call for each opponent in play, at most the pool's capacity. Throws
 * a RangeError for a `self` outside [0, 1].
 */
export const selfPlay = <A extends Group, S>(options: SelfPlayOptions<A, S>): SelfPlay<A, S> => {
  const { group, policyOf, score, rng, matchmaking = uniformOpponent(), self = 0, name = 'learner' } = options;
  if (!(self >= 0 && self <= 1)) throw new RangeError(`selfPlay: expected self in [0, 1], got ${String(self)}`);
  const members = options.pool ?? pool<S>();
  const ratings = options.ratings ?? elo();
  const games = options.payoffs ?? payoffs({ decay: 0.99 });
  const seats = seatsOf<A, S>(group);
  /** States behind open tables: those of the pool, those that left it in mid-episode, and the learner's own. */
  const states = new Map<string, S>();
  let ended: Ended[] = [];

  const winRate = (id: string): number => games.winRate(name, id);
  const open = (id: string, state: S): Table<A, S> => {
    states.set(id, state);
    return seats.open(id, () => policyOf(state));
  };
  const keep = (id: string): boolean => id === name || members.get(id) !== undefined;
  const draw = (): Table<A, S> => {
    const own = states.get(name);
    if (self > 0 && own !== undefined && rng.uniform() < self) return open(name, own);
    const all = members.members;
    if (all.length === 0) {
      throw new RangeError('selfPlay: expected a member in the pool before the run begins (add(learner.init(rng)))');
    }
    const place = matchmaking({ members: all, winRate, rng });
    const chosen = all[place];
    if (!chosen) throw new RangeError(`selfPlay: expected matchmaking to choose one of ${all.length}, got ${place}`);
    return open(chosen.id, chosen.state);
  };
  const settle = (): void => {
    seats.settle(keep);
    if (states.size > seats.tables.length + 1) {
      const opened = new Set(seats.tables.map(({ id }) => id));
      for (const id of states.keys()) if (id !== name && !opened.has(id)) states.delete(id);
    }
  };

  const policy: Policy<A, S> = {
    act: seats.act,
    begin(started) {
      if (seats.at.length !== started.length) seats.resize(started.length);
      for (let e = 0; e < started.length; e++) {
        if (started[e] === 0) continue;
        const before = seats.at[e];
        if (before) ended.push({ env: e, opponent: before.id });
        seats.sit(e, draw());
      }
      if (ended.length > 2 * memory) ended = ended.slice(-memory);
      settle();
    },
    update(state) {
      if (self === 0) return;
      states.set(name, state);
      const table = seats.tables.find(({ id }) => id === name);
      if (!table) return;
      if (table.policy.update) table.policy.update(state);
      else table.policy = policyOf(state);
    },
    save: (): SavedSelfPlay<S> =>
      structuredClone({
        seats: seats.at.map((table) => table?.id ?? ''),
        // What the pool holds is saved there, once.
        tables: seats.tables.map(({ id, policy: own }) => ({
          id,
          state: id === name || members.get(id) ? undefined : states.get(id),
          memory: own.save?.(),
        })),
        own: states.get(name),
        ended,
        rng: rng.save(),
        pool: members.save(),
        ratings: ratings.save(),
        payoffs: games.save(),
      }),
    load(saved) {
      if (!isSaved<S>(saved)) throw new TypeError('selfPlay: expected what its policy saved');
      members.load(saved.pool);
      ratings.load(saved.ratings);
      games.load(saved.payoffs);
      rng.load(saved.rng);
      ended = [...saved.ended];
      seats.resize(saved.seats.length);
      states.clear();
      const { tables, own } = structuredClone({ tables: saved.tables, own: saved.own });
      if (own !== undefined) states.set(name, own);
      for (const { id, state, memory: remembered } of tables) {
        const known = id === name ? own : (members.get(id)?.state ?? state);
        if (known === undefined) throw new RangeError(`selfPlay: expected a saved state of '${id}', got none`);
        const table = open(id, known);
        if (remembered !== undefined) table.policy.load?.(remembered);
      }
      saved.seats.forEach((id, e) => {
        const table = seats.tables.find((one) => one.id === id);
        if (!table)
          throw new RangeError(`selfPlay: expected a state of '${id}', who plays in environment ${e}, got none`);
        seats.sit(e, table);
      });
      // Their episodes began before: nothing is forgotten.
      for (const { started } of seats.tables) started.fill(0);
    },
  };

  return {
    policy,
    pool: members,
    ratings,
    payoffs: games,
    add(state, about) {
      if (about?.id === name || seats.tables.some(({ id }) => id === about?.id)) {
        throw new RangeError(`selfPlay.add: expected an id that nobody in play has, got '${about!.id!}'`);
      }
      const member = members.add(state, about);
      ratings.enter(member.id, ratings.of(name));
      games.keepOnly([name, ...members.members.map(({ id }) => id), ...seats.tables.map(({ id }) => id)]);
      return member;
    },
    observe(episodes) {
      const from = ended.length - episodes.length;
      if (from < 0) {
        throw new RangeError(
          `selfPlay.observe: expected at most ${ended.length} episodes, those that ended since the last call, got ${episodes.length}`,
        );
      }
      // Earlier ones were never handed in.
      const latest = ended.slice(from);
      const matches = episodes.map((episode, i) => {
        const { env, opponent } = latest[i]!;
        if (env !== episode.env) {
          throw new RangeError(
            `selfPlay.observe: expected episode ${i} in environment ${env}, got ${episode.env}: hand in all episodes of a progress, in their order`,
          );
        }
        const points = score(episode);
        if (opponent !== name) {
          games.record(name, opponent, points);
          ratings.record(name, opponent, points);
        }
        return { opponent, score: points };
      });
      ended = [];
      return matches;
    },
    opponents: () => seats.at.map((table) => table?.id ?? ''),
  };
};
