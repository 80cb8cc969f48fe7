import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { rng, type Rng } from '../src/index.js';

const draws = (stream: Rng, n = 5) => Array.from({ length: n }, () => stream.uniform());

const moments = (values: ArrayLike<number>) => {
  const n = values.length;
  let [mean, m2, m3, m4] = [0, 0, 0, 0];
  for (let i = 0; i < n; i++) mean += values[i]! / n;
  for (let i = 0; i < n; i++) {
    const d = values[i]! - mean;
    m2 += d ** 2 / n;
    m3 += d ** 3 / n;
    m4 += d ** 4 / n;
  }
  return { mean, variance: m2, skewness: m3 / m2 ** 1.5, kurtosis: m4 / m2 ** 2 };
};

/** Pearson's statistic of counts that should be equal, in standard deviations from its mean. */
const chiSquareScore = (counts: ArrayLike<number>) => {
  const all = Array.from(counts);
  const expected = all.reduce((a, b) => a + b, 0) / all.length;
  const freedom = all.length - 1;
  return (all.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0) - freedom) / Math.sqrt(2 * freedom);
};

describe('rng', () => {
  it('gives the same numbers for the same seed, others for another', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), fc.maxSafeInteger(), (a, b) => {
        expect(draws(rng(a))).toEqual(draws(rng(a)));
        if (a !== b) expect(draws(rng(a))).not.toEqual(draws(rng(b)));
      }),
    );
  });

  it('tells seeds apart that differ in their high bits or their sign only', () => {
    const seeds = [
      0,
      2 ** 32,
      2 ** 52,
      -1,
      1,
      -(2 ** 32),
      2 ** 32 - 1,
      Number.MAX_SAFE_INTEGER,
      Number.MIN_SAFE_INTEGER,
    ];
    expect(new Set(seeds.map((seed) => draws(rng(seed)).join())).size).toBe(seeds.length);
  });

  it('refuses seeds that are not integers', () => {
    for (const seed of [0.5, NaN, Infinity, 2 ** 53]) {
      expect(() => rng(seed)).toThrow(`rng: expected an integer seed, got ${seed}`);
    }
  });

  it('gives the numbers it has always given', () => {
    const stream = rng(42);
    const seen = [
      stream.uniform(),
      stream.int(1000),
      stream.normal(),
      stream.split('a').uniform(),
      stream.split().uniform(),
    ];
    expect(seen).toMatchInlineSnapshot(`
      [
        0.44655503588728607,
        915,
        0.022379034420695675,
        0.6977184384595603,
        0.9050089658703655,
      ]
    `);
  });
});

