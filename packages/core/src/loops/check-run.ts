import { requireKnown } from '../config.js';
import type { Groups } from '../env.js';
import type { VecEnv } from '../vec.js';
import { show } from '../vectorize/space-value.js';

/** What a part of a run has to have, and what makes one. */
const parts = {
  env: [['groups', 'numEnvs', 'reset', 'step'], 'a VecEnv (vectorize makes one)'],
  learner: [['init', 'policies', 'update'], 'a learner'],
  buffer: [['add', 'sample', 'size'], 'a buffer, such as replay(env.groups, { capacity })'],
  rng: [['split', 'save', 'load'], 'a stream, such as rng(0)'],
  policies: [[], 'an object of policies by group'],
} as const;

/**
 * Refuses what is misspelt or missing before anything begins: in a program that is not type-checked, or whose settings are
 * spread from another object, a wrong name would pass for a setting that was left out. `known` has every setting's name.
 */
export const checkRun = <Run extends object>(
  where: string,
  run: Run,
  known: Readonly<Record<keyof Run, true>>,
  required: readonly (keyof Run & keyof typeof parts)[],
): void => {
  const unknown = Object.keys(run).find((name) => !Object.hasOwn(known, name));
  if (unknown !== undefined) {
    throw new RangeError(`${where}: ${unknown}: unknown setting; known: ${Object.keys(known).join(', ')}`);
  }
  for (const name of required) {
    const [members, what] = parts[name];
    const value: unknown = run[name];
    if (typeof value !== 'object' || value === null || !members.every((member) => member in value)) {
      throw new TypeError(`${where}: expected ${name} to be ${what}, got ${show(value)}`);
    }
  }
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
