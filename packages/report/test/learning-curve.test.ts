import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { movingAverage, thin, type Point } from '../src/curve-data.js';
import { fitAxes, legendRows, spread } from '../src/curve-layout.js';
import { learningCurve, type LearningCurve } from '../src/index.js';
import { estimateWidth, fit } from '../src/markup.js';
import { find, parse } from './xml.js';

const base: LearningCurve = {
  title: 'Return <of> three & more',
  xLabel: 'environment steps',
  yLabel: 'return',
  series: [{ name: 'MADDPG', points: [[0, -26], [100_000, -15], [200_000, -13]] }], // prettier-ignore
};
const texts = (svg: string): string[] => find(parse(svg), 'text').map(({ text }) => text);

describe('learningCurve', () => {
  it('shows title, labels, legend, reference lines and round ticks', () => {
    const shown = texts(learningCurve({ ...base, lines: [{ y: -26.4, label: 'random' }] }));
    for (const text of [base.title, 'environment steps', 'return', 'MADDPG', 'random', '0', '100k', '200k', '−20']) {
      expect(shown).toContain(text);
    }
  });

  it('draws better returns higher and later steps further right', () => {
    const line = find(parse(learningCurve(base)), 'path').find(
      ({ attributes }) => attributes.stroke === '#0072b2' && attributes['stroke-width'] === '2',
    )!;
    const points = line.attributes.d!.slice(1).split('L').map((pair) => pair.split(' ').map(Number)); // prettier-ignore
    expect(points.length).toBe(3);
    expect(points[2]![0]).toBeGreaterThan(points[0]![0]!);
    expect(points[2]![1]).toBeLessThan(points[0]![1]!);
  });

  it('says that and how it smooths', () => {
    const smooth = learningCurve({ ...base, smoothing: 2, subtitle: '5 seeds' });
    expect(texts(smooth)).toContain('5 seeds · mean of the last 2 points; single points faint');
    expect(texts(learningCurve(base)).join()).not.toMatch(/mean of/);
  });

  it('shades bands', () => {
    const [series] = base.series;
    const svg = learningCurve({ ...base, series: [{ ...series!, low: [-28, -17, -15], high: [-24, -13, -11] }] });
    const band = find(parse(svg), 'path').find(({ attributes }) => attributes.opacity === '.15')!;
    // Three points up there and three back.
    expect(band.attributes.d!.match(/[ML]/g)!.length).toBe(6);
    expect(band.attributes.d!.endsWith('Z')).toBe(true);
  });

  it('marks a single point and gives a flat line some room', () => {
    const svg = learningCurve({ ...base, series: [{ name: 'a', points: [[5, 3]] }] });
    expect(find(parse(svg), 'circle').length).toBe(1);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  it('draws a hundred thousand points in a file of a sensible size', () => {
    const points = Array.from({ length: 100_000 }, (_, i): Point => [i, Math.sin(i)]);
    expect(learningCurve({ ...base, series: [{ name: 'long', points }] }).length).toBeLessThan(60_000);
  });

  it('gives equal strings for equal input', () => {
    expect(learningCurve(base)).toBe(learningCurve(structuredClone(base)));
  });

  const [series] = base.series;
  it.each([
    ['no series', { series: [] }, /at least one series/],
    ['no points', { series: [{ name: 'a', points: [] }] }, /at least one point in 'a'/],
    ['NaN', { series: [{ name: 'a', points: [[0, NaN]] as const }] }, /finite y in 'a', got NaN at 0/],
    ['x that falls', { series: [{ name: 'a', points: [[1, 0], [0, 0]] as const }] }, /never falls in 'a', got 0 after 1 at 1/], // prettier-ignore
    ['a short band', { series: [{ ...series!, low: [1], high: [1, 2, 3] }] }, /3 values in 'low' of 'MADDPG', got 1/],
    ['half a band', { series: [{ ...series!, low: [1, 2, 3] }] }, /3 values in 'high' of 'MADDPG', got none/],
    ['half a smoothing', { smoothing: 1.5 }, /integer smoothing >= 1, got 1.5/],
    ['a reference at infinity', { lines: [{ y: Infinity, label: 'best' }] }, /finite y in 'best'/],
    ['a stamp', { width: 20 }, /at least 240 × 180, got 20/],
  ])('refuses %s', (_, change, message) => {
    expect(() => learningCurve({ ...base, ...change })).toThrow(message);
  });
});

describe('movingAverage', () => {
  it('is the mean of the last values, of those that there are at first', () => {
    expect(movingAverage([2, 4, 9, 5], 3)).toEqual([2, 3, 5, 6]);
  });
});

describe('thin', () => {
  it('keeps lowest and highest, the ends and the order', () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 400 });
    fc.assert(
      fc.property(values, fc.integer({ min: 2, max: 50 }), (ys, columns) => {
        const points = ys.map((y, i): Point => [i, y]);
        const kept = thin(points, columns);
        const of = (list: readonly Point[]) => [
          Math.min(...list.map(([, y]) => y)),
          Math.max(...list.map(([, y]) => y)),
        ];
        expect(of(kept)).toEqual(of(points));
        expect([kept[0], kept.at(-1)]).toEqual([points[0], points.at(-1)]);
        expect(kept.length).toBeLessThanOrEqual(4 * columns);
        expect(kept.every(([x], i) => i === 0 || x > kept[i - 1]![0])).toBe(true);
      }),
    );
  });
});

