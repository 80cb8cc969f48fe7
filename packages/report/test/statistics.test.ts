import { rng } from '@troupe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  aggregate,
  interquartileMean,
  normaliseScores,
  optimalityGap,
  performanceProfile,
  probabilityOfImprovement,
  stratifiedBootstrap,
  taskMean,
  taskMedian,
  thresholdsFor,
  type Scores,
} from '../src/index.js';
import { quantile } from '../src/statistics/point-estimates.js';

const scores = (name: string, tasks: Readonly<Record<string, readonly number[]>>): Scores => ({
  name,
  tasks: Object.fromEntries(
    Object.entries(tasks).map(([task, values]) => [task, values.map((score, seed) => ({ seed, score }))]),
  ),
});

describe('point estimates, worked by hand', () => {
  const tasks = [
    [1, 4, 2, 3],
    [10, 40, 30, 20],
  ];

  it('the interquartile mean is that of the middle half of all runs', () => {
    // 1 2 | 3 4 10 20 | 30 40: (3 + 4 + 10 + 20) / 4
    expect(interquartileMean(tasks)).toBeCloseTo(9.25, 12);
    // ⌊10/4⌋ = 2 cut at each end of 1 1 2 3 3 4 5 5 6 9: (2 + 3 + 3 + 4 + 5 + 5) / 6; scipy.stats.trim_mean(x, 0.25)
    expect(interquartileMean([[3, 1, 4, 1, 5, 9, 2, 6, 5, 3]])).toBeCloseTo(3.6666666666666665, 12);
    // Of three runs none is cut.
    expect(interquartileMean([[1, 2, 9]])).toBeCloseTo(4, 12);
  });

  it('mean and median are over the means of tasks', () => {
    expect(taskMean(tasks)).toBeCloseTo((2.5 + 25) / 2, 12);
    expect(taskMedian([...tasks, [7, 9]])).toBeCloseTo(8, 12);
    expect(taskMedian(tasks)).toBeCloseTo((2.5 + 25) / 2, 12);
  });

  it('the optimality gap counts what is missing to the target, and nothing for what lies above', () => {
    // max(0, 1 − x): 0.5, 0 and 1, 0.25 ⇒ (0.25 + 0.625) / 2
    expect(optimalityGap()([[0.5, 3], [0, 0.75]])).toBeCloseTo(0.4375, 12); // prettier-ignore
    expect(optimalityGap(2)([[0.5, 3]])).toBeCloseTo(0.75, 12);
  });

  it('a single outlier moves the mean, not the interquartile mean', () => {
    fc.assert(
      fc.property(fc.double({ min: 10, max: 1e6, noNaN: true }), (outlier) => {
        expect(interquartileMean([[1, 2, 3, outlier]])).toBe(2.5);
        expect(taskMean([[1, 2, 3, outlier]])).toBeGreaterThanOrEqual(4);
      }),
    );
  });

  it('the interquartile mean refuses tasks with different numbers of runs, which would weigh them differently', () => {
    expect(() => interquartileMean([[1, 2], [1]])).toThrow(/same number of runs in every task, got 2 and 1/);
    expect(() => taskMean([[]])).toThrow(/at least one value/);
  });
});

describe('normaliseScores', () => {
  it('puts each task on its own scale', () => {
    const raw = scores('a', { spread: [-26, -16, -6], tag: [0, 50] });
    const { tasks } = normaliseScores(raw, { spread: { low: -26, high: -6 }, tag: { low: 0, high: 100 } });
    expect(tasks['spread']).toEqual([{ seed: 0, score: 0 }, { seed: 1, score: 0.5 }, { seed: 2, score: 1 }]); // prettier-ignore
    expect(tasks['tag']!.map(({ score }) => score)).toEqual([0, 0.5]);
  });
  it('refuses a task without a range', () => {
    expect(() => normaliseScores(scores('a', { spread: [1] }), {})).toThrow(/for task 'spread', got none/);
  });
});