describe('rng.split', () => {
  it('by name depends on seed and name alone: not on draws, nor on the order of splits', () => {
    const plain = rng(1).split('policy');
    const used = rng(1);
    used.normal();
    used.fillNormal(new Float32Array(101));
    used.split();
    used.split('environment');
    expect(draws(used.split('policy'))).toEqual(draws(plain));
    expect(draws(used.split('policy'))).toEqual(draws(rng(1).split('policy')));
    expect(draws(rng(2).split('policy'))).not.toEqual(draws(rng(1).split('policy')));
  });

  it('without a name gives another stream at each call, whatever was drawn in between', () => {
    const a = rng(1);
    const b = rng(1);
    const first = draws(a.split());
    const second = draws(a.split());
    expect(draws(b.split())).toEqual(first);
    b.fillUniform(new Float64Array(7));
    expect(draws(b.split())).toEqual(second);
    expect(second).not.toEqual(first);
  });

  it('fills with the integers that it would draw one by one', () => {
    for (const n of [1, 7, 1_000_000, 3 * 2 ** 30]) {
      const [one, all] = [rng(8), rng(8)];
      const expected = Int32Array.from({ length: 1000 }, () => one.int(n));
      expect(all.fillInt(new Int32Array(1000), n)).toEqual(expected);
      expect(all.uniform()).toBe(one.uniform());
    }
    expect(() => rng(0).fillInt(new Int32Array(1), 0)).toThrow('rng.int: expected an integer in [1, 2^32], got 0');
  });

  it('does not disturb the stream that is split', () => {
    const a = rng(3);
    a.split();
    a.split('x');
    expect(draws(a)).toEqual(draws(rng(3)));
  });

  it('keeps names, numbers and paths apart', () => {
    const root = rng(0);
    const streams = [
      root,
      root.split(),
      root.split('0'),
      root.split('\u0000'),
      root.split(''),
      root.split('a'),
      root.split('a\u0000'),
      root.split('ab'),
      root.split('a').split('b'),
      root.split('b').split('a'),
      root.split('a').split(),
      root.split().split(),
      root.split().split('a'),
    ];
    expect(new Set(streams.map((stream) => draws(stream).join())).size).toBe(streams.length);
  });

  it('has no collisions among a million named and numbered streams', () => {
    const root = rng(0);
    const families = [
      (i: number) => root.split(`environment ${i}`),
      () => root.split(),
      (i: number) => root.split(String(i)),
      (i: number) => root.split(`agent_${i % 500}/${Math.floor(i / 500)}`),
    ];
    // 53 of the 128 bits of each: a chance of one in 18,000 for one equal pair among a million
    const keys = new Float64Array(1_000_000);
    let at = 0;
    for (const make of families) {
      for (let i = 0; i < 250_000; i++) {
        const [a, b] = make(i).save().key as [number, number];
        keys[at++] = (a >>> 0) * 2 ** 21 + (b >>> 11);
      }
    }
    keys.sort();
    let equal = 0;
    for (let i = 1; i < keys.length; i++) if (keys[i] === keys[i - 1]) equal++;
    expect(equal).toBe(0);
  });

  it('gives streams whose first draws are uniform over neighbours and whose draws are uncorrelated', () => {
    const root = rng(5);
    const n = 20_000;
    const counts = new Float64Array(100);
    let covariance = 0;
    let before = 0;
    for (let i = 0; i < n; i++) {
      const x = root.split(`environment ${i}`).uniform();
      counts[Math.floor(x * 100)]! += 1;
      covariance += (x - 0.5) * (before - 0.5);
      before = x;
    }
    expect(Math.abs(chiSquareScore(counts))).toBeLessThan(4);
    // correlation of neighbours: standard deviation 1/√n
    expect(Math.abs((covariance / n) * 12 * Math.sqrt(n))).toBeLessThan(4);
    const [a, b] = [root.split('a'), root.split('b')];
    let sum = 0;
    for (let i = 0; i < n; i++) sum += a.normal() * b.normal();
    expect(Math.abs(sum / Math.sqrt(n))).toBeLessThan(4);
  });
});

describe('rng: save and load', () => {
  it('continue bit for bit, splits included, through plain data', () => {
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 20 }), (seed, skip) => {
        const stream = rng(seed).split('x');
        for (let i = 0; i < skip; i++) stream.normal();
        if (skip % 2) stream.split();
        const saved = JSON.parse(JSON.stringify(stream.save())) as ReturnType<Rng['save']>;
        const play = (one: Rng) => [draws(one), one.int(10), one.normal(), draws(one.split()), draws(one.split('y'))];
        const expected = play(stream);
        const other = rng(0);
        other.load(saved);
        expect(play(other)).toEqual(expected);
        stream.load(saved);
        expect(play(stream)).toEqual(expected);
      }),
    );
  });

  it('give an owned state: what is drawn later does not change it', () => {
    const stream = rng(1);
    const saved = stream.save();
    const before = structuredClone(saved);
    draws(stream);
    stream.split();
    expect(saved).toEqual(before);
  });
});