describe('spread', () => {
  it('leaves alone what has room', () => {
    expect(spread([50, 10, 90], 15, 0, 100)).toEqual([50, 10, 90]);
  });

  it('moves two that are close by the same amount, and keeps them inside', () => {
    expect(spread([50, 52], 16, 0, 100)).toEqual([43, 59]);
    expect(spread([99, 98], 16, 0, 100)).toEqual([100, 84]);
  });

  it('never lets labels overlap or change places', () => {
    const places = fc.array(fc.double({ min: 0, max: 300, noNaN: true }), { minLength: 1, maxLength: 12 });
    fc.assert(
      fc.property(places, (wanted) => {
        const got = spread(wanted, 16, 0, 300);
        const order = wanted.map((_, i) => i).sort((a, b) => wanted[a]! - wanted[b]!);
        order.forEach((i, k) => {
          expect(got[i]).toBeGreaterThanOrEqual(-1e-9);
          expect(got[i]).toBeLessThanOrEqual(300 + 1e-9);
          if (k > 0) expect(got[i]! - got[order[k - 1]!]!).toBeGreaterThanOrEqual(16 - 1e-9);
        });
      }),
    );
  });
});

describe('fitAxes', () => {
  const frame = { left: 40, right: 600, top: 40, bottom: 340 };
  const axes = (xs: number[], ys: number[]) => fitAxes({ xs, ys, frame, fontSize: 12 });

  it('puts all data between round numbers', () => {
    const { y, yTicks } = axes([0, 1], [-26.4, -12.9]);
    expect(yTicks.map(({ label }) => label)).toEqual(['−28', '−26', '−24', '−22', '−20', '−18', '−16', '−14', '−12']);
    expect(y(-26.4)).toBeLessThan(frame.bottom);
    expect(y(-12.9)).toBeGreaterThan(frame.top);
  });

  it('writes large numbers short, small ones in full, zero without a unit', () => {
    const labels = (last: number) => axes([0, last], [0, 1]).xTicks.map(({ label }) => label);
    expect(labels(2_000_000)).toEqual(['0', '0.5M', '1M', '1.5M', '2M']);
    expect(labels(0.5)).toContain('0.2');
  });

  it('begins at 0 where the first evaluation came a little later', () => {
    expect(axes([1000, 50_000], [0, 1]).xTicks[0]!.label).toBe('0');
    expect(axes([40_000, 50_000], [0, 1]).xTicks[0]!.label).toBe('40k');
  });
});

describe('legendRows', () => {
  it('begins a new row rather than run over the edge', () => {
    const names = Array.from({ length: 9 }, (_, i) => `algorithm number ${i}`);
    const { rows, places } = legendRows(names, 12, 400);
    expect(rows).toBeGreaterThan(1);
    for (const { x, text } of places) expect(x + 25 + estimateWidth(text, 12)).toBeLessThanOrEqual(400);
    expect(places.at(-1)!.row).toBe(rows - 1);
  });
});

describe('fit', () => {
  it('cuts with an ellipsis what is too long', () => {
    expect(fit('short', 12, 100)).toBe('short');
    const cut = fit('a label that is much too long for its place', 12, 100);
    expect(cut.endsWith('…')).toBe(true);
    expect(estimateWidth(cut, 12)).toBeLessThanOrEqual(100);
  });
});
