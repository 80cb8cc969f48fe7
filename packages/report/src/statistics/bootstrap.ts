import { rng as makeRng, type Rng } from '@troupe/core';
import { quantile, type Statistic } from './point-estimates.js';

/** An interval that should hold the true value with probability `level`. */
export interface Interval {
  /** Lower end. */
  readonly low: number;
  /** Upper end. */
  readonly high: number;
  /** Probability with which it is made to hold the truth. */
  readonly level: number;
}

/** How intervals are computed. */
export interface BootstrapOptions {
  /** Probability with which the interval should hold the true value. Default 0.95. */
  readonly level?: number;
  /** Number of resampled data sets. Default 2000. */
  readonly resamples?: number;
  /** Default: the same stream at every call, so that equal data give equal intervals. */
  readonly rng?: Rng;
}

/** Options with defaults. Throws a RangeError for a level outside (0, 1) or fewer than 100 resamples. */
export const bootstrapSettings = (where: string, options: BootstrapOptions): Required<BootstrapOptions> => {
  const { level = 0.95, resamples = 2000, rng = makeRng(0).split('bootstrap') } = options;
  if (!(level > 0 && level < 1)) throw new RangeError(`${where}: expected a level in (0, 1), got ${String(level)}`);
  if (!(Number.isInteger(resamples) && resamples >= 100)) {
    throw new RangeError(`${where}: expected resamples to be an integer >= 100, got ${String(resamples)}`);
  }
  return { level, resamples, rng };
};

/** Calls `visit` with resampled strata: each of its own size, drawn with replacement from itself. Arrays are reused. */
export const eachResample = (
  strata: readonly ArrayLike<number>[],
  { resamples, rng }: { readonly resamples: number; readonly rng: Rng },
  visit: (drawn: readonly Float64Array[], resample: number) => void,
): void => {
  const drawn = strata.map(({ length }) => new Float64Array(length));
  for (let r = 0; r < resamples; r++) {
    for (let s = 0; s < strata.length; s++) {
      const [from, into] = [strata[s]!, drawn[s]!];
      for (let i = 0; i < into.length; i++) into[i] = from[rng.int(into.length)]!;
    }
    visit(drawn, r);
  }
};

/** The middle `level` of values, which are sorted in place. */
export const middle = (values: Float64Array, level: number): Interval => {
  values.sort();
  return { low: quantile(values, (1 - level) / 2), high: quantile(values, (1 + level) / 2), level };
};

/**
 * Percentile interval of a statistic by the stratified bootstrap: runs are drawn anew with replacement within each
 * stratum (task), never across. Efron 1979; Agarwal et al. 2021, section 4.1. With fewer than about ten runs such
 * intervals are too narrow (see the coverage in the tests): read them as a picture of the spread, and decide by a test.
 * Throws a RangeError for an empty stratum or options out of range.
 */
export const stratifiedBootstrap = (
  strata: readonly ArrayLike<number>[],
  statistic: Statistic,
  options: BootstrapOptions = {},
): Interval => {
  if (strata.length === 0 || strata.some(({ length }) => length === 0)) {
    throw new RangeError('stratifiedBootstrap: expected at least one stratum, and at least one value in each');
  }
  const settings = bootstrapSettings('stratifiedBootstrap', options);
  const values = new Float64Array(settings.resamples);
  eachResample(strata, settings, (drawn, r) => (values[r] = statistic(drawn)));
  return middle(values, settings.level);
};
