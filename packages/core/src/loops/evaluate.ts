import { breather } from './breathe.js';
import { checkPolicies, checkRun } from './check-run.js';
import { collector, isPromise } from './collect.js';
import type { Groups } from '../env.js';
import type { Episode, Policies } from '../learn.js';
import { rng as makeRng, type Rng } from '../rng.js';
import { mapGroups, type VecEnv } from '../vec.js';

/** A mean with its 95 % bootstrap interval. */
export interface Estimate {
  /** Of the sample. */
  readonly mean: number;
  /** Lower end of the interval. */
  readonly low: number;
  /** Upper end of the interval. */
  readonly high: number;
  /** Size of the sample. */
  readonly n: number;
}

/** What an evaluation found: returns are undiscounted sums of rewards, at each step averaged over a group's living agents. */
export interface Evaluation<G extends Groups> {
  /** By group, over the episodes. */
  readonly returns: { readonly [K in keyof G]: Estimate };
  /** Steps of an episode. */
  readonly length: Estimate;
  /** The episodes themselves, in the order in which they ended. */
  readonly episodes: readonly Episode<G>[];
}

/**
 * The mean of a sample and its percentile bootstrap interval (Efron 1979). Resampling is seeded: the same values give
 * the same interval. Throws a RangeError for an empty sample or a level outside (0, 1).
 */
export const bootstrapMean = (
  values: readonly number[],
  options: { readonly level?: number; readonly resamples?: number; readonly rng?: Rng } = {},
): Estimate => {
  const { level = 0.95, resamples = 2000, rng = makeRng(0).split('bootstrap') } = options;
  const n = values.length;
  if (n === 0) throw new RangeError('bootstrapMean: expected at least one value, got none');
  if (!(level > 0 && level < 1)) throw new RangeError(`bootstrapMean: expected a level in (0, 1), got ${level}`);
  const sample = Float64Array.from(values);
  const mean = sample.reduce((a, b) => a + b, 0) / n;
  const means = new Float64Array(resamples);
  for (let r = 0; r < resamples; r++) {
    let sum = 0;
    for (let i = 0; i < n; i++) sum += sample[rng.int(n)]!;
    means[r] = sum / n;
  }
  means.sort();
  const at = (q: number): number => {
    const x = q * (resamples - 1);
    const [i, f] = [Math.floor(x), x - Math.floor(x)];
    return means[i]! + (f > 0 ? f * (means[i + 1]! - means[i]!) : 0);
  };
  return { mean, low: at((1 - level) / 2), high: at((1 + level) / 2), n };
};

/**
 * Plays `episodes` episodes with these policies and estimates the returns. Environments play in parallel, each the same
 * number of episodes (the last ones beyond `episodes` are left out by environment, not by which ended first, so that
 * short episodes do not count more often). Throws a RangeError unless `episodes` is an integer >= 1 and every option known,
 * and a TypeError for parts that are missing or belong to other groups.
 */
export const evaluate = async <G extends Groups>(options: {
  /** Played from a reset on. */
  readonly env: VecEnv<G>;
  /** Who acts for every group. */
  readonly policies: Policies<NoInfer<G>>;
  /** The only source of randomness. */
  readonly rng: Rng;
  /** How many count, an integer >= 1. */
  readonly episodes: number;
}): Promise<Evaluation<G>> => {
  const known = { env: true, policies: true, rng: true, episodes: true } as const;
  checkRun('evaluate', options, known, ['env', 'policies', 'rng']);
  const { env, policies, rng, episodes: wanted } = options;
  if (!(Number.isInteger(wanted) && wanted >= 1)) {
    throw new RangeError(`evaluate: expected episodes to be an integer >= 1, got ${String(wanted)}`);
  }
  checkPolicies('evaluate', env, policies);
  // Environment e plays quota(e) episodes: decided beforehand.
  const quota = Int32Array.from({ length: env.numEnvs }, (_, e) => Math.ceil((wanted - e) / env.numEnvs));
  const worlds = await collector({ env, policies, rng });
  const breathe = breather();
  const done: Episode<G>[] = [];
  for (let steps = 0; done.length < wanted; steps += env.numEnvs) {
    const stepping = worlds.step({ steps, total: Infinity });
    if (isPromise(stepping)) await stepping;
    for (const episode of worlds.drain()) if (quota[episode.env]!-- > 0) done.push(episode);
    const pause = breathe();
    if (pause) await pause;
  }
  return {
    returns: mapGroups<G, Estimate>(env.groups, (_, name) =>
      bootstrapMean(done.map((episode) => episode.returns[name])),
    ),
    length: bootstrapMean(done.map((episode) => episode.length)),
    episodes: done,
  };
};
