import { count, decode, field, optional, orThrow, type ConfigOf, type Fields } from '@troupe/core';

/** Settings of every environment here: how many copies, and after how many steps an episode is truncated. */
export const common = (maxSteps: number | null) => ({
  numEnvs: count(1, 'environments stepped together'),
  maxSteps: optional(count(1, 'steps after which an episode is truncated; null: no limit'), maxSteps),
});

/** Any finite number. */
export const real = (initial: number, about: string) =>
  field(initial, 'a finite number', about, (u): u is number => Number.isFinite(u));

/** The settings, checked. Throws a RangeError that lists everything that is wrong. */
export const settingsOf = <F extends Fields>(where: string, fields: F, options: Partial<ConfigOf<F>>): ConfigOf<F> =>
  orThrow(where)(decode(fields)(options));
