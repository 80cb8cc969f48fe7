import { box, discrete, rng, type Batch, type Rng } from '@troupe/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { copyBatch, prioritised, replay, uniform, type PrioritisedOptions } from '../src/index.js';
import { makeRows, rowsOf } from './model.js';

const groups = { g: { agents: ['a', 'b'], observation: box([2]), action: discrete(3) } } as const;
type G = typeof groups;

/** Rows numbered from `first` on: the number is their environment. */
const numbered = (first: number, count: number): Batch<G> => {
  const rows = makeRows(groups, count, rng(first));
  return { ...rows, env: Int32Array.from({ length: count }, (_, b) => first + b) };
};
const errors = (...values: number[]) => ndarray(Float32Array.from(values), [values.length]);
const range = (count: number, first = 0) => Int32Array.from({ length: count }, (_, k) => first + k);
/** A buffer whose rows 0, 1, … have these errors. */
const withErrors = (values: readonly number[], options: PrioritisedOptions = {}) => {
  const buffer = replay(groups, { capacity: values.length, sampler: prioritised(options) });
  buffer.add(numbered(0, values.length));
  buffer.prioritise(range(values.length), errors(...values));
  return buffer;
};
const clockAt = (steps: number) => ({ steps, total: 100 });

const expectClose = (found: ArrayLike<number>, expected: readonly number[]) => {
  expect(found).toHaveLength(expected.length);
  expected.forEach((value, i) => expect(found[i]).toBeCloseTo(value, 12));
};

/** Within 4 standard deviations of its mean. */
const expectChiSquare = (counts: ArrayLike<number>, expected: readonly number[]) => {
  const chiSquare = expected.reduce((sum, n, i) => sum + (counts[i]! - n) ** 2 / n, 0);
  const freedom = expected.length - 1;
  expect(Math.abs(chiSquare - freedom)).toBeLessThan(4 * Math.sqrt(2 * freedom) + 1);
};

