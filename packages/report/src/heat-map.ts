import { padding, small } from './curve-drawing.js';
import { escapeText, estimateWidth, fit, fontFamily, heading, ink, short, tag } from './markup.js';
import { describeSeeds, formatNumber } from './statistics/result.js';

/** A matrix as coloured squares: who does how well against whom. */
export interface HeatMap {
  /** Heading. */
  readonly title?: string;
  /** One line below the title: what the numbers are, over how many episodes and seeds. */
  readonly subtitle?: string;
  /** Names of the rows. */
  readonly rows: readonly string[];
  /** Names of the columns. */
  readonly columns: readonly string[];
  /** What rows are. */
  readonly rowLabel?: string;
  /** What columns are. */
  readonly columnLabel?: string;
  /** [row][column]; with `low` and `high` the interval is written below the number. */
  readonly cells: readonly (readonly { readonly mean: number; readonly low?: number; readonly high?: number }[])[];
  /** The value that is drawn white. Default 0. */
  readonly centre?: number;
  /** Seeds of the policies; the picture says how many, or that none are stated. */
  readonly seeds?: readonly number[];
  /** Pixels. Default: 92 per column and room for the names. */
  readonly width?: number;
}

/** Blue through white to orange, at −1, 0 and 1: colour-blind readers can tell them apart. */
const colourAt = (t: number): readonly number[] => {
  const end = t < 0 ? [33, 102, 172] : [202, 88, 12];
  const weight = Math.min(1, Math.abs(t)) * 0.72;
  return end.map((c) => Math.round(255 + (c - 255) * weight));
};

const hex = (colour: readonly number[]): string => `#${colour.map((c) => c.toString(16).padStart(2, '0')).join('')}`;

/** White or dark letters, whichever has the larger contrast (WCAG 2, relative luminance). */
const inkOn = (colour: readonly number[]): string => {
  const [r, g, b] = colour.map((c) => (c <= 10 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const luminance = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!;
  // Contrast with white is 1.05 / (L + 0.05), with the dark ink (L + 0.05) / 0.067: equal at L = 0.215.
  return luminance > 0.215 ? ink.strong : ink.ground;
};

/** Throws a RangeError unless there is a finite number in every cell. */
const checkCells = ({ rows, columns, cells }: HeatMap): void => {
  if (rows.length === 0 || columns.length === 0) throw new RangeError('heatMap: expected at least one row and column');
  if (cells.length !== rows.length || cells.some((row) => row.length !== columns.length)) {
    const got = `${cells.length} × ${cells.map(({ length }) => length).join('/')}`;
    throw new RangeError(`heatMap: expected ${rows.length} × ${columns.length} cells, got ${got}`);
  }
  cells.forEach((row, i) =>
    row.forEach(({ mean, low = mean, high = mean }, j) => {
      if (![mean, low, high].every(Number.isFinite)) {
        throw new RangeError(
          `heatMap: expected finite numbers in row '${rows[i]}', column '${columns[j]}', got ${mean}`,
        );
      }
    }),
  );
};

/**
 * A matrix as one self-contained SVG: cross-play, payoffs, confusion. Colours say how far a value lies from the centre,
 * numbers and intervals stand in the squares. Throws a RangeError for a matrix of another size than its names, or values
 * that are not finite.
 */
export const heatMap = (map: HeatMap): string => {
  checkCells(map);
  const { title, subtitle, rows, columns, rowLabel, columnLabel, cells, centre = 0, seeds } = map;
  const names = Math.min(200, Math.max(...rows.map((name) => estimateWidth(name, small))) + 10);
  const left = padding + names + (rowLabel === undefined ? 0 : 22);
  const width = map.width ?? Math.ceil(Math.max(360, left + 92 * columns.length + padding));
  const cell = (width - left - padding) / columns.length;
  if (!(cell >= 20 && width < Infinity)) {
    throw new RangeError(`heatMap: expected a width with 20 pixels or more per column, got ${width}`);
  }
  const inner = width - 2 * padding;
  const parts: string[] = [];
  let top = padding;
  if (title !== undefined) {
    parts.push(heading(title, { x: padding, y: top + 13 }, inner));
    top += 24;
  }
  for (const note of [subtitle, describeSeeds(seeds)]) {
    if (note === undefined) continue;
    const size = Math.min(13, (13 * inner) / Math.max(1, estimateWidth(note, 13)));
    parts.push(tag('text', { x: padding, y: top + 10, 'font-size': size }, escapeText(note)));
    top += 19;
  }
  const label = { 'text-anchor': 'middle', 'font-size': 13, fill: ink.strong } as const;
  if (columnLabel !== undefined) {
    parts.push(tag('text', { ...label, x: left + (cell * columns.length) / 2, y: top + 18 }, escapeText(columnLabel)));
    top += 22;
  }
  columns.forEach((name, j) => {
    const place = { x: left + (j + 0.5) * cell, y: top + 18, 'text-anchor': 'middle' };
    parts.push(tag('text', place, escapeText(fit(name, small, cell - 6))));
  });
  top += 26;
  const height = 46;
  const farthest = cells.reduce(
    (most, row) => row.reduce((m, { mean }) => Math.max(m, Math.abs(mean - centre)), most),
    0,
  );
  // One precision for all, so that numbers can be compared down a column.
  const spread = farthest > 0 ? farthest / 2 : 1;
  rows.forEach((name, i) => {
    const y = top + i * height;
    parts.push(
      tag(
        'text',
        { x: left - 8, y: y + height / 2, dy: '.35em', 'text-anchor': 'end' },
        escapeText(fit(name, small, names - 8)),
      ),
    );
    cells[i]!.forEach(({ mean, low, high }, j) => {
      const t = farthest > 0 ? (mean - centre) / farthest : 0;
      const x = left + j * cell;
      const colour = colourAt(t);
      const fill = inkOn(colour);
      const text = { x: x + cell / 2, 'text-anchor': 'middle', fill } as const;
      parts.push(tag('rect', { x: x + 1, y: y + 1, width: cell - 2, height: height - 2, rx: 3, fill: hex(colour) }));
      const known = low !== undefined && high !== undefined;
      const baseline = y + height / 2 + (known ? -1 : 5);
      parts.push(tag('text', { ...text, y: baseline, 'font-size': 14 }, formatNumber(mean, spread)));
      if (known) {
        const interval = `${formatNumber(low, spread)} to ${formatNumber(high, spread)}`;
        const size = Math.min(10.5, (10.5 * (cell - 8)) / Math.max(1, estimateWidth(interval, 10.5)));
        parts.push(tag('text', { ...text, y: y + height / 2 + 14, 'font-size': short(size) }, interval));
      }
    });
  });
  if (rowLabel !== undefined) {
    const turned = `translate(${padding + 10} ${short(top + (height * rows.length) / 2)}) rotate(-90)`;
    parts.push(tag('text', { ...label, transform: turned }, escapeText(fit(rowLabel, 13, height * rows.length))));
  }
  const total = top + rows.length * height + padding;
  return tag(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      viewBox: `0 0 ${width} ${total}`,
      width,
      height: total,
      role: 'img',
      'font-family': fontFamily,
      'font-size': small,
      fill: ink.soft,
    },
    tag('title', {}, escapeText(title ?? 'matrix')),
    tag('rect', { width, height: total, rx: 8, fill: ink.ground }),
    ...parts,
  );
};
