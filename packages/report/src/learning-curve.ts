import { drawAxes, drawLines, drawSeries, padding, small, type ReferenceLine } from './curve-drawing.js';
import { fitAxes, legendRows } from './curve-layout.js';
import { prepare, requireFinite, type CurveSeries, type Prepared } from './curve-series.js';
import { escapeText, estimateWidth, fit, fontFamily, heading, ink, tag } from './markup.js';

/** What a learning curve shows. */
export interface LearningCurve {
  /** Heading. */
  readonly title?: string;
  /** One line below the title, such as what the band is and how many seeds there are. */
  readonly subtitle?: string;
  /** What x counts. */
  readonly xLabel: string;
  /** What y measures. */
  readonly yLabel: string;
  /** One line each. */
  readonly series: readonly CurveSeries[];
  /** Dashed lines with a label at their right end. */
  readonly lines?: readonly ReferenceLine[];
  /** Draws the mean of the last so many points, and the points themselves faintly. The chart says so. Default 1: off. */
  readonly smoothing?: number;
  /** Pixels. Default 720 × 420. */
  readonly width?: number;
  /** Pixels. */
  readonly height?: number;
}

/** Title, note and legend, and how far down they reach. */
const drawHeader = (
  { title, subtitle, smoothing = 1, width = 720 }: LearningCurve,
  series: readonly Prepared[],
): { readonly bottom: number; readonly markup: string } => {
  const inner = width - 2 * padding;
  const parts: string[] = [];
  let top = padding;
  if (title !== undefined) {
    parts.push(heading(title, { x: padding, y: top + 13 }, inner));
    top += 24;
  }
  const smoothed = smoothing > 1 ? `mean of the last ${smoothing} points; single points faint` : undefined;
  const note = [subtitle, smoothed].filter((text) => text !== undefined).join(' · ');
  if (note !== '') {
    parts.push(tag('text', { x: padding, y: top + 10, 'font-size': 13 }, escapeText(fit(note, 13, inner))));
    top += 20;
  }
  const legend = legendRows(
    // A space that stays: some programs that draw SVG drop one at the beginning of a part of a text.
    series.map(({ name, seeds }) => `${name}\u00a0· ${seeds}`),
    small,
    inner,
  );
  legend.places.forEach(({ x, row, text }, i) => {
    const { color, name } = series[i]!;
    const y = top + 10 + row * 20;
    const stroke = { stroke: color, 'stroke-width': 3, 'stroke-linecap': 'round' };
    const [strong, soft] = text.startsWith(name) ? [name, text.slice(name.length)] : [text, ''];
    parts.push(
      tag('path', { ...stroke, d: `M${padding + x} ${y}h18` }),
      tag(
        'text',
        { x: padding + x + 25, y, dy: '.35em', fill: ink.strong },
        escapeText(strong),
        soft === '' ? '' : tag('tspan', { fill: ink.soft }, escapeText(soft)),
      ),
    );
  });
  return { bottom: top + legend.rows * 20 + 12, markup: parts.join('') };
};

/** All values that the y axis must reach. */
const heights = (series: readonly Prepared[], lines: readonly ReferenceLine[]): number[] => {
  const ys = lines.map(({ y }) => y);
  for (const { line, raw, band } of series) {
    for (const [, y] of line) ys.push(y);
    for (const [, y] of raw) ys.push(y);
    for (const [, low, high] of band) ys.push(low, high);
  }
  return ys;
};

/** A learning curve whose y axis also reaches these values. */
export const drawCurve = (curve: LearningCurve, reach: readonly number[]): string => {
  const { title, xLabel, yLabel, lines = [], smoothing = 1, width = 720, height = 420 } = curve;
  if (curve.series.length === 0) throw new RangeError('learningCurve: expected at least one series, got none');
  if (!Number.isInteger(smoothing) || smoothing < 1) {
    throw new RangeError(`learningCurve: expected an integer smoothing >= 1, got ${smoothing}`);
  }
  if (!(width >= 240 && height >= 180 && width < Infinity && height < Infinity)) {
    throw new RangeError(`learningCurve: expected a finite size of at least 240 × 180, got ${width} × ${height}`);
  }
  for (const line of lines) requireFinite(line.label, 'y', [line.y]);
  const series = curve.series.map((one, i) => prepare(one, i, smoothing));
  const header = drawHeader(curve, series);
  const labels = Math.max(0, ...lines.map(({ label }) => estimateWidth(label, small) + 15));
  const axes = fitAxes({
    xs: series.flatMap(({ line }) => [line[0]![0], line.at(-1)![0]]),
    ys: [...heights(series, lines), ...reach],
    frame: {
      left: padding + 26,
      right: width - padding - Math.min(labels, width / 3),
      top: header.bottom,
      bottom: height - padding - 44,
    },
    fontSize: small,
  });
  const size = { viewBox: `0 0 ${width} ${height}`, width, height };
  const font = { 'font-family': fontFamily, 'font-size': small, fill: ink.soft };
  return tag(
    'svg',
    { xmlns: 'http://www.w3.org/2000/svg', ...size, role: 'img', ...font },
    tag('title', {}, escapeText(title ?? `${yLabel} against ${xLabel}`)),
    tag('rect', { width, height, rx: 8, fill: ink.ground }),
    header.markup,
    drawAxes(axes, xLabel, yLabel),
    drawLines(lines, axes, width),
    ...series.map((one) => drawSeries(one, axes)),
  );
};

/**
 * A learning curve as one self-contained SVG, a string: lines with optional bands, dashed reference lines with labels
 * that keep clear of each other, a legend that says how many seeds are behind each line, axes with round numbers, white ground. Equal input gives equal strings.
 * Where there are more points than pixels, each column of pixels keeps its first, lowest, highest and last.
 *
 * Throws a RangeError for no series, a series without points, values that are not finite, x that falls, bands whose
 * length differs from the points', or a smoothing that is not an integer >= 1.
 */
export const learningCurve = (curve: LearningCurve): string => drawCurve(curve, []);
