import { bandPath, linePath, thin } from './curve-data.js';
import { spread, type Axes } from './curve-layout.js';
import type { Prepared } from './curve-series.js';
import { escapeText, fit, ink, tag } from './markup.js';

/** Pixels around everything. */
export const padding = 20;
/** Font size of ticks, legend and reference labels. */
export const small = 12;

/** A level to compare with, such as a random or a scripted policy. */
export interface ReferenceLine {
  /** Where it lies. */
  readonly y: number;
  /** What stands beside it. */
  readonly label: string;
}

/** Band, single points and line of one series. */
export const drawSeries = ({ color, line, raw, band }: Prepared, { x, y, plot }: Axes): string => {
  const columns = Math.round(plot.right - plot.left);
  const stroke = { fill: 'none', stroke: color, 'stroke-linejoin': 'round', 'stroke-linecap': 'round' } as const;
  const parts: string[] = [];
  if (band.length > 0) parts.push(tag('path', { d: bandPath(band, columns, x, y), fill: color, opacity: 0.15 }));
  if (raw.length > 0) {
    parts.push(tag('path', { ...stroke, d: linePath(thin(raw, columns), x, y), 'stroke-width': 1, opacity: 0.25 }));
  }
  parts.push(tag('path', { ...stroke, d: linePath(thin(line, columns), x, y), 'stroke-width': 2 }));
  if (line.length === 1) parts.push(tag('circle', { cx: x(line[0]![0]), cy: y(line[0]![1]), r: 3.5, fill: color }));
  return parts.join('');
};

/** Ticks, grid and labels. */
export const drawAxes = (axes: Axes, xLabel: string, yLabel: string): string => {
  const { x, y, plot, xTicks, yTicks } = axes;
  const parts: string[] = [];
  for (const { value, label } of yTicks) {
    const at = y(value);
    parts.push(tag('path', { d: `M${plot.left} ${at.toFixed(1)}H${plot.right}`, stroke: ink.faint }));
    parts.push(tag('text', { x: plot.left - 8, y: at, dy: '.35em', 'text-anchor': 'end' }, escapeText(label)));
  }
  for (const { value, label } of xTicks) {
    const at = x(value);
    parts.push(tag('path', { d: `M${at.toFixed(1)} ${plot.bottom}v5`, stroke: ink.mark }));
    parts.push(tag('text', { x: at, y: plot.bottom + 19, 'text-anchor': 'middle' }, escapeText(label)));
  }
  parts.push(tag('path', { d: `M${plot.left} ${plot.bottom}H${plot.right}`, stroke: ink.mark }));
  const middle = (plot.left + plot.right) / 2;
  const label = { 'text-anchor': 'middle', 'font-size': 13, fill: ink.strong } as const;
  parts.push(tag('text', { ...label, x: middle, y: plot.bottom + 42 }, escapeText(xLabel)));
  const turned = `translate(${padding + 8} ${(plot.top + plot.bottom) / 2}) rotate(-90)`;
  parts.push(tag('text', { ...label, transform: turned }, escapeText(fit(yLabel, 13, plot.bottom - plot.top))));
  return parts.join('');
};

/** Dashed lines with labels at their right ends, which keep clear of each other. */
export const drawLines = (lines: readonly ReferenceLine[], { y, plot }: Axes, width: number): string => {
  const places = spread(
    lines.map((line) => y(line.y)),
    16,
    plot.top,
    plot.bottom,
  );
  return lines
    .map(({ y: value, label }, i) => {
      const at = y(value);
      const shown = fit(label, small, width - padding - plot.right - 14);
      const leader = `M${plot.right} ${at.toFixed(1)}L${plot.right + 10} ${places[i]!.toFixed(1)}`;
      return (
        tag('path', {
          d: `M${plot.left} ${at.toFixed(1)}H${plot.right}`,
          stroke: ink.soft,
          'stroke-width': 1.25,
          'stroke-dasharray': '5 4',
        }) +
        (Math.abs(places[i]! - at) > 0.5 ? tag('path', { d: leader, fill: 'none', stroke: ink.mark }) : '') +
        tag('text', { x: plot.right + 14, y: places[i]!, dy: '.35em', fill: ink.soft }, escapeText(shown))
      );
    })
    .join('');
};