describe('stratifiedBootstrap', () => {
  /** All nⁿ equally probable resamples of one stratum, by enumeration: their means, sorted. */
  const everyMean = (values: readonly number[]): number[] => {
    const n = values.length;
    return Array.from({ length: n ** n }, (_, code) => {
      let [sum, rest] = [0, code];
      for (let i = 0; i < n; i++) [sum, rest] = [sum + values[rest % n]!, Math.floor(rest / n)];
      return sum / n;
    }).sort((a, b) => a - b);
  };

  it('quantiles are those of numpy.quantile', () => {
    // numpy.quantile([1, 2, 4, 9], [0, 0.1, 0.5, 0.9, 1])
    [1, 1.3, 3, 7.5, 9].forEach((x, i) => expect(quantile([1, 2, 4, 9], [0, 0.1, 0.5, 0.9, 1][i]!)).toBeCloseTo(x, 12));
  });

  it('finds the quantiles of the exact bootstrap distribution', () => {
    const values = [1, 2, 4, 9];
    const exact = everyMean(values);
    const { low, high } = stratifiedBootstrap([values], taskMean, { level: 0.8, resamples: 20_000 });
    expect(low).toBeCloseTo(quantile(exact, 0.1), 9);
    expect(high).toBeCloseTo(quantile(exact, 0.9), 9);
  });

  it('never mixes strata', () => {
    expect(stratifiedBootstrap([[1, 1, 1], [5, 5]], taskMean)).toEqual({ low: 3, high: 3, level: 0.95 }); // prettier-ignore
  });

  it('gives the same interval for the same data and stream, another for another stream', () => {
    const data = [[1, 2, 4, 8.5, 9, 11.25]];
    const draw = (seed: number) => stratifiedBootstrap(data, taskMean, { rng: rng(seed), resamples: 500 });
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    expect(stratifiedBootstrap(data, taskMean)).toEqual(stratifiedBootstrap(data, taskMean));
  });

  /** How often intervals of three tasks with normal scores around 2 hold 2. */
  const coverage = (runs: number, statistic: typeof taskMean, trials: number): number => {
    const [data, resampling] = [rng(5).split(`data ${runs}`), rng(5).split('resampling')];
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const tasks = [0.5, 1, 1].map((scale) => Array.from({ length: runs }, () => 2 + scale * data.normal()));
      const { low, high } = stratifiedBootstrap(tasks, statistic, { resamples: 300, rng: resampling });
      if (low <= 2 && 2 <= high) held += 1;
    }
    return held / trials;
  };

  it('covers the truth about as often as it says with ten runs per task', () => {
    for (const statistic of [taskMean, interquartileMean]) {
      const share = coverage(10, statistic, 400);
      expect(share).toBeGreaterThan(0.88);
      expect(share).toBeLessThan(0.985);
    }
  });

  it('covers it less often with three: the reason why a test decides, not the interval', () => {
    const share = coverage(3, taskMean, 400);
    expect(share).toBeGreaterThan(0.7);
    expect(share).toBeLessThan(0.92);
  });

  it('refuses nothing, impossible levels and too few resamples', () => {
    expect(() => stratifiedBootstrap([[]], taskMean)).toThrow(/at least one value/);
    expect(() => stratifiedBootstrap([[1]], taskMean, { level: 1 })).toThrow(/level in \(0, 1\), got 1/);
    expect(() => stratifiedBootstrap([[1]], taskMean, { resamples: 10 })).toThrow(/integer >= 100, got 10/);
  });
});

describe('aggregate', () => {
  it('carries its seeds and says what its interval is over', () => {
    const result = aggregate(scores('MADDPG', { spread: [1, 2, 3, 4, 10] }));
    expect(result).toMatchObject({ name: 'MADDPG', statistic: 'IQM', value: 3, seeds: [0, 1, 2, 3, 4], over: 'seeds' });
    expect(result.interval!.low).toBeLessThan(3);
    expect(result.interval!.high).toBeGreaterThan(3);
  });
  it('has no interval with one seed', () => {
    expect(aggregate(scores('a', { spread: [7] }))).toEqual({ name: 'a', statistic: 'IQM', value: 7, seeds: [0], over: 'seeds' }); // prettier-ignore
  });
  it('knows every statistic by name', () => {
    const one = scores('a', { x: [0.5, 1], y: [0.25, 2] });
    // IQM of 0.25 0.5 1 2: 0.75. Means 0.75 and 1.125. Gaps (0.5 + 0)/2 and (0.75 + 0)/2.
    const values = (['IQM', 'mean', 'median', 'optimality gap'] as const).map((statistic) => aggregate(one, { statistic }).value); // prettier-ignore
    expect(values).toEqual([0.75, 0.9375, 0.9375, 0.3125]);
    expect(() => aggregate(one, { statistic: 'mode' as 'mean' })).toThrow(/a statistic of IQM, mean/);
  });
  it.each([
    ['no task', { name: 'a', tasks: {} }, /at least one task in 'a'/],
    ['no scores', { name: 'a', tasks: { x: [] } }, /scores of 'a' in task 'x', got none/],
    ['NaN', { name: 'a', tasks: { x: [{ seed: 4, score: NaN }] } }, /finite score of 'a' in task 'x' with seed 4/],
    ['half a seed', { name: 'a', tasks: { x: [{ seed: 0.5, score: 1 }] } }, /integer seeds/],
    ['a seed twice', { name: 'a', tasks: { x: [{ seed: 1, score: 1 }, { seed: 1, score: 2 }] } }, /seed 1 of 'a' .* twice/], // prettier-ignore
  ])('refuses %s', (_, wrong, message) => {
    expect(() => aggregate(wrong)).toThrow(message);
  });
});

