import { movingAverage, type Band, type Point } from './curve-data.js';
import { countSeeds } from './statistics/result.js';

/** One line of a learning curve. */
export interface CurveSeries {
  /** What the legend calls it. */
  readonly name: string;
  /** [x, y], x never falling. */
  readonly points: readonly (readonly [x: number, y: number])[];
  /** Lower edge of a shaded band around the line, one value for each point; needs `high`. */
  readonly low?: readonly number[];
  /** Upper edge of that band, one value for each point; needs `low`. */
  readonly high?: readonly number[];
  /** Seeds of the runs behind the line; the legend says how many, or that none are stated. */
  readonly seeds?: readonly number[];
  /** CSS colour. Default: the next of a palette that colour-blind readers can tell apart (Okabe and Ito 2008). */
  readonly color?: string;
}

/** Colours that colour-blind readers can tell apart. Okabe and Ito 2008. */
export const palette = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000', '#999933'];

/** A series ready to be drawn. */
export interface Prepared {
  readonly name: string;
  /** How many seeds. */
  readonly seeds: string;
  readonly color: string;
  /** What is drawn strongly. */
  readonly line: readonly Point[];
  /** What is drawn faintly behind it, where the line is an average. */
  readonly raw: readonly Point[];
  readonly band: readonly Band[];
}

/** Throws a RangeError where a value is not finite. */
export const requireFinite = (name: string, what: string, values: readonly number[]): void => {
  const at = values.findIndex((value) => !Number.isFinite(value));
  if (at >= 0) throw new RangeError(`learningCurve: expected finite ${what} in '${name}', got ${values[at]} at ${at}`);
};

/** Checks a series, gives it the colour of its index, and smooths it. */
export const prepare = (series: CurveSeries, index: number, window: number): Prepared => {
  const { name, points, low, high, color = palette[index % palette.length]! } = series;
  const xs = points.map(([x]) => x);
  if (points.length === 0) throw new RangeError(`learningCurve: expected at least one point in '${name}', got none`);
  requireFinite(name, 'x', xs);
  requireFinite(
    name,
    'y',
    points.map(([, y]) => y),
  );
  const falls = xs.findIndex((x, i) => i > 0 && x < xs[i - 1]!);
  if (falls >= 0) {
    throw new RangeError(
      `learningCurve: expected x that never falls in '${name}', got ${xs[falls]} after ${xs[falls - 1]} at ${falls}`,
    );
  }
  for (const [what, edge, other] of [['low', low, high] as const, ['high', high, low] as const]) {
    if (edge ? edge.length !== points.length : other) {
      throw new RangeError(
        `learningCurve: expected ${points.length} values in '${what}' of '${name}', got ${edge?.length ?? 'none'}`,
      );
    }
    requireFinite(name, what, edge ?? []);
  }
  const smooth = (values: readonly number[]): readonly number[] => movingAverage(values, window);
  const ys = smooth(points.map(([, y]) => y));
  const [lows, highs] = [smooth(low ?? []), smooth(high ?? [])];
  return {
    name,
    seeds: countSeeds(series.seeds),
    color,
    line: xs.map((x, i) => [x, ys[i]!]),
    raw: window > 1 ? points : [],
    band: lows.map((value, i) => [xs[i]!, value, highs[i]!]),
  };
};
