import { requireKnown } from '../config.js';
import type { Groups } from '../env.js';
import { requirePart, type PartName } from '../require.js';
import type { VecEnv } from '../vec.js';
import { show } from '../vectorize/space-value.js';

/**
 * Refuses what is misspelt or missing before anything begins: in a program that is not type-checked, or whose settings are
 * spread from another object, a wrong name would pass for a setting that was left out. `known` has every setting's name.
 */
export const checkRun = <Run extends object>(
  where: string,
  run: Run,
  known: Readonly<Record<keyof Run, true>>,
  required: readonly (keyof Run & PartName)[],
): void => {
  if (typeof run !== 'object' || run === null) {
    throw new TypeError(`${where}: expected settings with ${required.join(', ')}, got ${show(run)}`);
  }
  const unknown = Object.keys(run).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw new RangeError(`${where}: ${unknown}: unknown setting; known: ${Object.keys(known).join(', ')}`);
  }
  for (const name of required) requirePart(where, name, run[name]);
  if ('resume' in run && run.resume !== undefined) requirePart(where, 'resume', run.resume);
};

/** Refuses policies that belong to other groups than the environment has, or to fewer. */
export const checkPolicies = <G extends Groups>(
  where: string,
  { groups }: VecEnv<G>,
  policies: Readonly<Record<string, unknown>>,
): void => {
  const names = Object.keys(groups);
  requireKnown(where, 'policies', policies, names);
  for (const name of names) {
    const policy = policies[name];
    if (typeof policy !== 'object' || policy === null || !('act' in policy)) {
      throw new TypeError(`${where}: expected a policy of group '${name}', got ${show(policy)}`);
    }
  }
};
