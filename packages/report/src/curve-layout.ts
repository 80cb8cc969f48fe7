import { scaleLinear } from 'd3-scale';
import type { Scale } from './curve-data.js';
import { estimateWidth, fit } from './markup.js';

/** A mark on an axis. */
export interface Tick {
  readonly value: number;
  readonly label: string;
}

/** Scales and ticks of a chart, and the rectangle in which its lines are drawn. */
export interface Axes {
  readonly x: Scale;
  readonly y: Scale;
  readonly xTicks: readonly Tick[];
  readonly yTicks: readonly Tick[];
  readonly plot: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number };
}

/** What is asked of a scale that chooses its own round numbers. */
interface RoundNumbers {
  domain(): readonly number[];
  ticks(count: number): readonly number[];
  tickFormat(count: number, specifier?: string): (value: number) => string;
}

/** Smallest and largest; a little room around a single value. */
const rangeOf = (values: readonly number[]): [number, number] => {
  // A loop, since spreading many thousands of arguments overflows the stack.
  let [low, high] = [Infinity, -Infinity];
  for (const value of values) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  if (low < high) return [low, high];
  const room = Math.abs(low) / 10 || 1;
  return [low - room, high + room];
};

/** Round numbers along a scale, with their labels. */
export const ticksOf = (scale: RoundNumbers, count: number): Tick[] => {
  const [low = 0, high = 0] = scale.domain();
  // 200k and 1M rather than 200,000 and 1,000,000; never 500m for a half.
  const format = scale.tickFormat(count, Math.max(-low, high) >= 10_000 ? '~s' : undefined);
  return scale.ticks(count).map((value) => ({ value, label: value === 0 ? '0' : format(value) }));
};

/** Axes around the data: y from one round number to another, x from first to last. Moves `frame.left` to make room for labels. */
export const fitAxes = (chart: {
  readonly xs: readonly number[];
  readonly ys: readonly number[];
  readonly frame: Axes['plot'];
  readonly fontSize: number;
}): Axes => {
  const { frame, fontSize } = chart;
  const yCount = Math.max(2, Math.round((frame.bottom - frame.top) / 50));
  const y = scaleLinear<number, number>().domain(rangeOf(chart.ys)).nice(yCount).range([frame.bottom, frame.top]);
  const yTicks = ticksOf(y, yCount);
  const left = Math.ceil(frame.left + Math.max(...yTicks.map(({ label }) => estimateWidth(label, fontSize))));
  const [first, last] = rangeOf(chart.xs);
  // Runs are usually first evaluated a little after step 0.
  const from = first > 0 && first < last / 5 ? 0 : first;
  const x = scaleLinear<number, number>().domain([from, last]).range([left, frame.right]);
  const xTicks = ticksOf(x, Math.max(2, Math.round((frame.right - left) / 90)));
  return { x, y, xTicks, yTicks, plot: { ...frame, left } };
};

/** The given places, in the given order, moved as little as is simple so that they are `gap` apart and within the bounds. */
export const spread = (places: readonly number[], gap: number, low: number, high: number): readonly number[] => {
  const order = places.map((_, i) => i).sort((a, b) => places[a]! - places[b]!);
  const moved = [...places];
  // Neighbours that are too close become one block around their mean, which may then touch the next block.
  const blocks: { members: number[]; middle: number }[] = [];
  const half = (block: { members: number[] }): number => ((block.members.length - 1) * gap) / 2;
  const inside = (block: { members: number[]; middle: number }): number =>
    Math.max(low + half(block), Math.min(high - half(block), block.middle));
  for (const i of order) {
    let block = { members: [i], middle: places[i]! };
    for (let above = blocks.at(-1); above; above = blocks.at(-1)) {
      if (inside(block) - half(block) - (inside(above) + half(above)) >= gap) break;
      blocks.pop();
      const members = [...above.members, ...block.members];
      block = { members, middle: members.reduce((sum, member) => sum + places[member]!, 0) / members.length };
    }
    blocks.push(block);
  }
  for (const block of blocks) {
    block.members.forEach((member, k) => (moved[member] = inside(block) - half(block) + k * gap));
  }
  return moved;
};

/** Where each name of a legend stands: offset in its row, number of the row, and as much of the name as fits. */
export const legendRows = (
  names: readonly string[],
  size: number,
  width: number,
): {
  readonly rows: number;
  readonly places: readonly { readonly x: number; readonly row: number; readonly text: string }[];
} => {
  let [x, row] = [0, 0];
  const places = names.map((name) => {
    const text = fit(name, size, width - 25);
    const needed = 25 + estimateWidth(text, size) + 18;
    if (x > 0 && x + needed - 18 > width) [x, row] = [0, row + 1];
    const place = { x, row, text };
    x += needed;
    return place;
  });
  return { rows: row + 1, places };
};
