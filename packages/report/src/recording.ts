import type { Group, Groups, RngState, Space } from '@troupe/core';
import * as E from 'fp-ts/lib/Either.js';

/** One episode of a recording. */
export interface RecordedEpisode {
  /** In which of the environments it was played. */
  readonly env: number;
  /** Steps. */
  readonly length: number;
  /** By group: undiscounted sum of rewards, at each step averaged over the living agents. */
  readonly returns: Readonly<Record<string, number>>;
}

/**
 * Everything needed to play some episodes again: where the randomness began, and what everybody did. Plain data that
 * survives JSON; a few bytes per action, since the worlds are simulated again rather than stored.
 */
export interface Recording {
  /** What tells a recording from other JSON. */
  readonly kind: 'troupe recording';
  /** Of the format. */
  readonly version: 1;
  /** Of the run, as stated by whoever made it. */
  readonly seed: number;
  /** Environments that were stepped together. */
  readonly numEnvs: number;
  /** What the groups were, in words: "3 agents (a, b, c) seeing box(18), acting in discrete(5)". */
  readonly groups: Readonly<Record<string, string>>;
  /** The stream that the environment was reset with. */
  readonly stream: RngState;
  /** One entry for each step: by group the actions [E, N, ...action], row-major. */
  readonly actions: readonly Readonly<Record<string, readonly number[]>>[];
  /** In the order in which they ended. */
  readonly episodes: readonly RecordedEpisode[];
}

const describeSpace = (space: Space): string => {
  switch (space.kind) {
    case 'discrete':
      return `discrete(${space.n})`;
    case 'box':
      return `box(${space.shape.join(' × ')})`;
    case 'multiDiscrete':
      return `multiDiscrete(${space.counts.join(', ')})`;
    case 'hybrid':
      return `hybrid(${describeSpace(space.box)}, ${describeSpace(space.choices)})`;
  }
};

const describeGroup = ({ agents, observation, action }: Group): string => {
  const who = 'max' in agents ? `up to ${agents.max} agents` : `${agents.length} agents (${agents.join(', ')})`;
  return `${who} seeing ${describeSpace(observation)}, acting in ${describeSpace(action)}`;
};

/** Groups in words, to compare an environment with a recording. */
export const describeGroups = (groups: Groups): Readonly<Record<string, string>> =>
  Object.fromEntries(Object.entries(groups).map(([name, group]) => [name, describeGroup(group)]));

/**
 * The shortest decimal number that rounds to the same float32: 0.1, not 0.10000000149011612. Zero is never negative,
 * since JSON has no -0.
 */
export const shortestFloat32 = (value: number): number => {
  if (Number.isInteger(value)) return value === 0 ? 0 : value;
  for (let digits = 6; digits < 9; digits++) {
    const rounded = Number(value.toPrecision(digits));
    if (Math.fround(rounded) === value) return rounded;
  }
  // Nine digits tell all float32 apart.
  return Number(value.toPrecision(9));
};

type Json = Readonly<Record<string, unknown>>;

const isObject = (input: unknown): input is Json =>
  typeof input === 'object' && input !== null && !Array.isArray(input);
const isNumbers = (input: unknown): input is readonly number[] =>
  Array.isArray(input) && input.every((n) => Number.isFinite(n));
const isCount = (input: unknown): input is number => Number.isInteger(input) && (input as number) >= 1;

const isStream = (input: unknown): boolean =>
  isObject(input) && isNumbers(input.key) && isNumbers(input.state) && Number.isInteger(input.splits);
const isEpisode = (input: unknown): boolean =>
  isObject(input) &&
  Number.isInteger(input.env) &&
  isCount(input.length) &&
  isObject(input.returns) &&
  isNumbers(Object.values(input.returns));

/** What is wrong with something that should be a recording; undefined if nothing is. */
const complaint = (input: unknown): string | undefined => {
  if (!isObject(input) || input.kind !== 'troupe recording') return "expected an object of kind 'troupe recording'";
  if (input.version !== 1) return `expected version 1, got ${String(input.version)}`;
  if (!Number.isSafeInteger(input.seed)) return `seed: expected an integer, got ${String(input.seed)}`;
  if (!isCount(input.numEnvs)) return `numEnvs: expected an integer >= 1, got ${String(input.numEnvs)}`;
  const { groups, actions, episodes, numEnvs } = input;
  if (!isObject(groups) || !Object.values(groups).every((text) => typeof text === 'string')) {
    return 'groups: expected an object of texts';
  }
  if (!isStream(input.stream)) return 'stream: expected the state of a random stream';
  if (!Array.isArray(actions)) return 'actions: expected a list';
  const names = Object.keys(groups);
  const wrong = actions.findIndex((step) => !isObject(step) || !names.every((name) => isNumbers(step[name])));
  if (wrong >= 0) return `actions: expected lists of finite numbers for ${names.join(', ')} in step ${wrong}`;
  if (!Array.isArray(episodes) || !episodes.every(isEpisode))
    return 'episodes: expected env, length and returns of each';
  if (!episodes.every(({ env }: RecordedEpisode) => env >= 0 && env < numEnvs)) {
    return `episodes: expected every env in [0, ${numEnvs})`;
  }
  return undefined;
};

/** A recording read from a file: the parsed JSON if it is one, otherwise what is wrong with it. */
export const decodeRecording = (input: unknown): E.Either<string, Recording> => {
  const wrong = complaint(input);
  return wrong === undefined ? E.right(input as Recording) : E.left(`decodeRecording: ${wrong}`);
};
