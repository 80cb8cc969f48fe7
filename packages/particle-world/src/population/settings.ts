import {
  count,
  decode,
  field,
  flag,
  oneOf,
  optional,
  orThrow,
  positive,
  type ConfigOf,
  type Fields,
} from '@troupe/core';
import type { OptionsOf } from '../options.js';

/** Settings of every population scenario. */
export const crowdCommon = {
  numEnvs: count(1, 'environments stepped together'),
  maxCycles: count(25, 'steps after which an episode is truncated'),
  continuous: flag(false, 'actions are real numbers in [0, 1] instead of choices'),
  observe: oneOf(['entities', 'flat'], 'entities', 'oneself, entities and a mask; or one number after another'),
  agentNeighbors: optional(count(8, 'show only so many other agents, nearest first; null: all, in order')),
  landmarkNeighbors: optional(count(8, 'show only so many landmarks, nearest first; null: all, in order')),
  showTask: flag(false, "the task's descriptor is part of the observation"),
  search: oneOf(['grid', 'exhaustive'], 'grid', 'how neighbours are searched for; the results are the same'),
};

/** What tasks of all scenarios have: `worldSize` null keeps the density of 3 agents in a world of size 1. */
export const taskCommon = {
  worldSize: optional(positive(1, 'half the side of the world; null: √(n / 3) for n agents of the first role')),
  sight: positive(100, 'how far agents see, world units'),
};

/** A list of tasks; one is drawn for each episode. Their contents are checked by `tasksOf`. */
export const tasks = field<readonly Readonly<Record<string, unknown>>[]>(
  [{}],
  'a list of one or more tasks',
  'what episodes are like: one of these is drawn for each',
  (u): u is readonly Readonly<Record<string, unknown>>[] => Array.isArray(u) && u.length > 0,
);

/** Options of a population scenario: settings, with tasks described by T. */
export type PopulationOptions<F extends Fields, T extends Fields, C extends boolean> = Omit<
  OptionsOf<F, C>,
  'tasks'
> & {
  /** What episodes are like: one of these is drawn for each. Default: one task of default settings. */
  readonly tasks?: readonly Partial<ConfigOf<T>>[];
};

/** The tasks, checked. Throws a RangeError that names the task and everything that is wrong with it. */
export const tasksOf = <T extends Fields>(
  where: string,
  fields: T,
  given: readonly Readonly<Record<string, unknown>>[],
): readonly ConfigOf<T>[] => given.map((task, t) => orThrow(`${where}: task ${t}`)(decode(fields)(task)));
