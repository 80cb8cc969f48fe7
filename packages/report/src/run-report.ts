import { escapeText, fontFamily, ink, tag } from './markup.js';
import { formatPValue, verdictOf, type Comparison } from './statistics/compare.js';
import { describeInterval, describeSeeds, formatEstimate, formatNumber, type Result } from './statistics/result.js';
import type { Scores } from './statistics/scores.js';

/** One part of a report, in the order in which it is read. */
export type ReportSection = { readonly title?: string; readonly note?: string } & (
  | { readonly kind: 'text' }
  /** A picture of this package: markup that begins with `<svg`. */
  | { readonly kind: 'picture'; readonly svg: string }
  /** Numbers with intervals and seeds. */
  | { readonly kind: 'results'; readonly results: readonly Result[] }
  /** The score of every seed: what all other numbers come from. */
  | { readonly kind: 'scores'; readonly scores: readonly Scores[] }
  /** Do they differ? */
  | { readonly kind: 'comparisons'; readonly comparisons: readonly Comparison[] }
);

/** What a report says. */
export interface RunReport {
  /** Heading of the page. */
  readonly title: string;
  /** What was asked and what came out, in a sentence or two. */
  readonly summary?: string;
  /** What makes the runs again, one command each. */
  readonly commands?: readonly string[];
  /** Settings that matter, by name. */
  readonly settings?: Readonly<Record<string, string | number | boolean | null>>;
  /** In the order of the page. */
  readonly sections: readonly ReportSection[];
}

const paragraph = (text: string | undefined, className?: string): string =>
  text === undefined ? '' : tag('p', { class: className }, escapeText(text));