describe('rng: distributions', () => {
  const n = 200_000;
  const fill = (f: () => number) => Float64Array.from({ length: n }, f);

  it.each([
    ['uniform', (s: Rng) => fill(() => s.uniform())],
    ['fillUniform, float64', (s: Rng) => s.fillUniform(new Float64Array(n))],
    ['fillUniform, float32', (s: Rng) => s.fillUniform(new Float32Array(n))],
  ])('%s: moments and bins of [0, 1)', (_, make) => {
    const values = make(rng(11));
    const { mean, variance, skewness, kurtosis } = moments(values);
    // standard errors: mean √(1/12n) = 6.5e-4, variance √(1/180n) = 1.7e-4; the others measured alike
    expect(Math.abs(mean - 0.5)).toBeLessThan(4 * 6.5e-4);
    expect(Math.abs(variance - 1 / 12)).toBeLessThan(4 * 1.7e-4);
    expect(Math.abs(skewness)).toBeLessThan(0.015);
    expect(Math.abs(kurtosis - 1.8)).toBeLessThan(0.015);
    const counts = new Float64Array(256);
    for (const x of values) counts[Math.floor(x * 256)]! += 1;
    expect(Math.abs(chiSquareScore(counts))).toBeLessThan(4);
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
  });

  it.each([
    ['normal', (s: Rng) => fill(() => s.normal())],
    ['fillNormal, float64', (s: Rng) => s.fillNormal(new Float64Array(n))],
    ['fillNormal, float32 of odd length', (s: Rng) => s.fillNormal(new Float32Array(n + 1))],
  ])('%s: moments and tails', (_, make) => {
    const values = make(rng(12));
    const { mean, variance, skewness, kurtosis } = moments(values);
    // standard errors: √(1/n) = 2.2e-3, √(2/n) = 3.2e-3, √(6/n) = 5.5e-3, √(24/n) = 1.1e-2
    expect(Math.abs(mean)).toBeLessThan(4 * 2.2e-3);
    expect(Math.abs(variance - 1)).toBeLessThan(4 * 3.2e-3);
    expect(Math.abs(skewness)).toBeLessThan(4 * 5.5e-3);
    expect(Math.abs(kurtosis - 3)).toBeLessThan(4 * 1.1e-2);
    const beyond = (x: number) =>
      Array.from(values).reduce((sum: number, v: number) => sum + (Math.abs(v) > x ? 1 : 0), 0) / n;
    expect(beyond(1)).toBeCloseTo(0.3173, 2);
    expect(beyond(2)).toBeCloseTo(0.0455, 2);
    expect(beyond(3)).toBeCloseTo(0.0027, 3);
  });

  it('fillUniform draws what uniform draws, less its last 8 bits, and goes on from there', () => {
    for (const length of [10, 100]) {
      const [filled, single] = [rng(5), rng(5)];
      const cut = Array.from({ length }, () => Math.floor(single.uniform() * 2 ** 24) / 2 ** 24);
      expect(Array.from(filled.fillUniform(new Float64Array(length)))).toEqual(cut);
      expect(filled.save()).toEqual(single.save());
    }
  });

  it('fillUniform never rounds to 1 in float32', () => {
    expect(Math.fround(1 - 2 ** -24)).toBeLessThan(1);
    expect(
      rng(0)
        .fillUniform(new Float32Array(n))
        .every((x) => Number.isInteger(x * 2 ** 24)),
    ).toBe(true);
  });

  it('int: every value equally often, in range, for any n', () => {
    for (const k of [1, 2, 3, 7, 100, 1000]) {
      const counts = new Float64Array(k);
      const stream = rng(k);
      for (let i = 0; i < 100_000; i++) counts[stream.int(k)]! += 1;
      if (k > 1) expect(Math.abs(chiSquareScore(counts))).toBeLessThan(4.5);
      else expect(counts[0]).toBe(100_000);
    }
    fc.assert(
      fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 32 }), (seed, k) => {
        const x = rng(seed).int(k);
        return Number.isInteger(x) && x >= 0 && x < k;
      }),
    );
  });

  it('int has no bias where 2^32 is no multiple of n: n = 3 · 2^30', () => {
    // without rejection the lower third would come twice as often as the others
    const stream = rng(4);
    const counts = new Float64Array(3);
    for (let i = 0; i < 60_000; i++) counts[Math.floor(stream.int(3 * 2 ** 30) / 2 ** 30)]! += 1;
    expect(Math.abs(chiSquareScore(counts))).toBeLessThan(4);
  });

  it('int refuses what is no integer in [1, 2^32]', () => {
    for (const k of [0, -1, 1.5, NaN, 2 ** 32 + 1]) {
      expect(() => rng(0).int(k)).toThrow(`rng.int: expected an integer in [1, 2^32], got ${k}`);
    }
  });

  it('has no linear dependence between draws some steps apart', () => {
    const values = fill(
      (
        (s) => () =>
          s.uniform() - 0.5
      )(rng(6)),
    );
    for (const lag of [1, 2, 3, 4, 8, 64]) {
      let sum = 0;
      for (let i = lag; i < n; i++) sum += values[i]! * values[i - lag]!;
      expect(Math.abs((sum * 12) / Math.sqrt(n - lag))).toBeLessThan(4);
    }
  });
});
