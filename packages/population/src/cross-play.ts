import {
  bootstrapMean,
  evaluate,
  mapGroups,
  type Episode,
  type Estimate,
  type Groups,
  type Policies,
  type Rng,
  type VecEnv,
} from '@troupe/core';
import type { PairRecord } from './payoffs.js';

/** Someone who takes part: a policy for every group that they may play. */
export interface Entrant<G extends Groups> {
  /** What the table calls it; unique among the entrants. */
  readonly name: string;
  /** A policy for every group that it may play. */
  readonly policies: Policies<G>;
}

/** Everyone against everyone. All matrices are [row][column]. */
export interface CrossPlay<G extends Groups> {
  /** Names of those who played the side of `row`. */
  readonly rows: readonly string[];
  /** Names of those who played the other sides. */
  readonly columns: readonly string[];
  /** The group that the row's entrant plays; the column's plays all others. */
  readonly row: keyof G & string;
  /** Episodes in each cell. */
  readonly episodes: number;
  /** Mean return of each group, with its interval over episodes: it says nothing about other seeds of training. */
  readonly returns: { readonly [K in keyof G]: readonly (readonly Estimate[])[] };
  /** Mean score of the row, where a score was asked for. */
  readonly scores?: readonly (readonly Estimate[])[];
}

/** Settings of `crossPlay`. */
export interface CrossPlayOptions<G extends Groups> {
  /** Where they play. */
  readonly env: VecEnv<G>;
  /** Who plays; each has a policy for every group. */
  readonly entrants: readonly Entrant<NoInfer<G>>[];
  /** Who plays the columns. Default: the entrants. */
  readonly against?: readonly Entrant<NoInfer<G>>[];
  /** The group that the entrants of the rows play; those of the columns play all others. */
  readonly row: NoInfer<keyof G & string>;
  /** Episodes in each cell. */
  readonly episodes: number;
  /** Stream of the games: the same stream gives the same result. */
  readonly rng: Rng;
  /** Score of the row in an episode, in [0, 1]: see `scoreBetween`. */
  readonly score?: (episode: Episode<Groups>) => number;
}

/**
 * Plays every entrant against every other by `evaluate`, and against itself. All cells begin in the same worlds and draw
 * from the same streams, so that they differ by who plays alone. Throws a RangeError for no entrants, two of one name, or
 * a group that the environment does not have.
 */
export const crossPlay = async <G extends Groups>(options: CrossPlayOptions<G>): Promise<CrossPlay<G>> => {
  const { env, entrants, against = entrants, row, episodes, rng, score } = options;
  for (const side of [entrants, against]) {
    const names = side.map(({ name }) => name);
    if (names.length === 0 || new Set(names).size < names.length) {
      throw new RangeError(`crossPlay: expected entrants of different names, got ${names.join(', ') || 'none'}`);
    }
  }
  if (!Object.hasOwn(env.groups, row)) {
    throw new RangeError(`crossPlay: expected row to be one of ${Object.keys(env.groups).join(', ')}, got '${row}'`);
  }
  const cells: { returns: { readonly [K in keyof G]: Estimate }; score: Estimate | undefined }[][] = [];
  for (const { policies: own } of entrants) {
    const line: (typeof cells)[number] = [];
    for (const { policies: other } of against) {
      const policies: Policies<G> = { ...other, [row]: own[row] };
      const played = await evaluate<G>({ env, policies, rng, episodes });
      line.push({ returns: played.returns, score: score && bootstrapMean(played.episodes.map((one) => score(one))) });
    }
    cells.push(line);
  }
  return {
    rows: entrants.map(({ name }) => name),
    columns: against.map(({ name }) => name),
    row,
    episodes,
    returns: mapGroups<G, readonly (readonly Estimate[])[]>(env.groups, (_, name) =>
      cells.map((line) => line.map(({ returns }) => returns[name])),
    ),
    ...(score && { scores: cells.map((line) => line.map((cell) => cell.score!)) }),
  };
};

/**
 * The games of a cross-play by pair, for `bradleyTerry`: both seats together, games against oneself left out. Throws a
 * RangeError where no score was asked for.
 */
export const pairsOf = <G extends Groups>({ rows, columns, scores, episodes }: CrossPlay<G>): readonly PairRecord[] => {
  if (!scores) throw new RangeError('pairsOf: expected a cross-play with scores (give crossPlay a score)');
  return rows.flatMap((a, i) =>
    columns.flatMap((b, j) => (a === b ? [] : [{ a, b, games: episodes, points: scores[i]![j]!.mean * episodes }])),
  );
};
