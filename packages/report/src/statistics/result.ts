import type { Estimate } from '@troupe/core';
import type { Interval } from './bootstrap.js';

/** A number as it is reported: with the seeds that it comes from, and what its interval is over. */
export interface Result {
  /** Whose result it is. */
  readonly name: string;
  /** The estimate. */
  readonly value: number;
  /** What the value is, such as `IQM` or `mean`. */
  readonly statistic: string;
  /** Seeds of the runs. Empty where nobody knows, which every rendering then says. */
  readonly seeds: readonly number[];
  /** What differs between the data that the interval was drawn from: runs with other seeds, or episodes of one run. */
  readonly over?: 'seeds' | 'episodes';
  /** Absent where one seed or episode allows none. */
  readonly interval?: Interval;
}

/** A result from one evaluation of one run: the interval is over its episodes, and says nothing about other seeds. */
export const resultOf = (name: string, estimate: Estimate, seed?: number): Result => ({
  name,
  value: estimate.mean,
  statistic: 'mean',
  seeds: seed === undefined ? [] : [seed],
  over: 'episodes',
  interval: { low: estimate.low, high: estimate.high, level: 0.95 },
});

/** Runs of neighbours, as `0–4, 7`. */
const ranges = (seeds: readonly number[]): string => {
  const parts: [number, number][] = [];
  for (const seed of [...new Set(seeds)].sort((a, b) => a - b)) {
    const last = parts.at(-1);
    if (last && seed === last[1] + 1) last[1] = seed;
    else parts.push([seed, seed]);
  }
  return parts
    .map(([from, to]) => (from === to ? `${from}` : to === from + 1 ? `${from}, ${to}` : `${from}–${to}`))
    .join(', ');
};

/** Which seeds: `5 seeds (0–4)`, `one seed (3)`, or `no seeds stated`. */
export const describeSeeds = (seeds: readonly number[] = []): string => {
  const n = new Set(seeds).size;
  return n === 0 ? 'no seeds stated' : `${n === 1 ? 'one seed' : `${n} seeds`} (${ranges(seeds)})`;
};

/** How many seeds, where there is little room: `5 seeds`, `one seed`, or `no seeds stated`. */
export const countSeeds = (seeds: readonly number[] = []): string => describeSeeds(seeds).replace(/ \(.*/, '');

/** `95 %`. */
export const percent = (share: number): string => `${Number((100 * share).toFixed(1))} %`;

/** A number with as many decimals as its spread deserves: two significant digits of it; a true minus sign. */
export const formatNumber = (value: number, spread = Math.abs(value) / 10): string => {
  const decimals = spread > 0 && spread < Infinity ? Math.min(8, Math.max(0, 1 - Math.floor(Math.log10(spread)))) : 2;
  const text = value.toFixed(decimals);
  return Number(text) === 0 ? text.replace('-', '') : text.replace('-', '−');
};

/** `12.3 [11.0, 13.9]`, or the number alone. */
export const formatEstimate = (value: number, interval?: Interval): string => {
  if (interval === undefined) return formatNumber(value);
  const { low, high } = interval;
  const show = (x: number): string => (high > low ? formatNumber(x, high - low) : formatNumber(x));
  return `${show(value)} [${show(low)}, ${show(high)}]`;
};

/** What an interval is, or that there is none and why. */
export const describeInterval = ({ interval, over, seeds }: Pick<Result, 'interval' | 'over' | 'seeds'>): string => {
  if (interval) return `${percent(interval.level)} interval over ${over ?? 'seeds'}`;
  return seeds.length === 1 ? 'no interval: one seed' : 'no interval';
};

/** A result in one line: value, interval, what it is, and its seeds or that there are none. */
export const formatResult = (result: Result): string =>
  `${result.name}: ${formatEstimate(result.value, result.interval)} (${result.statistic}, ${describeInterval(result)}, ${describeSeeds(result.seeds)})`;
