import { short } from './markup.js';

/** [x, y] */
export type Point = readonly [x: number, y: number];
/** [x, low, high] */
export type Band = readonly [x: number, low: number, high: number];
/** From data to pixels. */
export type Scale = (value: number) => number;

/** Mean of the last `window` values at each place; of those that there are at the beginning. */
export const movingAverage = (values: readonly number[], window: number): readonly number[] => {
  if (window === 1) return values;
  return values.map((_, i) => {
    const from = Math.max(0, i - window + 1);
    let sum = 0;
    // Summed anew at each place: a running sum would gather rounding errors.
    for (let j = from; j <= i; j++) sum += values[j]!;
    return sum / (i + 1 - from);
  });
};

/** Items of equal columns of x, one list each. */
const byColumn = <T extends readonly [number, ...number[]]>(items: readonly T[], columns: number): T[][] => {
  const first = items[0]![0];
  const span = items.at(-1)![0] - first;
  const groups: T[][] = [];
  let current = -1;
  for (const item of items) {
    const column = span > 0 ? Math.floor(((item[0] - first) / span) * (columns - 1)) : 0;
    if (column !== current) groups.push([]);
    current = column;
    groups.at(-1)!.push(item);
  }
  return groups;
};

/** At most four points for each of `columns`: first, lowest, highest, last, in the order in which they came. */
export const thin = (points: readonly Point[], columns: number): readonly Point[] => {
  if (points.length <= 2 * columns) return points;
  return byColumn(points, columns).flatMap((group) => {
    let [low, high] = [0, 0];
    group.forEach(([, y], i) => {
      if (y < group[low]![1]) low = i;
      if (y > group[high]![1]) high = i;
    });
    return [...new Set([0, Math.min(low, high), Math.max(low, high), group.length - 1])].map((i) => group[i]!);
  });
};

/** A line through points, as path data. */
export const linePath = (points: readonly Point[], x: Scale, y: Scale): string =>
  points.map((point, i) => `${i === 0 ? 'M' : 'L'}${short(x(point[0]), 1)} ${short(y(point[1]), 1)}`).join('');

/** The area between the edges of a band, as path data; with more points than `columns`, the outermost of each column. */
export const bandPath = (band: readonly Band[], columns: number, x: Scale, y: Scale): string => {
  const thinned =
    band.length <= 2 * columns
      ? band
      : byColumn(band, columns).map((group): Band => {
          const low = group.reduce((least, one) => Math.min(least, one[1]), Infinity);
          return [group[0]![0], low, group.reduce((most, one) => Math.max(most, one[2]), -Infinity)];
        });
  const upper = thinned.map(([at, , high]): Point => [at, high]);
  const lower = thinned.map(([at, low]): Point => [at, low]).reverse();
  return `${linePath([...upper, ...lower], x, y)}Z`;
};