describe('performanceProfile', () => {
  it('counts the runs above each threshold, task by task', () => {
    const profile = performanceProfile(scores('a', { x: [0, 1, 2, 3], y: [1, 1] }), { thresholds: [-1, 0, 1, 2.5, 3] });
    // Above −1: all. Above 0: 3/4 and 2/2. Above 1: 2/4 and 0. Above 2.5: 1/4 and 0. Above 3: none.
    expect(profile.share).toEqual([1, 0.875, 0.25, 0.125, 0]);
    const { low, high } = profile.band!;
    profile.share.forEach((share, k) => {
      expect(low[k]).toBeLessThanOrEqual(share);
      expect(high[k]).toBeGreaterThanOrEqual(share);
    });
    expect([low[0], high[0], low[4], high[4]]).toEqual([1, 1, 0, 0]);
  });
  it('never rises', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 1, maxLength: 8 }), (values) => {
        const { share } = performanceProfile(scores('a', { x: values }), { resamples: 100 });
        expect(share.every((s, k) => k === 0 || s <= share[k - 1]!)).toBe(true);
        expect(share.at(-1)).toBe(0);
      }),
      { numRuns: 20 },
    );
  });
  it('has no band with one seed, and refuses thresholds that fall', () => {
    expect(performanceProfile(scores('a', { x: [1] })).band).toBeUndefined();
    expect(() => performanceProfile(scores('a', { x: [1] }), { thresholds: [1, 0] })).toThrow(/never fall, got 0 at 1/);
  });
  it('thresholds span all algorithms', () => {
    expect(thresholdsFor([scores('a', { x: [1, 2] }), scores('b', { x: [5] })], 5)).toEqual([1, 2, 3, 4, 5]);
  });
});

describe('probabilityOfImprovement', () => {
  it('is the mean over tasks of the share of pairs, ties counting half', () => {
    // x: 5 beats 1 2 3, 7 and 8 beat all four: 11/12. y: 1 against 1, 2: (1/2 + 0)/2 = 1/4.
    const [a, b] = [scores('a', { x: [5, 7, 8], y: [1] }), scores('b', { x: [1, 2, 6, 3], y: [1, 2] })];
    expect(probabilityOfImprovement(a, b).value).toBeCloseTo((11 / 12 + 1 / 4) / 2, 12);
    expect(probabilityOfImprovement(b, a).value).toBeCloseTo(1 - (11 / 12 + 1 / 4) / 2, 12);
  });
  it('gives an interval where both sides have several seeds', () => {
    const a = scores('a', { x: [5, 7, 8, 6, 2] });
    const { value, interval } = probabilityOfImprovement(a, scores('b', { x: [1, 2, 6, 3, 4] }));
    expect(interval!.low).toBeLessThan(value);
    expect(interval!.high).toBeGreaterThan(value);
    expect(probabilityOfImprovement(a, scores('b', { x: [1] })).interval).toBeUndefined();
  });
  it('refuses other tasks', () => {
    expect(() => probabilityOfImprovement(scores('a', { x: [1] }), scores('b', { y: [1] }))).toThrow(/the same tasks, got x of 'a' and y of 'b'/); // prettier-ignore
  });
});