describe('prioritised', () => {
  it('weighs p = 1, 2, 3, 4 as worked by hand', () => {
    // α 0.6: pᵅ = 1, 1.5157, 1.9332, 2.2974, sum 6.7463; P = 0.148230, 0.224674, 0.286555, 0.340542.
    // β 0.4, over the largest: (P₁ / Pᵢ)^0.4 = 1, 0.846745, 0.768229, 0.716978
    const buffer = withErrors([-1, 2, -3, 4], { epsilon: 0 });
    const weights = [1, 0.846745, 0.768229, 0.716978];
    const stream = rng(0);
    for (let k = 0; k < 20; k++) {
      const { index, weight, env } = buffer.sample(16, stream);
      expect(Array.from(env)).toEqual(Array.from(index!));
      // 16 equal parts of the total: row 0, of more than two of them, is there each time
      index!.forEach((slot, b) => expect(weight!.get(b)).toBeCloseTo(weights[slot]!, 6));
      expect(new Set(index)).toEqual(new Set([0, 1, 2, 3]));
    }
  });

  it('draws in proportion: chi-square of 100,000 draws, stratified or not', () => {
    const probabilities = [0.14823, 0.224674, 0.286555, 0.340542];
    const buffer = withErrors([1, 2, 3, 4], { epsilon: 0, draws: 'independent' });
    const counts = new Float64Array(4);
    const stream = rng(1);
    for (let k = 0; k < 100; k++) for (const slot of buffer.sample(1000, stream).index!) counts[slot]! += 1;
    expectChiSquare(
      counts,
      probabilities.map((p) => 1e5 * p),
    );

    // stratified draws vary less than independent ones: each row as often as it should be, but for the ends
    const stratified = withErrors([1, 2, 3, 4], { epsilon: 0 });
    const { index } = stratified.sample(100_000, stream);
    probabilities.forEach((p, slot) => {
      const drawn = index!.reduce((sum, one) => sum + (one === slot ? 1 : 0), 0);
      expect(Math.abs(drawn - 1e5 * p)).toBeLessThan(3);
    });
  });

  it('with alpha 0 draws uniformly, and one by one: chi-square of 100,000 draws of 50 rows', () => {
    const buffer = withErrors(
      Array.from({ length: 50 }, (_, i) => i),
      { alpha: 0 },
    );
    const counts = new Float64Array(50);
    const stream = rng(2);
    for (let k = 0; k < 100_000; k++) counts[buffer.sample(1, stream).index![0]!]! += 1;
    expectChiSquare(counts, Array<number>(50).fill(2000));
  });

  it('beta goes from its start to its end with the clock, and stays at its start without one', () => {
    // two rows with p 1 and 4, α 1: the second weighs 4^−β
    const weightAt = (clock?: { steps: number; total: number }) => {
      const buffer = withErrors([1, 4], { alpha: 1, epsilon: 0, beta: 0.5, betaEnd: 0.9 });
      const { index, weight } = buffer.sample(8, rng(0), clock);
      return weight!.get(index!.indexOf(1));
    };
    expect(weightAt()).toBeCloseTo(4 ** -0.5, 6);
    expect(weightAt(clockAt(0))).toBeCloseTo(4 ** -0.5, 6);
    expect(weightAt(clockAt(50))).toBeCloseTo(4 ** -0.7, 6);
    expect(weightAt(clockAt(100))).toBeCloseTo(4 ** -0.9, 6);
    expect(weightAt(clockAt(200))).toBeCloseTo(4 ** -0.9, 6);
  });

  it('weighs against the batch, against the whole buffer, or not at all', () => {
    // p = 1, 3, 3, 3; α 1, β 1; a draw without row 0 comes with a stream that gives 0.9 of every part
    const late = { uniform: () => 0.9 } as Rng;
    const weights = (normalise: 'batch' | 'buffer' | 'none') =>
      Array.from(withErrors([1, 3, 3, 3], { alpha: 1, epsilon: 0, beta: 1, normalise }).sample(2, late).weight!.data);
    expect(weights('batch')).toEqual([1, 1]);
    expect(weights('buffer')).toEqual([1 / 3, 1 / 3].map(Math.fround));
    expect(weights('none')).toEqual([10 / 12, 10 / 12].map(Math.fround)); // 1 / (4 · 3/10)
  });

  it('gives new rows the largest priority so far, also in the slots of old ones', () => {
    const buffer = withErrors([1, 9, 2, 4], { alpha: 0.5, epsilon: 0 });
    const priorities = () => (buffer.save!() as { sampler: { priorities: Float64Array } }).sampler.priorities;
    expectClose(priorities(), [1, 3, Math.sqrt(2), 2]);
    buffer.add(numbered(4, 2));
    expectClose(priorities(), [3, 3, Math.sqrt(2), 2]);
    buffer.prioritise(Int32Array.of(1), errors(0.25));
    buffer.add(numbered(6, 1));
    expectClose(priorities(), [3, 0.5, 3, 2]);
  });

  it('does not draw rows of priority 0, nor slots that were never filled', () => {
    const buffer = replay(groups, { capacity: 1000, sampler: prioritised({ epsilon: 0 }) });
    buffer.add(numbered(0, 20));
    const even = Float32Array.from({ length: 20 }, (_, i) => i % 2);
    buffer.prioritise(range(20), ndarray(even, [20]));
    const seen = new Set<number>();
    const stream = rng(3);
    for (let k = 0; k < 100; k++) for (const id of buffer.sample(50, stream).env) seen.add(id);
    expect([...seen].sort((a, b) => a - b)).toEqual([1, 3, 5, 7, 9, 11, 13, 15, 17, 19]);
    buffer.prioritise(range(20), ndarray(new Float32Array(20), [20]));
    expect(() => buffer.sample(1, stream)).toThrow('prioritised: expected a row whose priority is not 0, got none');
  });

  it('is what a naive model is, whatever is added, drawn and ranked', () => {
    const act = fc.oneof(
      fc.record({ add: fc.integer({ min: 1, max: 7 }) }),
      fc.record({ draw: fc.integer({ min: 1, max: 9 }), error: fc.float({ min: 0, max: 100, noNaN: true }) }),
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 7, max: 40 }),
        fc.array(act, { maxLength: 30 }),
        fc.constantFrom('batch' as const, 'buffer' as const),
        fc.integer(),
        (capacity, acts, normalise, seed) => {
          const buffer = replay(groups, { capacity, sampler: prioritised({ normalise }) });
          const model: { id: number; p: number }[] = [];
          let [added, largest] = [0, 1];
          const stream = rng(seed);
          for (const one of acts) {
            if ('add' in one) {
              buffer.add(numbered(added, one.add));
              for (let k = 0; k < one.add; k++, added++) model[added % capacity] = { id: added, p: largest };
              continue;
            }
            if (model.length === 0) continue;
            const batch = buffer.sample(one.draw, stream);
            const powers = model.map(({ p }) => p ** 0.6);
            const total = powers.reduce((a, b) => a + b, 0);
            const weights = powers.map((power) => ((model.length * power) / total) ** -0.4);
            const among = normalise === 'batch' ? Array.from(batch.index!, (slot) => weights[slot]!) : weights;
            let [before, slot] = [0, 0];
            batch.index!.forEach((drawn, b) => {
              expect(batch.env[b]).toBe(model[drawn]!.id);
              expect(batch.weight!.get(b)).toBeCloseTo(weights[drawn]! / Math.max(...among), 5);
              // the part of the total that belongs to draw b reaches into the drawn row
              while (slot < drawn) before += powers[slot++]!;
              expect(before).toBeLessThan(((b + 1) * total * (1 + 1e-9)) / one.draw);
              expect(before + powers[drawn]!).toBeGreaterThan((b * total * (1 - 1e-9)) / one.draw);
            });
            const told = Float32Array.from(batch.index!, (_, b) => one.error * (b % 2 ? -1 : 1) + b);
            batch.index!.forEach((drawn, b) => {
              model[drawn]!.p = Math.abs(told[b]!) + 1e-6;
              largest = Math.max(largest, model[drawn]!.p);
            });
            buffer.prioritise(batch.index!, ndarray(told, [told.length]));
          }
        },
      ),
      { numRuns: 60 },
    );
  });

  it('continues bit for bit after save and load, also in a fresh buffer', () => {
    for (const options of [{}, { normalise: 'buffer' }, { by: 'rank' }] as const) {
      const make = () => replay(groups, { capacity: 30, sampler: prioritised(options) });
      const buffer = make();
      const stream = rng(5);
      const go = (one: typeof buffer, draws: Rng, from: number) => {
        const seen: string[] = [];
        for (let k = from; k < from + 8; k++) {
          one.add(numbered(10 * k, 7));
          const batch = one.sample(12, draws, clockAt(k));
          seen.push(JSON.stringify([rowsOf(copyBatch(batch)), Array.from(batch.index!)]));
          one.prioritise(batch.index!, ndarray(draws.fillNormal(new Float32Array(12)), [12]));
        }
        return seen;
      };
      go(buffer, stream, 0);
      const saved = structuredClone(buffer.save!());
      const position = stream.save();
      const after = go(buffer, stream, 8);
      const other = make();
      other.add(numbered(1000, 30));
      other.load!(saved);
      const again = rng(0);
      again.load(position);
      expect(go(other, again, 8)).toEqual(after);
      expect(other.save!()).toEqual(buffer.save!());
    }
  });

  it('fills weight and index of out', () => {
    const buffer = withErrors([1, 2, 3, 4]);
    const expected = copyBatch(buffer.sample(5, rng(0)));
    const out = copyBatch(buffer.sample(5, rng(9)));
    expect(buffer.sample(5, rng(0), undefined, out)).toBe(out);
    expect(rowsOf(out)).toEqual(rowsOf(expected));
    const { weight: _, ...bare } = out;
    expect(() => buffer.sample(5, rng(0), undefined, bare)).toThrow(
      'replay.sample: out: expected weight and index of 5 rows, as copyBatch of a sample has them',
    );
  });

  it('refuses settings out of range, errors that are no numbers, and indices that are none of its own', () => {
    expect(() => prioritised({ alpha: -1 })).toThrow('prioritised: expected alpha in [0, 1], got -1');
    expect(() => prioritised({ betaEnd: NaN })).toThrow('prioritised: expected betaEnd in [0, 1], got NaN');
    expect(() => prioritised({ normalise: 'all' as 'none' })).toThrow(
      'prioritised: expected normalise to be one of batch, buffer, none, got all',
    );
    const buffer = withErrors([1, 2, 3]);
    const before = buffer.save!();
    expect(() => buffer.prioritise(range(2), errors(5, NaN))).toThrow(
      'prioritise: expected finite errors, got NaN for row 1',
    );
    expect(() => buffer.prioritise(range(2), errors(5))).toThrow(
      'prioritise: expected one error per row, [2], got an array of shape [1]',
    );
    expect(() => buffer.prioritise(Int32Array.of(0, 3), errors(5, 5))).toThrow(
      'prioritise: expected the index of a sample, slots below 3, got 3',
    );
    expect(buffer.save!()).toEqual(before);
    const plain = replay(groups, { capacity: 3 });
    plain.add(numbered(0, 3));
    expect(() => plain.prioritise(range(1), errors(1))).toThrow(
      'replay.prioritise: expected a sampler with priorities, got one without',
    );
    expect(() => plain.load!(before)).toThrow('uniform.load: expected what save of a uniform sampler gave');
    expect(plain.sample(4, rng(0)).env.length).toBe(4);
    expect(() => buffer.load!(plain.save!())).toThrow('prioritised.load: expected what save of a prioritised sampler');
  });
});