/** Columns that begin with `#` hold numbers. */
const table = (columns: readonly string[], rows: readonly (readonly string[])[]): string => {
  const kinds = columns.map((name) => (name.startsWith('#') ? 'number' : undefined));
  const head = columns.map((name, i) => tag('th', { class: kinds[i] }, escapeText(name.replace(/^#/, ''))));
  const body = rows.map((row) =>
    tag('tr', {}, ...row.map((text, i) => `<td${kinds[i] ? ' class="number"' : ''}>${escapeText(text)}</td>`)),
  );
  return tag(
    'div',
    { class: 'wide' },
    tag('table', {}, tag('thead', {}, tag('tr', {}, ...head)), tag('tbody', {}, ...body)),
  );
};

const resultRows = (results: readonly Result[]): string =>
  table(
    ['', '#value', 'what', 'interval', 'seeds'],
    results.map((result) => [
      result.name,
      formatEstimate(result.value, result.interval),
      result.statistic,
      describeInterval(result),
      describeSeeds(result.seeds),
    ]),
  );

const scoreRows = (all: readonly Scores[]): string => {
  const seeds = [
    ...new Set(all.flatMap(({ tasks }) => Object.values(tasks).flatMap((runs) => runs.map(({ seed }) => seed)))),
  ].sort((a, b) => a - b);
  /** A fifth of the spread of a task: one precision for all of its scores. */
  const spreadOf = (task: string): number | undefined => {
    const values = all.flatMap(({ tasks }) => (tasks[task] ?? []).map(({ score }) => score));
    const spread = (Math.max(...values) - Math.min(...values)) / 5;
    return spread > 0 ? spread : undefined;
  };
  const rows = all.flatMap(({ name, tasks }) =>
    Object.entries(tasks).map(([task, runs]) => [
      name,
      task,
      ...seeds.map((seed) => {
        const run = runs.find((one) => one.seed === seed);
        return run === undefined ? '–' : formatNumber(run.score, spreadOf(task));
      }),
    ]),
  );
  return table(['', 'task', ...seeds.map((seed) => `#seed ${seed}`)], rows);
};

const comparisonRows = (comparisons: readonly Comparison[]): string => {
  const several = comparisons.some((one) => one.comparisons > 1);
  const rows = comparisons.map((one) => [
    `${one.a} − ${one.b}`,
    formatEstimate(one.difference, one.interval),
    formatEstimate(one.improvement.value, one.improvement.interval),
    formatPValue(one.adjusted).replace('= ', ''),
    verdictOf(one),
    `${one.seeds.a.length} and ${one.seeds.b.length}`,
  ]);
  const note = several
    ? 'p: stratified permutation test of P(improvement), two-sided, adjusted for the number of comparisons made together (Holm 1979).'
    : 'p: stratified permutation test of P(improvement), two-sided. One comparison; several made together need an adjustment.';
  return (
    table(
      [
        '',
        `#${[...new Set(comparisons.map(({ statistic }) => statistic))].join(', ')} difference`,
        '#P(improvement)',
        '#p',
        'verdict',
        'seeds',
      ],
      rows,
    ) + paragraph(`${note} Brackets: stratified bootstrap intervals, too narrow where there are few seeds.`, 'note')
  );
};

const drawSection = (section: ReportSection, index: number): string => {
  const parts = [section.title === undefined ? '' : tag('h2', {}, escapeText(section.title))];
  switch (section.kind) {
    case 'text':
      break;
    case 'picture':
      if (!section.svg.startsWith('<svg')) {
        throw new RangeError(
          `runReport: expected markup that begins with '<svg' in section ${index}, got '${section.svg.slice(0, 20)}'`,
        );
      }
      parts.push(tag('div', { class: 'wide' }, section.svg));
      break;
    case 'results':
      parts.push(resultRows(section.results));
      break;
    case 'scores':
      parts.push(scoreRows(section.scores));
      break;
    case 'comparisons':
      parts.push(comparisonRows(section.comparisons));
      break;
  }
  parts.push(paragraph(section.note, section.kind === 'text' ? undefined : 'note'));
  return tag('section', {}, ...parts);
};

const style = `body{margin:0;background:#f6f8fa;color:${ink.strong};font:15px/1.5 ${fontFamily}}
main{max-width:800px;margin:0 auto;padding:32px 20px 64px}
h1{font-size:26px;line-height:1.25;margin:0 0 8px}h2{font-size:18px;margin:36px 0 10px}
p{margin:8px 0}section{margin-top:14px}.note{color:${ink.soft};font-size:13px}
.wide{overflow-x:auto;background:${ink.ground};border:1px solid ${ink.line};border-radius:8px}
svg{display:block;max-width:100%;height:auto;margin:0 auto}
table{border-collapse:collapse;width:100%;font-size:13.5px;font-variant-numeric:tabular-nums}
th,td{text-align:left;padding:7px 12px;border-bottom:1px solid ${ink.faint}}
tbody tr:last-child td{border-bottom:0}th{font-weight:600;color:${ink.soft}}.number{text-align:right}.number,td:last-child:nth-child(n+3){white-space:nowrap}td:first-child{min-width:8em}
pre{background:${ink.ground};border:1px solid ${ink.line};border-radius:8px;padding:12px;overflow-x:auto;font-size:13px;margin:8px 0}`;

/**
 * A report as one self-contained HTML page, a string: pictures, tables, seeds, settings and the commands that make the
 * runs again. No script, nothing loaded, no date: equal input gives equal pages. Every table has a column for seeds, which
 * says so where none are stated. Throws a RangeError for a picture that is not SVG.
 */
export const runReport = (report: RunReport): string => {
  const { title, summary, commands = [], settings = {}, sections } = report;
  const entries = Object.entries(settings);
  const parts = [tag('h1', {}, escapeText(title)), paragraph(summary), ...sections.map(drawSection)];
  if (entries.length > 0) {
    const rows = entries.map(([name, value]) => [name, String(value)]);
    parts.push(tag('section', {}, tag('h2', {}, 'Settings'), table(['name', 'value'], rows)));
  }
  if (commands.length > 0) {
    parts.push(tag('section', {}, tag('h2', {}, 'Made by'), tag('pre', {}, escapeText(commands.join('\n')))));
  }
  const head = tag(
    'head',
    {},
    '<meta charset="utf-8"/><meta name="viewport" content="width=device-width,initial-scale=1"/>',
    tag('title', {}, escapeText(title)),
    tag('style', {}, style),
  );
  return `<!doctype html>\n${tag('html', { lang: 'en' }, head, tag('body', {}, tag('main', {}, ...parts)))}\n`;
};
