import { scaleLinear } from 'd3-scale';
import { padding, small } from './curve-drawing.js';
import { ticksOf } from './curve-layout.js';
import { palette } from './curve-series.js';
import { escapeText, estimateWidth, fit, fontFamily, heading, ink, tag } from './markup.js';
import { countSeeds, describeInterval, formatNumber, type Result } from './statistics/result.js';

/** Results side by side: one row per name, one panel per statistic. */
export interface ScoreChart {
  /** Heading. */
  readonly title?: string;
  /** From left to right, one per statistic. */
  readonly panels: readonly {
    readonly label: string;
    /** In every panel the same names in the same order. */
    readonly results: readonly Result[];
  }[];
  /** Pixels. Default 720; the height follows from the rows. */
  readonly width?: number;
}

const rowHeight = 38;
const panelGap = 28;

/** Throws a RangeError unless there are panels with the same names and finite values. */
const checkPanels = ({ panels, width = 720 }: ScoreChart): void => {
  const [first] = panels;
  if (first === undefined || first.results.length === 0) {
    throw new RangeError('scoreChart: expected at least one panel with at least one result');
  }
  if (!(width >= 240 && width < Infinity)) {
    throw new RangeError(`scoreChart: expected a finite width of at least 240, got ${width}`);
  }
  const names = first.results.map(({ name }) => name).join(', ');
  for (const { label, results } of panels) {
    const own = results.map(({ name }) => name).join(', ');
    if (own !== names) throw new RangeError(`scoreChart: expected ${names} in panel '${label}', got ${own}`);
    for (const { name, value, interval } of results) {
      if (![value, interval?.low ?? 0, interval?.high ?? 0].every(Number.isFinite)) {
        throw new RangeError(`scoreChart: expected finite values of '${name}' in panel '${label}', got ${value}`);
      }
    }
  }
};

/** One panel: ticks, bars from low to high, a mark at the estimate with its number. */
const drawPanel = (
  { label, results }: ScoreChart['panels'][number],
  frame: { readonly left: number; readonly right: number; readonly top: number; readonly bottom: number },
): string => {
  const values = results.flatMap(({ value, interval }) => [value, ...(interval ? [interval.low, interval.high] : [])]);
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const room = high > low ? (high - low) * 0.06 : Math.abs(low) / 10 || 1;
  const count = Math.max(2, Math.round((frame.right - frame.left) / 70));
  const x = scaleLinear<number, number>()
    .domain([low - room, high + room])
    .range([frame.left, frame.right]);
  const middle = (frame.left + frame.right) / 2;
  const parts = [
    tag(
      'text',
      { x: middle, y: frame.top - 10, 'text-anchor': 'middle', 'font-size': 13, fill: ink.strong },
      escapeText(fit(label, 13, frame.right - frame.left)),
    ),
  ];
  for (const { value, label: text } of ticksOf(x, count)) {
    const at = x(value).toFixed(1);
    parts.push(
      tag('path', { d: `M${at} ${frame.top}V${frame.bottom}`, stroke: ink.faint }),
      tag('text', { x: x(value), y: frame.bottom + 16, 'text-anchor': 'middle' }, escapeText(text)),
    );
  }
  parts.push(tag('path', { d: `M${frame.left} ${frame.bottom}H${frame.right}`, stroke: ink.mark }));
  // One precision for the panel, so that numbers can be compared.
  const widths = results.flatMap(({ interval }) =>
    interval && interval.high > interval.low ? [interval.high - interval.low] : [],
  );
  const spread = widths.length > 0 ? Math.min(...widths) : undefined;
  results.forEach(({ value, interval }, row) => {
    const y = frame.top + (row + 0.5) * rowHeight + 4;
    const color = palette[row % palette.length]!;
    const text = formatNumber(value, spread);
    const half = estimateWidth(text, 11) / 2;
    const place = Math.min(frame.right - half, Math.max(frame.left + half, x(value)));
    if (interval) {
      const [from, to] = [x(interval.low), x(interval.high)];
      parts.push(tag('rect', { x: from, y: y - 6, width: Math.max(1, to - from), height: 12, rx: 2, fill: color, opacity: 0.4 })); // prettier-ignore
      parts.push(tag('path', { d: `M${x(value).toFixed(1)} ${y - 8}v16`, stroke: color, 'stroke-width': 2.5 }));
    } else {
      parts.push(tag('circle', { cx: x(value), cy: y, r: 4, fill: ink.ground, stroke: color, 'stroke-width': 2 }));
    }
    parts.push(tag('text', { x: place, y: y - 11, 'text-anchor': 'middle', 'font-size': 11 }, escapeText(text)));
  });
  return parts.join('');
};

/**
 * Scores with their intervals as one self-contained SVG, in the manner of Agarwal et al. 2021, figure 9: a row for each
 * algorithm with the number of its seeds, a panel for each statistic, a bar from one end of the interval to the other
 * and a mark at the estimate. A ring instead of a bar: there is no interval. Throws a RangeError for panels whose names
 * differ or values that are not finite.
 */
export const scoreChart = (chart: ScoreChart): string => {
  checkPanels(chart);
  const { title, panels, width = 720 } = chart;
  const { results } = panels[0]!;
  const inner = width - 2 * padding;
  const parts: string[] = [];
  let top = padding;
  if (title !== undefined) {
    parts.push(heading(title, { x: padding, y: top + 13 }, inner));
    top += 24;
  }
  const kinds = [...new Set(panels.flatMap((panel) => panel.results.map(describeInterval)))];
  parts.push(tag('text', { x: padding, y: top + 10, 'font-size': 13 }, escapeText(fit(kinds.join(' · '), 13, inner))));
  top += 48;
  const names = Math.min(
    width / 3,
    Math.max(...results.flatMap(({ name, seeds }) => [estimateWidth(name, 13), estimateWidth(countSeeds(seeds), 11)])),
  );
  const bottom = top + results.length * rowHeight;
  results.forEach(({ name, seeds }, row) => {
    const y = top + (row + 0.5) * rowHeight;
    parts.push(
      tag('text', { x: padding, y: y + 1, 'font-size': 13, fill: ink.strong }, escapeText(fit(name, 13, names))),
      tag('text', { x: padding, y: y + 15, 'font-size': 11 }, escapeText(countSeeds(seeds))),
    );
  });
  const left = padding + names + 20;
  const each = (width - padding - left - (panels.length - 1) * panelGap) / panels.length;
  panels.forEach((panel, p) => {
    const from = left + p * (each + panelGap);
    parts.push(drawPanel(panel, { left: from, right: from + each, top, bottom }));
  });
  const height = bottom + 24 + padding;
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${height}`,
      width,
      height,
      role: 'img',
      'font-family': fontFamily,
      'font-size': small,
      fill: ink.soft,
    },
    tag('title', {}, escapeText(title ?? 'scores with intervals')),
    tag('rect', { width, height, rx: 8, fill: ink.ground }),
    ...parts,
  );
};
