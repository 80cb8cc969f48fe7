import { rng as makeRng, type Rng } from '@troupe/core';
import { meanShare } from './improvement.js';

/** What a test found. */
export interface TestResult {
  /** Probability of a difference at least this large if both came from the same distribution; two-sided. */
  readonly pValue: number;
  /** The smallest p-value that so few runs could give. */
  readonly leastPValue: number;
  /** Whether all arrangements were counted, or some drawn. */
  readonly exact: boolean;
}

/** n choose k. */
const choose = (n: number, k: number): number => {
  let ways = 1;
  for (let i = 1; i <= k; i++) ways = (ways * (n - k + i)) / i;
  return Math.round(ways);
};

/** Calls `visit` for every choice of `k` places of `n`, which are marked 1 in `chosen`. */
const eachChoice = (chosen: Uint8Array, k: number, visit: () => void, from = 0): void => {
  if (k === 0) {
    visit();
    return;
  }
  for (let i = from; i <= chosen.length - k; i++) {
    chosen[i] = 1;
    eachChoice(chosen, k - 1, visit, i + 1);
    chosen[i] = 0;
  }
};

/** One task: everything observed, and room for one arrangement of it. */
const stratumOf = (x: ArrayLike<number>, y: ArrayLike<number>) => ({
  all: Float64Array.from([...Array.from(x), ...Array.from(y)]),
  xs: Float64Array.from(x),
  ys: Float64Array.from(y),
});
type Stratum = ReturnType<typeof stratumOf>;

/** Deals the values to both sides: those marked 1 to x. */
const deal = ({ all, xs, ys }: Stratum, chosen: Uint8Array): void => {
  let [i, j] = [0, 0];
  for (let k = 0; k < all.length; k++) {
    if (chosen[k] === 1) xs[i++] = all[k]!;
    else ys[j++] = all[k]!;
  }
};

/** Swaps values at random until every arrangement is equally probable, and deals the first ones to x. */
const dealAtRandom = ({ all, xs, ys }: Stratum, rng: Rng): void => {
  for (let k = 0; k < xs.length; k++) {
    const other = k + rng.int(all.length - k);
    [all[k], all[other]] = [all[other]!, all[k]!];
  }
  xs.set(all.subarray(0, xs.length));
  ys.set(all.subarray(xs.length));
};

/** What a permutation test looks at: how far apart two sides are, one array per task on each. Its sign is ignored. */
export type Contrast = (a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]) => number;

/** How far the probability of improvement lies from one half. */
const dominance: Contrast = (a, b) => meanShare(a, b) - 0.5;

/**
 * Permutation test (Fisher 1935), two-sided, stratified by task: if both sides come from the same distribution, every
 * way to deal the runs of a task to the two sides was equally probable. By default of the probability of improvement,
 * which makes it the test of Mann and Whitney (1947) over several tasks: scores are only compared, so that neither their
 * scale nor an outlier matters. `contrast` may be any other difference. Counts all arrangements where there are at most
 * `limit` (default 20,000); else draws 10,000, and counts the observed one with them, so that the p-value is never too
 * small (Phipson and Smyth 2010). Throws a RangeError where the numbers of tasks differ or a side is empty.
 */
export const permutationTest = (
  a: readonly ArrayLike<number>[],
  b: readonly ArrayLike<number>[],
  options: { readonly contrast?: Contrast; readonly limit?: number; readonly rng?: Rng } = {},
): TestResult => {
  if (a.length === 0 || a.length !== b.length || [...a, ...b].some(({ length }) => length === 0)) {
    throw new RangeError(
      `permutationTest: expected as many tasks on both sides and values in each, got ${a.length} and ${b.length} tasks`,
    );
  }
  const { contrast = dominance, limit = 20_000, rng = makeRng(0).split('permutation') } = options;
  const strata = a.map((x, m) => stratumOf(x, b[m]!));
  const [xs, ys] = [strata.map((one) => one.xs), strata.map((one) => one.ys)];
  const difference = (): number => Math.abs(contrast(xs, ys));
  const observed = difference();
  // Sums of the same numbers in another order differ in their last bits: those arrangements are ties.
  const scale =
    contrast === dominance
      ? 1
      : strata.reduce((most, { all }) => all.reduce((m, v) => Math.max(m, Math.abs(v)), most), 0);
  const atLeast = observed - 1e-10 * scale;
  const arrangements = strata.reduce((ways, one) => ways * choose(one.all.length, one.xs.length), 1);
  // The mirror of an arrangement is as extreme: complete dominance either way, or the sides swapped where they are equal.
  const mirrored = contrast === dominance || strata.every((one) => one.xs.length === one.ys.length);

  let extreme = 0;
  if (arrangements <= limit) {
    const walk = (m: number): void => {
      if (m === strata.length) {
        if (difference() >= atLeast) extreme += 1;
        return;
      }
      const chosen = new Uint8Array(strata[m]!.all.length);
      eachChoice(chosen, strata[m]!.xs.length, () => {
        deal(strata[m]!, chosen);
        walk(m + 1);
      });
    };
    walk(0);
    return { pValue: extreme / arrangements, leastPValue: (mirrored ? 2 : 1) / arrangements, exact: true };
  }
  const draws = 10_000;
  for (let r = 0; r < draws; r++) {
    for (const one of strata) dealAtRandom(one, rng);
    if (difference() >= atLeast) extreme += 1;
  }
  return { pValue: (extreme + 1) / (draws + 1), leastPValue: 1 / (draws + 1), exact: false };
};

/**
 * p-values of several tests, raised so that the probability of even one false finding among them stays what one says:
 * Holm 1979. In the order given. Throws a RangeError for a value outside [0, 1].
 */
export const holm = (pValues: readonly number[]): readonly number[] => {
  const wrong = pValues.findIndex((p) => !(p >= 0 && p <= 1));
  if (wrong >= 0) throw new RangeError(`holm: expected p-values in [0, 1], got ${pValues[wrong]} at ${wrong}`);
  const order = pValues.map((_, i) => i).sort((i, j) => pValues[i]! - pValues[j]!);
  const adjusted = new Array<number>(pValues.length);
  let least = 0;
  order.forEach((i, rank) => {
    least = Math.max(least, Math.min(1, pValues[i]! * (pValues.length - rank)));
    adjusted[i] = least;
  });
  return adjusted;
};
