import type { CurveSeries } from '../curve-series.js';
import { bootstrapSettings, type BootstrapOptions, stratifiedBootstrap } from './bootstrap.js';
import { interquartileMean, taskMean } from './point-estimates.js';

/** How one run went: [x, y], x rising. */
export interface SeededCurve {
  /** Seed of the run. */
  readonly seed: number;
  /** x never falls. */
  readonly points: readonly (readonly [x: number, y: number])[];
}

/** y at `x`, linear between neighbours. */
const valueAt = (points: SeededCurve['points'], x: number): number => {
  let [low, high] = [0, points.length - 1];
  while (high - low > 1) {
    const mid = (low + high) >> 1;
    if (points[mid]![0] <= x) low = mid;
    else high = mid;
  }
  const [[x0, y0], [x1, y1]] = [points[low]!, points[high]!];
  if (x <= x0) return y0;
  return x >= x1 ? y1 : y0 + ((y1 - y0) * (x - x0)) / (x1 - x0);
};

/** Where the runs are compared: their own places where they agree, else `count` places that all runs reached. */
const placesOf = (runs: readonly SeededCurve[], count: number): readonly number[] => {
  const own = runs[0]!.points.map(([x]) => x);
  const agree = runs.every(({ points }) => points.length === own.length && points.every(([x], i) => x === own[i]));
  if (agree) return own;
  const from = Math.max(...runs.map(({ points }) => points[0]![0]));
  const to = Math.min(...runs.map(({ points }) => points.at(-1)![0]));
  if (from > to)
    throw new RangeError(`curveOfSeeds: expected runs that share some x, got none between ${from} and ${to}`);
  return Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
};

/**
 * A learning curve from several seeds: at each place the interquartile mean (or mean) over seeds, and its pointwise
 * bootstrap interval as a band. Runs that were looked at in different places are interpolated at `count` places (default
 * 100) that all of them reached. One seed gives a line without a band. Throws a RangeError for no runs, an empty run,
 * a seed that comes twice, or x that falls.
 */
export const curveOfSeeds = (
  name: string,
  runs: readonly SeededCurve[],
  options: BootstrapOptions & {
    readonly statistic?: 'IQM' | 'mean';
    readonly count?: number;
    readonly color?: string;
  } = {},
): CurveSeries => {
  const { statistic = 'IQM', count = 100, color, ...bootstrap } = options;
  const settings = bootstrapSettings('curveOfSeeds', { resamples: 1000, ...bootstrap });
  const seeds = runs.map(({ seed }) => seed);
  const twice = seeds.find((seed, i) => seeds.indexOf(seed) < i);
  if (twice !== undefined)
    throw new RangeError(`curveOfSeeds: expected each seed once, got ${twice} twice in '${name}'`);
  if (runs.length === 0 || runs.some(({ points }) => points.length === 0)) {
    throw new RangeError(`curveOfSeeds: expected at least one run and points in each in '${name}'`);
  }
  for (const { seed, points } of runs) {
    const falls = points.findIndex(([x], i) => !Number.isFinite(x) || (i > 0 && x < points[i - 1]![0]));
    if (falls >= 0) {
      throw new RangeError(
        `curveOfSeeds: expected finite x that never falls in '${name}', seed ${seed}, got ${points[falls]![0]} at ${falls}`,
      );
    }
  }
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new RangeError(`curveOfSeeds: expected count to be an integer >= 2, got ${String(count)}`);
  }
  const middleOf = statistic === 'IQM' ? interquartileMean : taskMean;
  const places = placesOf(runs, count);
  const values = places.map((x) => Float64Array.from(runs, ({ points }) => valueAt(points, x)));
  const series: CurveSeries = {
    name,
    seeds,
    points: places.map((x, i) => [x, middleOf([values[i]!])]),
    ...(color !== undefined && { color }),
  };
  if (runs.length === 1) return series;
  const bands = values.map((column) => stratifiedBootstrap([column], middleOf, settings));
  return { ...series, low: bands.map(({ low }) => low), high: bands.map(({ high }) => high) };
};
