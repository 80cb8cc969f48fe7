import { requireKnown } from './config.js';
import type { Group, Groups } from './env.js';
import { show } from './vectorize/space-value.js';

/** What a part of a program has to have, and what makes one. */
const parts = {
  env: [['groups', 'numEnvs', 'reset', 'step'], 'a VecEnv (vectorize makes one)'],
  learner: [['init', 'policies', 'update'], 'a learner'],
  buffer: [['add', 'sample', 'size'], 'a buffer, such as replay(env.groups, { capacity })'],
  rng: [['split', 'save', 'load'], 'a stream, such as rng(0)'],
  policies: [[], 'an object of policies by group'],
  observation: [['observation', 'active'], 'what one group sees, such as current.agents'],
  resume: [['state', 'steps', 'updates', 'rng', 'running'], 'what progress.snapshot() gave'],
  group: [['agents', 'observation', 'action'], 'one group, such as env.groups.agents'],
} as const;

/** Names of parts that can be told from others by what they have. */
export type PartName = keyof typeof parts;

const isMade = (value: unknown, members: readonly string[]): boolean =>
  typeof value === 'object' && value !== null && members.every((member) => member in value);

/** Refuses what is not such a part: in a program that is not type-checked it would fail somewhere deep inside. */
export const requirePart = (where: string, name: PartName, value: unknown): void => {
  const [members, what] = parts[name];
  if (!isMade(value, members)) throw new TypeError(`${where}: expected ${name} to be ${what}, got ${show(value)}`);
};

/** Throws a TypeError that names `where` unless these are groups; an environment, say, has them but is none. */
export const requireGroups = (where: string, groups: Groups): void => {
  const [members] = parts.group;
  const given = isMade(groups, []) ? Object.values(groups) : [];
  if (given.length === 0 || !given.every((group: Group) => isMade(group, members))) {
    throw new TypeError(`${where}: expected the groups of an environment, env.groups, got ${show(groups)}`);
  }
};

/**
 * For options of which some must be given: throws a TypeError that names `where` for anything but an object, and a
 * RangeError for a name that is not among `known`. `example` shows how they may look.
 */
export const requireOptions = (where: string, options: object, known: readonly string[], example: string): void => {
  if (!isMade(options, [])) throw new TypeError(`${where}: expected options, such as ${example}, got ${show(options)}`);
  requireKnown(where, 'options', options, known);
};
