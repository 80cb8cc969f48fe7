import { rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import {
  compareAll,
  compareRuns,
  curveOfSeeds,
  describeSeeds,
  formatComparison,
  formatResult,
  holm,
  permutationTest,
  resultOf,
  taskMean,
  verdictOf,
  welchTest,
  type Contrast,
  type Scores,
} from '../src/index.js';
import { formatNumber } from '../src/statistics/result.js';

const scores = (name: string, values: readonly number[], task = 'spread'): Scores => ({
  name,
  tasks: { [task]: values.map((score, seed) => ({ seed, score })) },
});

describe('permutationTest', () => {
  const means: Contrast = (a, b) => taskMean(a) - taskMean(b);

  it('counts the arrangements that differ at least as much', () => {
    // Of 35 ways to give three of 1 2 3 5 6 7 8 to x, whose sum s gives |7s/12 − 8|, s = 20 is observed. As far or
    // farther: s ≥ 20, {5 7 8} and {6 7 8}, and s ≤ 7.4, {1 2 3}. scipy.stats.permutation_test says the same.
    const found = permutationTest([[5, 7, 8]], [[1, 2, 6, 3]], { contrast: means });
    expect(found.pValue).toBeCloseTo(3 / 35, 12);
    expect(found.leastPValue).toBeCloseTo(1 / 35, 12);
    expect(found.exact).toBe(true);
  });
  it('by default asks how often one side beats the other', () => {
    // x wins 11 of 12 pairs. As far from one half: 12 or 11 wins, {6 7 8} and {5 7 8}, and 0 or 1, {1 2 3} and {1 2 5}.
    const found = permutationTest([[5, 7, 8]], [[1, 2, 6, 3]]);
    expect(found.pValue).toBeCloseTo(4 / 35, 12);
    expect(found.leastPValue).toBeCloseTo(2 / 35, 12);
    // No outlier changes that.
    expect(permutationTest([[5, 7, 8e9]], [[1, 2, 6, 3]]).pValue).toBeCloseTo(4 / 35, 12);
  });
  it('deals the runs of each task by themselves', () => {
    // Two tasks with one run on each side: four arrangements, of which the observed one and its mirror are as extreme.
    expect(permutationTest([[1], [1]], [[0], [0]])).toEqual({ pValue: 0.5, leastPValue: 0.5, exact: true });
  });
  it('finds nothing in equal values', () => {
    expect(permutationTest([[1, 1, 1]], [[1, 1, 1]]).pValue).toBe(1);
  });
  it('drawing agrees with counting', () => {
    const [a, b] = [[1.2, 3.4, 2.2, 5.1, 4.4, 3.9], [2.1, 1.1, 0.4, 2.9, 3.3, 1.8]]; // prettier-ignore
    const counted = permutationTest([a], [b]);
    const drawn = permutationTest([a], [b], { limit: 10 });
    expect(drawn.exact).toBe(false);
    expect(Math.abs(drawn.pValue - counted.pValue)).toBeLessThan(0.015);
    expect(drawn).toEqual(permutationTest([a], [b], { limit: 10 }));
  });
  it('errs about as often as it says where there is no difference, and not more', () => {
    const data = rng(11);
    let found = 0;
    for (let trial = 0; trial < 400; trial++) {
      const sample = () => Array.from({ length: 5 }, () => data.normal());
      if (permutationTest([sample()], [sample()]).pValue <= 0.1) found += 1;
    }
    expect(found / 400).toBeGreaterThan(0.05);
    expect(found / 400).toBeLessThan(0.15);
  });
});

describe('welchTest', () => {
  it('equals scipy.stats.ttest_ind(x, y, equal_var=False)', () => {
    const one = welchTest([12.1, 14.3, 11.8, 13.9, 15.2], [9.7, 12.4, 10.1, 11.2, 8.8, 10.9]);
    expect(one.t).toBeCloseTo(3.5393979945993044, 10);
    expect(one.degrees).toBeCloseTo(8.032681146841053, 10);
    expect(one.pValue).toBeCloseTo(0.007576628815263694, 11);
    const other = welchTest([1, 2, 3], [1.5, 2.5, 40]);
    expect(other.t).toBeCloseTo(-0.998704047146556, 10);
    expect(other.pValue).toBeCloseTo(0.4227766885655163, 10);
  });
  it('is exact where the t distribution has a closed form', () => {
    // Two values on each side with equal variances: 2 degrees, P(|T| ≥ t) = 1 − t / √(t² + 2). Here t = 3 / √(1/4 + 1/4).
    const { t, degrees, pValue } = welchTest([3, 4], [0, 1]);
    expect(degrees).toBeCloseTo(2, 12);
    expect(t).toBeCloseTo(Math.SQRT2 * 3, 12);
    expect(pValue).toBeCloseTo(1 - t / Math.sqrt(t * t + 2), 12);
  });
  it('refuses one value, and values that do not vary', () => {
    expect(() => welchTest([1], [1, 2])).toThrow(/at least two values on each side, got 1 and 2/);
    expect(() => welchTest([1, 1], [2, 2])).toThrow(/vary/);
  });
});

describe('holm', () => {
  it('multiplies the smallest by the number of tests, the next by one less, and never falls', () => {
    // Sorted 0.01 0.02 0.03 0.5: ×4, ×3, ×2, ×1 gives 0.04 0.06 0.06 0.5.
    const adjusted = holm([0.5, 0.01, 0.03, 0.02]);
    [0.5, 0.04, 0.06, 0.06].forEach((p, i) => expect(adjusted[i]).toBeCloseTo(p, 12));
    expect(holm([0.6, 0.7])).toEqual([1, 1]);
    expect(() => holm([1.5])).toThrow(/got 1.5 at 0/);
  });
});

describe('compareRuns', () => {
  const [good, bad] = [scores('good', [10, 11, 12, 13, 14]), scores('bad', [1, 2, 3, 4, 5])];

  it('says that runs differ, by how much and how surely', () => {
    const comparison = compareRuns(good, bad);
    // Of 252 arrangements, the observed one and its mirror are the most extreme.
    expect(comparison).toMatchObject({ difference: 9, differs: true, canTell: true, comparisons: 1 });
    expect(comparison.pValue).toBeCloseTo(2 / 252, 12);
    expect(comparison.improvement.value).toBe(1);
    expect(comparison.interval!.low).toBeGreaterThan(5);
    expect(verdictOf(comparison)).toBe('good is better');
    expect(verdictOf(compareRuns(bad, good))).toBe('good is better');
  });
  it('says that nothing was shown', () => {
    const comparison = compareRuns(good, scores('alike', [10.5, 11, 12.5, 13, 13.5]));
    expect(comparison.differs).toBe(false);
    expect(verdictOf(comparison)).toBe('no difference shown');
  });
  it('says that three seeds cannot tell, however large the difference', () => {
    // 20 arrangements, two of them as extreme: p = 0.1.
    const comparison = compareRuns(scores('good', [100, 101, 102]), scores('bad', [1, 2, 3]));
    expect(comparison.pValue).toBeCloseTo(0.1, 12);
    expect(comparison).toMatchObject({ differs: false, canTell: false });
    expect(formatComparison(comparison)).toContain('too few seeds to tell: p could not be below 0.100');
    expect(formatComparison(comparison)).toContain('3 seeds (0–2) and 3 seeds (0–2)');
  });
  it('gives no interval for one seed', () => {
    const comparison = compareRuns(scores('a', [1]), scores('b', [2]));
    expect(comparison.interval).toBeUndefined();
    expect(formatComparison(comparison)).toContain('no interval');
  });
  it('a smaller optimality gap is better', () => {
    const [near, far] = [scores('near', [0.9, 0.8, 0.85, 0.95]), scores('far', [0.1, 0.2, 0.15, 0.3])];
    expect(verdictOf(compareRuns(near, far, { statistic: 'optimality gap' }))).toBe('near is better');
  });
});

describe('compareAll', () => {
  const all = [scores('a', [10, 11, 12, 13, 14]), scores('b', [1, 2, 3, 4, 5]), scores('c', [1.5, 2.5, 3.5, 4.5, 5.5])];

  it('adjusts for the number of comparisons', () => {
    const comparisons = compareAll(all);
    expect(comparisons.map(({ a, b }) => a + b)).toEqual(['ab', 'ac', 'bc']);
    // 2/252 three times, then twice, then once.
    expect(comparisons[0]!.adjusted).toBeCloseTo(6 / 252, 12);
    expect(comparisons.map(({ differs }) => differs)).toEqual([true, true, false]);
    expect(formatComparison(comparisons[0]!)).toContain('(Holm, 3 comparisons)');
  });
  it('compares with one', () => {
    expect(compareAll(all, { against: 'b' }).map(({ a, b }) => a + b)).toEqual(['ab', 'cb']);
    expect(() => compareAll(all, { against: 'd' })).toThrow(/one of a, b, c, got d/);
    expect(() => compareAll([all[0]!, all[0]!])).toThrow(/different names, got a, a/);
  });
  it('four seeds can tell one pair, not ten', () => {
    const many = Array.from({ length: 5 }, (_, i) =>
      scores(
        `s${i}`,
        [0, 1, 2, 3].map((x) => x + 10 * i),
      ),
    );
    expect(compareRuns(many[0]!, many[1]!).differs).toBe(true);
    expect(compareAll(many).every(({ canTell, differs }) => !canTell && !differs)).toBe(true);
  });
});

describe('renderings of a number', () => {
  const estimate = { mean: -13.26, low: -14, high: -12.5, n: 300 };
  it('name the seeds, or that there are none', () => {
    expect(describeSeeds([])).toBe('no seeds stated');
    expect(describeSeeds([3])).toBe('one seed (3)');
    expect(describeSeeds([4, 0, 1, 2, 7, 8])).toBe('6 seeds (0–2, 4, 7, 8)');
    expect(formatResult(resultOf('a', estimate))).toBe('a: −13.3 [−14.0, −12.5] (mean, 95 % interval over episodes, no seeds stated)'); // prettier-ignore
    expect(formatResult(resultOf('a', estimate, 0))).toContain('95 % interval over episodes, one seed (0)');
  });
  it('have as many decimals as the spread deserves', () => {
    expect(formatNumber(123.456, 20)).toBe('123');
    expect(formatNumber(-0.012345, 0.01)).toBe('−0.012');
    expect(formatNumber(-0.001, 5)).toBe('0.0');
    expect(formatNumber(0)).toBe('0.00');
  });
});

describe('curveOfSeeds', () => {
  it('is the interquartile mean over seeds with a band', () => {
    const runs = [0, 1, 2, 3].map((seed) => ({ seed, points: [[0, seed], [10, 10 * seed]] as const })); // prettier-ignore
    const curve = curveOfSeeds('a', runs);
    expect(curve.points).toEqual([[0, 1.5], [10, 15]]); // prettier-ignore
    expect(curve.seeds).toEqual([0, 1, 2, 3]);
    expect(curve.low![1]).toBeLessThan(15);
    expect(curve.high![1]).toBeGreaterThan(15);
  });
  it('interpolates runs that were looked at in different places, where all have been', () => {
    const runs = [
      { seed: 0, points: [[0, 0], [10, 10]] as const }, // prettier-ignore
      { seed: 1, points: [[4, 4], [6, 6], [20, 20]] as const }, // prettier-ignore
    ];
    const { points } = curveOfSeeds('a', runs, { count: 4, statistic: 'mean' });
    expect(points.map(([x]) => x)).toEqual([4, 6, 8, 10]);
    points.forEach(([x, y]) => expect(y).toBeCloseTo(x, 12));
  });
  it('one seed has no band', () => {
    expect(curveOfSeeds('a', [{ seed: 0, points: [[0, 1]] }])).toEqual({ name: 'a', seeds: [0], points: [[0, 1]] });
  });
  it.each([
    ['no run', [], /at least one run/],
    ['a seed twice', [{ seed: 0, points: [[0, 1]] }, { seed: 0, points: [[0, 1]] }], /each seed once, got 0 twice/], // prettier-ignore
    ['x that falls', [{ seed: 0, points: [[1, 1], [0, 1]] }], /never falls in 'a', seed 0, got 0 at 1/], // prettier-ignore
    ['runs that never meet', [{ seed: 0, points: [[0, 1]] }, { seed: 1, points: [[5, 1], [6, 1]] }], /share some x/], // prettier-ignore
  ] as const)('refuses %s', (_, runs, message) => {
    expect(() => curveOfSeeds('a', runs)).toThrow(message);
  });
});
