import { count, decode, field, flag, oneOf, orThrow, type ConfigOf, type Fields } from '@troupe/core';
import { physics, type Physics } from './physics.js';

/** Settings of every scenario. */
export const common = {
  numEnvs: count(1, 'environments stepped together'),
  maxCycles: count(25, 'steps after which an episode is truncated'),
  continuous: flag(false, 'actions are real numbers in [0, 1] instead of choices'),
  physics: oneOf(Object.keys(physics) as Physics[], 'mpe2', 'version of the dynamics'),
};

/** An integer >= 0. */
export const wholeNumber = (initial: number, about: string) =>
  field(initial, 'an integer >= 0', about, (u): u is number => Number.isInteger(u) && (u as number) >= 0);

/** A stage of a curriculum with `stages` stages, or null for none. */
export const stage = (stages: number, about: string) =>
  field<number | null>(
    null,
    `one of 0 … ${stages - 1}, or null`,
    about,
    (u): u is number | null => u === null || (Number.isInteger(u) && (u as number) >= 0 && (u as number) < stages),
  );

/** The settings of a scenario, checked. Throws a RangeError that lists everything that is wrong. */
export const settingsOf = <F extends Fields>(where: string, fields: F, options: object): ConfigOf<F> =>
  orThrow(where)(decode(fields)(options));
