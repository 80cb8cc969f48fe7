import { rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import {
  aggregate,
  compareAll,
  heatMap,
  learningCurve,
  performanceProfile,
  profileChart,
  resultOf,
  runReport,
  scoreChart,
  thresholdsFor,
  type Scores,
} from '../src/index.js';
import { find, parse } from './xml.js';

const stream = rng(3);
const sample = (name: string, mean: number, seeds = 5): Scores => ({
  name,
  tasks: Object.fromEntries(
    ['spread', 'tag'].map((task) => [
      task,
      Array.from({ length: seeds }, (_, seed) => ({ seed, score: mean + 0.1 * stream.normal() })),
    ]),
  ),
});
const all = [sample('MADDPG', 0.8), sample('DDPG <own>', 0.6), sample('once', 0.5, 1)];
const texts = (svg: string): string[] =>
  find(parse(svg), 'text').map(({ text, children }) => text + children.map((child) => child.text).join(''));

describe('learningCurve', () => {
  it('says how many seeds each line has, or that none are stated', () => {
    const points = [[0, 1], [1, 2]] as const; // prettier-ignore
    const svg = learningCurve({
      xLabel: 'steps',
      yLabel: 'return',
      series: [
        { name: 'a', points, seeds: [0, 1, 2] },
        { name: 'b', points, seeds: [4] },
        { name: 'c', points },
      ],
    });
    const shown = texts(svg);
    for (const text of ['a\u00a0· 3 seeds', 'b\u00a0· one seed', 'c\u00a0· no seeds stated'])
      expect(shown).toContain(text);
  });
});

describe('profileChart', () => {
  it('draws every profile from 0 to 1 with its band, tasks and seeds', () => {
    const thresholds = thresholdsFor(all);
    const profiles = all.map((scores) => performanceProfile(scores, { thresholds, resamples: 200 }));
    const svg = profileChart({ title: 'Profiles', profiles });
    const shown = texts(svg);
    for (const text of ['MADDPG\u00a0· 5 seeds', 'once\u00a0· one seed', '0', '1.0']) expect(shown).toContain(text);
    expect(shown.join()).toContain('2 tasks; bands: pointwise 95 % bootstrap intervals');
    expect(find(parse(svg), 'path').filter(({ attributes }) => attributes.opacity === '.15').length).toBe(2);
  });
});

describe('scoreChart', () => {
  const panels = (['IQM', 'mean'] as const).map((statistic) => ({
    label: statistic,
    results: all.map((scores) => aggregate(scores, { statistic, resamples: 200 })),
  }));
  it('draws a bar for an interval and a ring where there is none, and names seeds', () => {
    const svg = scoreChart({ title: 'Scores', panels });
    const root = parse(svg);
    expect(find(root, 'rect').filter(({ attributes }) => attributes.opacity === '.4').length).toBe(4);
    expect(find(root, 'circle').length).toBe(2);
    const shown = texts(svg);
    for (const text of ['MADDPG', 'DDPG <own>', '5 seeds', 'one seed', 'IQM', 'mean']) expect(shown).toContain(text);
    expect(shown.join()).toContain('95 % interval over seeds · no interval: one seed');
    expect(svg).not.toMatch(/NaN|undefined/);
  });
  it('says where no seeds are stated', () => {
    const results = [resultOf('a', { mean: 1, low: 0, high: 2, n: 5 })];
    expect(texts(scoreChart({ panels: [{ label: 'return', results }] }))).toContain('no seeds stated');
  });
  it('refuses panels that do not fit', () => {
    expect(() => scoreChart({ panels: [] })).toThrow(/at least one panel/);
    expect(() => scoreChart({ panels: [panels[0]!, { label: 'x', results: [] }] })).toThrow(/in panel 'x'/);
    const results = [{ ...panels[0]!.results[0]!, value: NaN }];
    expect(() => scoreChart({ panels: [{ label: 'x', results }] })).toThrow(/finite values of 'MADDPG' in panel 'x'/);
  });
});

describe('heatMap', () => {
  const cells = [
    [{ mean: 0, low: -0.1, high: 0.1 }, { mean: -1, low: -1, high: -0.9 }],
    [{ mean: 1, low: 0.9, high: 1 }, { mean: 0.5 }],
  ]; // prettier-ignore
  const map = { rows: ['rock', 'paper'], columns: ['rock', 'paper'], cells };
  it('writes number and interval, and colours by distance from the centre', () => {
    const svg = heatMap({ ...map, title: 'Cross-play', seeds: [0] });
    const shown = texts(svg);
    for (const text of ['0.00', '−1.00', '−1.00 to −0.90', '0.50', 'rock', 'one seed (0)'])
      expect(shown).toContain(text);
    const fills = find(parse(svg), 'rect').map(({ attributes }) => attributes.fill);
    expect(fills.slice(1)[0]).toBe('#ffffff');
    expect(new Set(fills.slice(1)).size).toBe(4);
  });
  it('says that no seeds are stated', () => {
    expect(texts(heatMap(map))).toContain('no seeds stated');
  });
  it('draws a matrix without differences', () => {
    expect(heatMap({ ...map, cells: [[{ mean: 2 }, { mean: 2 }], [{ mean: 2 }, { mean: 2 }]], centre: 2 })).not.toMatch(/NaN/); // prettier-ignore
  });
  it('refuses another size and what is not a number', () => {
    expect(() => heatMap({ ...map, rows: ['a'] })).toThrow(/1 × 2 cells, got 2 × 2\/2/);
    expect(() => heatMap({ ...map, cells: [cells[0]!, [{ mean: NaN }, { mean: 0 }]] })).toThrow(/row 'paper', column 'rock', got NaN/); // prettier-ignore
  });
});

describe('runReport', () => {
  const curve = learningCurve({ xLabel: 'x', yLabel: 'y', series: [{ name: 'a', points: [[0, 1]] }] });
  const page = runReport({
    title: 'Two & more',
    summary: 'Which is better?',
    commands: ['npx tsx examples/compare-runs.ts'],
    settings: { steps: 20_000, runtime: 'onnx' },
    sections: [
      { kind: 'text', title: 'Question', note: 'Is <b> shown as text?' },
      { kind: 'picture', svg: curve },
      { kind: 'results', results: [aggregate(all[0]!), resultOf('lonely', { mean: 1, low: 0, high: 2, n: 9 })] },
      { kind: 'scores', scores: all },
      { kind: 'comparisons', comparisons: compareAll(all, { resamples: 200 }) },
    ],
  });
  it('is one page without scripts and links to elsewhere', () => {
    expect(page.startsWith('<!doctype html>')).toBe(true);
    expect(page).not.toMatch(/<script|href=|src=|@import|url\(/);
    expect(page).not.toMatch(/NaN|undefined/);
    expect(page).toContain(curve);
    expect(page).toContain('Is &lt;b&gt; shown as text?');
  });
  it('puts seeds, commands and settings together', () => {
    for (const text of ['5 seeds (0–4)', 'no seeds stated', 'seed 4', 'npx tsx examples/compare-runs.ts', '20000']) {
      expect(page).toContain(text);
    }
    expect(page).toContain('Holm 1979');
    // A seed that a run does not have is a dash.
    expect(page).toContain('>–<');
  });
  it('is well-formed', () => {
    const { children } = parse(
      page
        .replace('<!doctype html>\n', '')
        .replace(/<style>[^<]*<\/style>/, '')
        .trim(),
    );
    expect(children.map(({ name }) => name)).toEqual(['head', 'body']);
  });
  it('refuses a picture that is something else', () => {
    const sections = [{ kind: 'picture' as const, svg: '<script>' }];
    expect(() => runReport({ title: 'a', sections })).toThrow(/begins with '<svg' in section 0, got '<script>'/);
  });
});
