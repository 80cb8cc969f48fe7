import { rng as makeRng, type Rng, type RngState } from '@troupe/core';
import { keepLatest, type MemberInfo, type Retention } from './retention.js';

/** A policy of the past: a learner state that nobody changes any more. */
export interface Member<S> extends MemberInfo {
  /** Its learner state, owned by the pool. */
  readonly state: S;
}

/** A pool as plain data. */
export interface SavedPool<S> {
  /** In the order in which they came. */
  readonly members: readonly Member<S>[];
  /** Members that were ever added. */
  readonly seen: number;
  /** Stream of retention. */
  readonly rng: RngState;
}

/** Past policies, a bounded number of them. */
export interface Pool<S> {
  /** Oldest first. */
  readonly members: readonly Member<S>[];
  /** The most members that there can be. */
  readonly capacity: number;
  /** How many have ever come. */
  readonly seen: number;
  /**
   * Copies a learner state in. With a full pool one member goes, which may be this one. Throws a RangeError for an id that
   * is taken. The default id is `#` and how many came before.
   */
  add(state: S, about?: { readonly id?: string; readonly steps?: number }): Member<S>;
  /** The member of this id, if it is still there. */
  get(id: string): Member<S> | undefined;
  /** Members with their states, and where retention stands, copied. */
  save(): SavedPool<S>;
  /** Continues from what `save` returned. Throws a TypeError for anything else, a RangeError for more than `capacity`. */
  load(saved: unknown): void;
}

/** Settings of a pool. */
export interface PoolOptions {
  /** How many members there may be. Default 10. */
  readonly capacity?: number;
  /** Who goes when one comes too many. Default `keepLatest()`. */
  readonly retain?: Retention;
  /** How strong a member is, for `keepBest`: usually `ratings.of`. Default: all are equal. */
  readonly rating?: (id: string) => number;
  /** For rules that draw. Default: always the same stream. */
  readonly rng?: Rng;
}

const isSavedPool = <S>(saved: unknown): saved is SavedPool<S> =>
  typeof saved === 'object' && saved !== null && 'members' in saved && Array.isArray(saved.members) && 'seen' in saved;

/**
 * A pool of learner states, at most `capacity` of them. States are copied by `structuredClone` when they come in, so the
 * run may go on consuming its own. Throws a RangeError unless the capacity is an integer >= 1.
 */
export const pool = <S>(options: PoolOptions = {}): Pool<S> => {
  const { capacity = 10, retain = keepLatest(), rating = () => 0, rng = makeRng(0).split('pool') } = options;
  if (!(Number.isInteger(capacity) && capacity >= 1)) {
    throw new RangeError(`pool: expected capacity to be an integer >= 1, got ${String(capacity)}`);
  }
  let members: Member<S>[] = [];
  let seen = 0;
  return {
    get members() {
      return members;
    },
    capacity,
    get seen() {
      return seen;
    },
    add(state, { id = `#${seen}`, steps = 0 } = {}) {
      if (members.some((member) => member.id === id)) {
        throw new RangeError(`pool.add: expected an id that is not taken, got '${id}'`);
      }
      const member: Member<S> = { id, steps, state: structuredClone(state) };
      members = [...members, member];
      seen += 1;
      if (members.length > capacity) {
        const out = retain({ members, seen, rating, rng });
        if (members[out] === undefined) {
          throw new RangeError(`pool.add: expected retain to choose one of ${members.length} members, got ${out}`);
        }
        members = members.filter((_, i) => i !== out);
      }
      return member;
    },
    get: (id) => members.find((member) => member.id === id),
    save: () => structuredClone({ members, seen, rng: rng.save() }),
    load(saved) {
      if (!isSavedPool<S>(saved)) throw new TypeError('pool.load: expected what pool.save returned');
      if (saved.members.length > capacity) {
        throw new RangeError(`pool.load: expected at most ${capacity} members, got ${saved.members.length}`);
      }
      const copy = structuredClone(saved);
      members = [...copy.members];
      seen = copy.seen;
      rng.load(copy.rng);
    },
  };
};
