import {
  count,
  decode,
  field,
  flag,
  fraction,
  oneOf,
  optional,
  orThrow,
  type ConfigOf,
  type Fields,
} from '@troupe/core';
import { conventionOf, versions, type Version } from './versions.js';

/** Settings of every scenario. */
export const common = {
  numEnvs: count(1, 'environments stepped together'),
  maxCycles: count(25, 'steps after which an episode is truncated'),
  continuous: flag(false, 'actions are real numbers in [0, 1] instead of choices'),
  version: oneOf(Object.keys(versions) as Version[], 'mpe2', 'whose dynamics, rewards and continuous actions'),
  walls: optional(
    field(
      1,
      'a number >= 1',
      'half the side of the square that agents cannot leave; null: no walls',
      (u): u is number => typeof u === 'number' && u >= 1 && u < Infinity,
    ),
  ),
};

/** Limits on what observations show. */
export const neighbors = {
  agentNeighbors: optional(count(1, 'show only so many other agents, nearest first; null: all, in order')),
  landmarkNeighbors: optional(count(1, 'show only so many landmarks, nearest first; null: all, in order')),
};

/** Share of an agent's own reward. */
export const localRatio = fraction(0.5, 'weight ρ of the own reward; the common one weighs 1 − ρ');

/**
 * The weight of the own reward, or undefined where everybody gets the team's sum. Throws a RangeError for a weight that
 * would have no effect.
 */
export const shareOf = (
  where: string,
  given: { readonly localRatio?: number },
  { version, localRatio: share }: { readonly version: Version; readonly localRatio: number },
): { readonly localRatio?: number } => {
  if (!conventionOf(version).originalRewards) return { localRatio: share };
  if (given.localRatio === undefined) return {};
  throw new RangeError(
    `${where}: localRatio: expected none in version '${version}', where everybody gets the sum, got ${given.localRatio}`,
  );
};

/** An integer >= 0. */
export const wholeNumber = (initial: number, about: string) =>
  field(initial, 'an integer >= 0', about, (u): u is number => Number.isInteger(u) && (u as number) >= 0);

/** A stage of a curriculum, or null for none. */
export const stageOf = <const S extends number>(stages: readonly S[], about: string) =>
  field<S | null>(
    null,
    `one of ${stages.join(' | ')}, or null`,
    about,
    (u): u is S | null => u === null || stages.some((stage) => stage === u),
  );

/** Options of a scenario with these settings: all may be left out; C tells the kind of action. */
export type OptionsOf<F extends Fields, C extends boolean> = Partial<Omit<ConfigOf<F>, 'continuous'>> & {
  /** Actions are real numbers in [0, 1] instead of choices; default false. */
  readonly continuous?: C;
};

/** The settings of a scenario, checked. Throws a RangeError that lists everything that is wrong. */
export const settingsOf = <F extends Fields & { readonly continuous: unknown }, C extends boolean>(
  where: string,
  fields: F,
  options: OptionsOf<F, C>,
): Omit<ConfigOf<F>, 'continuous'> & { readonly continuous: C } =>
  // The type of `continuous` is what the caller wrote, or false where it was left out: so is its value.
  orThrow(where)(decode(fields)(options)) as unknown as Omit<ConfigOf<F>, 'continuous'> & { readonly continuous: C };
