import type { Rng } from '@troupe/core';

/** What a pool tells of one of its members to those who choose among them. */
export interface MemberInfo {
  /** Unique in its pool. */
  readonly id: string;
  /** Environment steps that it had learnt for. */
  readonly steps: number;
}

/** What a rule of retention decides on: one member too many. */
export interface RetentionChoice {
  /** Oldest first; the last one has just come. */
  readonly members: readonly MemberInfo[];
  /** How many have ever come, those that were dropped included. */
  readonly seen: number;
  /** How strong a member is taken to be. */
  readonly rating: (id: string) => number;
  /** Stream to draw from. */
  readonly rng: Rng;
}

/** Which member goes, by its place in the list. */
export type Retention = (choice: RetentionChoice) => number;

/** The newest stay. */
export const keepLatest = (): Retention => () => 0;

/** Those of the highest ratings stay; of equals the newer. */
export const keepBest =
  (): Retention =>
  ({ members, rating }) => {
    let worst = 0;
    for (let i = 1; i < members.length; i++) if (rating(members[i]!.id) < rating(members[worst]!.id)) worst = i;
    return worst;
  };

/** At any time a uniform sample of all that ever came: reservoir sampling, algorithm R. Vitter 1985. */
export const keepReservoir =
  (): Retention =>
  ({ members, seen, rng }) =>
    // The newest stays with probability capacity / seen, in the place of one drawn uniformly.
    Math.min(rng.int(seen), members.length - 1);

/**
 * The `count` newest always stay, and `rule` decides about the others: `protectLatest(3, keepReservoir())` remembers the
 * recent and a sample of the whole past. Throws a RangeError unless `count` is an integer >= 1.
 */
export const protectLatest = (count: number, rule: Retention): Retention => {
  if (!(Number.isInteger(count) && count >= 1)) {
    throw new RangeError(`protectLatest: expected count to be an integer >= 1, got ${String(count)}`);
  }
  return (choice) => {
    const free = choice.members.length - count;
    // Where all are protected, the oldest goes.
    return free < 1 ? 0 : rule({ ...choice, members: choice.members.slice(0, free), seen: choice.seen - count });
  };
};
