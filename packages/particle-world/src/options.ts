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
import { physics, type Physics } from './physics.js';

/** Settings of every scenario. */
export const common = {
  numEnvs: count(1, 'environments stepped together'),
  maxCycles: count(25, 'steps after which an episode is truncated'),
  continuous: flag(false, 'actions are real numbers in [0, 1] instead of choices'),
  physics: oneOf(Object.keys(physics) as Physics[], 'mpe2', 'version of the dynamics'),
};

/** Limits on what observations show. */
export const neighbors = {
  agentNeighbors: optional(count(1, 'show only so many other agents, nearest first; null: all, in order')),
  landmarkNeighbors: optional(count(1, 'show only so many landmarks, nearest first; null: all, in order')),
};

/** Share of an agent's own reward. */
export const localRatio = fraction(0.5, 'weight ρ of the own reward; the common one weighs 1 − ρ');

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