describe('prioritised by rank', () => {
  // α 0.7: mass 1, 2^−0.7 = 0.615572, 3^−0.7 = 0.463463, 4^−0.7 = 0.378929, sum 2.457964
  const probabilities = [0.406841, 0.25044, 0.188556, 0.154164];
  const byRank = { by: 'rank', alpha: 0.7, epsilon: 0 } as const;

  it('draws by the rank of errors, however large they are: chi-square of 100,000 draws', () => {
    // ranks of rows 0, 1, 2, 3: 4, 2, 3, 1
    for (const values of [
      [1, -3, 2, 4],
      [0, -3e8, 1e-9, 1e30],
    ]) {
      const buffer = withErrors(values, { ...byRank, draws: 'independent' });
      const counts = new Float64Array(4);
      const stream = rng(1);
      for (let k = 0; k < 100; k++) for (const slot of buffer.sample(1000, stream).index!) counts[slot]! += 1;
      expectChiSquare(counts, [3, 1, 2, 0].map((rank) => 1e5 * probabilities[rank]!)); // prettier-ignore
    }
  });

  it('draws 1,000 rows in the exact distribution, one from each equal part of it', () => {
    const stream = rng(2);
    const values = stream.fillNormal(new Float64Array(1000)).map(Math.abs);
    const buffer = withErrors([...values], byRank);
    const { index } = buffer.sample(100_000, stream);
    const masses = Array.from({ length: 1000 }, (_, k) => (k + 1) ** -0.7);
    const total = masses.reduce((a, b) => a + b, 0);
    const ranked = [...range(1000)].sort((a, b) => values[b]! - values[a]!);
    const counts = new Float64Array(1000);
    for (const slot of index!) counts[slot]! += 1;
    ranked.forEach((slot, k) => expect(Math.abs(counts[slot]! - (1e5 * masses[k]!) / total)).toBeLessThan(3));
  });

  it('weighs (n P)^−β over the largest of the batch, or of all', () => {
    const late = { uniform: () => 0.1 } as Rng; // the beginning of each part: never the last rank
    const weights = (normalise: 'batch' | 'buffer' | 'none') => {
      const { index, weight } = withErrors([4, 3, 2, 1], { ...byRank, beta: 0.5, normalise }).sample(2, late);
      expect([...index!]).toEqual([0, 1]);
      return [...weight!.data];
    };
    const n = (rank: number) => (4 * probabilities[rank]!) ** -0.5;
    const close = (found: number[], expected: number[]) => expected.forEach((x, i) => expect(found[i]).toBeCloseTo(x, 5)); // prettier-ignore
    close(weights('none'), [n(0), n(1)]);
    close(weights('batch'), [n(0) / n(1), 1]);
    close(weights('buffer'), [n(0) / n(3), n(1) / n(3)]);
  });

  it('stays a heap of all rows whatever is added and told, and is sorted when as much has changed as there is', () => {
    const act = fc.record({ add: fc.integer({ min: 0, max: 7 }), draw: fc.integer({ min: 1, max: 9 }) });
    fc.assert(
      fc.property(
        fc.integer({ min: 7, max: 60 }),
        fc.array(act, { maxLength: 40 }),
        fc.integer(),
        (capacity, acts, seed) => {
          const buffer = replay(groups, { capacity, sampler: prioritised({ by: 'rank' }) });
          const stream = rng(seed);
          const saved = () =>
            (buffer.save!() as { sampler: { priorities: Float64Array; order: Int32Array; left: number } }).sampler;
          buffer.add(numbered(0, 7));
          for (const { add, draw } of acts) {
            if (add > 0) buffer.add(numbered(0, add));
            const { index } = buffer.sample(draw, stream);
            buffer.prioritise(index!, ndarray(stream.fillNormal(new Float32Array(draw)), [draw]));
            const { priorities, order } = saved();
            expect([...order].sort((a, b) => a - b)).toEqual([...range(buffer.size)]);
            order.forEach((slot, k) => {
              if (k > 0) expect(priorities[order[(k - 1) >> 1]!]!).toBeGreaterThanOrEqual(priorities[slot]!);
            });
          }
          const all = range(buffer.size);
          let sorted;
          do {
            buffer.prioritise(all, ndarray(stream.fillNormal(new Float32Array(all.length)), [all.length]));
            sorted = saved();
          } while (sorted.left !== capacity);
          const { priorities, order } = sorted;
          const inOrder = Array.from(order, (slot) => priorities[slot]!);
          expect(inOrder).toEqual(inOrder.toSorted((a, b) => b - a));
        },
      ),
      { numRuns: 60 },
    );
  });

  it('refuses what a sampler by size saved', () => {
    const saved = withErrors([1, 2]).save!();
    const buffer = withErrors([1, 2], { by: 'rank' });
    expect(() => buffer.load!(saved)).toThrow('prioritised.load: expected what save of a prioritised sampler by rank');
    expect(() => prioritised({ by: 'age' as 'rank' })).toThrow('prioritised: expected by to be one of size, rank, got age'); // prettier-ignore
  });
});

describe('uniform', () => {
  it('without replacement draws no row twice, every row as often: chi-square of 100,000 draws', () => {
    const buffer = replay(groups, { capacity: 40, sampler: uniform({ replacement: false }) });
    buffer.add(numbered(0, 40));
    const stream = rng(0);
    const counts = new Float64Array(40);
    const first = new Float64Array(40);
    for (let k = 0; k < 10_000; k++) {
      const { env } = buffer.sample(10, stream);
      if (new Set(env).size !== 10) expect.fail(`a row twice: ${[...env].join()}`);
      for (const id of env) counts[id]! += 1;
      first[env[0]!]! += 1;
    }
    // without replacement counts vary less: 0.77 times the variance
    expectChiSquare(
      counts.map((n) => 2500 + (n - 2500) / Math.sqrt(1 - 9 / 39)),
      Array<number>(40).fill(2500),
    );
    expectChiSquare(first, Array<number>(40).fill(250));
    expect(new Set(buffer.sample(40, stream).env).size).toBe(40);
    expect(() => buffer.sample(41, stream)).toThrow(
      'uniform: expected to draw at most 40 rows without replacement (all there are), got 41',
    );
  });
});
