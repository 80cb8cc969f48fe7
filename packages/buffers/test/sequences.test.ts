import { box, discrete, rng, type Batch, type Rollout } from '@troupe/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { copyBatch, prioritised, sequenceReplay, type SequenceOptions, type SequenceReplay } from '../src/index.js';

const groups = {
  g: { agents: ['a', 'b'], observation: box([1]), action: discrete(3) },
  h: { agents: ['c'], observation: box([1]), action: discrete(2) },
} as const;
type G = typeof groups;

interface Row {
  readonly id: number;
  readonly env: number;
  readonly last: number;
}
/** Rows that observe their number, remember its negative, and earn 10 more. */
const batchOf = (rows: readonly Row[]): Batch<G> => {
  const b = rows.length;
  const group = (n: number) => {
    const each = (add: number, ...shape: number[]) =>
      ndarray(Float32Array.from(rows.flatMap(({ id }) => Array<number>(n).fill(id + add))), [b, n, ...shape]);
    const seen = (add: number) => ({
      observation: each(add, 1),
      active: ndarray(new Uint8Array(b * n).fill(1), [b, n]),
      legal: ndarray(new Uint8Array(b * n * (n + 1)).fill(1), [b, n, n + 1]),
    });
    return {
      ...seen(0),
      action: ndarray(new Int32Array(b * n), [b, n]),
      reward: each(10),
      discount: ndarray(new Float32Array(b * n).fill(1), [b, n]),
      next: seen(0.5),
      extras: { memory: each(0.25) },
    };
  };
  return {
    groups: { g: group(2), h: group(1) },
    last: Uint8Array.from(rows, ({ last }) => last),
    env: Int32Array.from(rows, ({ env }) => env),
  };
};
const row = (id: number, more: Partial<Row> = {}): Row => ({ id, env: 0, last: 0, ...more });

/** Each sequence of a sample: ids and weights step by step, and how many rows are there. */
const told = ({ steps, numEnvs, batch }: Rollout<G>) =>
  Array.from({ length: numEnvs }, (_, b) => {
    const { g, h } = batch.groups;
    const at = (t: number) => t * numEnvs + b;
    const all = Array.from({ length: steps }, (_, t) => t);
    const real = all.filter((t) => g.active.get(at(t), 0) === 1);
    for (const t of all) {
      const [is, there] = [at(t), t < real.length ? 1 : 0];
      // blank or not, in every group and agent alike; masks and observations stay possible
      expect([g.active.get(is, 1), h.active.get(is, 0), g.next.active.get(is, 1)]).toEqual([there, there, there]);
      expect([g.discount.get(is, 1), h.discount.get(is, 0)]).toEqual([there, there]);
      expect(h.reward.get(is, 0)).toBe(there * (h.observation.get(is, 0, 0) + 10));
      expect(g.legal!.get(is, 0, 0)).toBe(1);
      expect(g.next.observation.get(is, 0, 0)).toBe(g.observation.get(is, 1, 0) + 0.5);
      expect(g.extras['memory']!.get(is, 0)).toBe(g.observation.get(is, 0, 0) + 0.25);
    }
    return {
      ids: real.map((t) => g.observation.get(at(t), 0, 0)),
      weights: all.map((t) => batch.weight!.get(at(t))),
      last: all.map((t) => batch.last[at(t)]),
    };
  });
const make = (options: Partial<SequenceOptions> = {}) =>
  sequenceReplay(groups, { capacity: 20, length: 3, ...options });
/** All sequences there are, by the id of the first row that is learnt from. */
const table = (buffer: SequenceReplay<G>) =>
  new Map(
    told(buffer.sample(200, rng(0))).map((one) => [one.ids[one.weights.findIndex((weight) => weight > 0)]!, one]),
  );

describe('sequenceReplay', () => {
  it('cuts episodes into sequences that follow each other; the last one of each is shorter', () => {
    const buffer = make();
    for (let id = 0; id < 5; id++) buffer.add(batchOf([row(id, { last: id === 4 ? 1 : 0 })]));
    buffer.add(batchOf([row(5)]));
    expect(buffer.sequences).toBe(3);
    expect(Object.fromEntries(table(buffer))).toEqual({
      0: { ids: [0, 1, 2], weights: [1, 1, 1], last: [0, 0, 0] },
      3: { ids: [3, 4], weights: [1, 1, 0], last: [0, 1, 1] }, // the episode ended
      5: { ids: [5], weights: [1, 0, 0], last: [1, 1, 1] }, // and here nothing more is known
    });
  });

  it('overlaps, and warms up by what lies before the start', () => {
    const buffer = make({ every: 2, burnIn: 2 });
    for (let id = 0; id < 6; id++) buffer.add(batchOf([row(id)]));
    expect(Object.fromEntries(table(buffer))).toEqual({
      0: { ids: [0, 1, 2], weights: [1, 1, 1, 0, 0], last: [0, 0, 1, 1, 1] },
      2: { ids: [0, 1, 2, 3, 4], weights: [0, 0, 1, 1, 1], last: [0, 0, 0, 0, 0] },
      4: { ids: [2, 3, 4, 5], weights: [0, 0, 1, 1, 0], last: [0, 0, 0, 1, 1] },
    });
  });

  it('warms up by less where older rows were written over, and forgets sequences whose start was', () => {
    const buffer = make({ capacity: 5, every: 3, burnIn: 4 });
    for (let id = 0; id < 8; id++) buffer.add(batchOf([row(id)])); // 3 … 7 are left
    expect([...table(buffer).keys()].sort()).toEqual([3, 6]);
    expect(table(buffer).get(6)).toMatchObject({ ids: [3, 4, 5, 6, 7], weights: [0, 0, 0, 1, 1, 0, 0] });
    expect(table(buffer).get(3)).toMatchObject({ ids: [3, 4, 5], weights: [1, 1, 1, 0, 0, 0, 0] });
  });

  it('is what a naive model says: environments, endings, cuts, saves, any capacity', () => {
    const act = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.uniqueArray(fc.record({ env: fc.nat({ max: 2 }), last: fc.constantFrom(0, 0, 0, 1) }), {
          minLength: 1,
          maxLength: 3,
          selector: ({ env }) => env,
        }),
      },
      { weight: 1, arbitrary: fc.constantFrom('cut' as const, 'save' as const, 'clear' as const) },
    );
    fc.assert(
      fc.property(
        fc.record({
          capacity: fc.integer({ min: 3, max: 25 }),
          length: fc.integer({ min: 1, max: 4 }),
          burnIn: fc.nat({ max: 3 }),
          every: fc.integer({ min: 1, max: 4 }),
        }),
        fc.array(act, { maxLength: 40 }),
        fc.boolean(),
        (options, acts, ranked) => {
          const fresh = () => make({ ...options, ...(ranked && { sampler: prioritised() }) });
          let buffer = fresh();
          let model: (Row & { readonly episode: string; readonly position: number })[] = [];
          const running = new Map<number, { episode: string; position: number }>();
          let [id, episodes] = [0, 0];
          for (const one of acts) {
            if (one === 'cut' || one === 'clear') {
              buffer[one]();
              running.clear();
              if (one === 'clear') model = [];
            } else if (one === 'save') {
              const saved = structuredClone(buffer.save!());
              buffer = fresh();
              buffer.load!(saved);
            } else {
              const rows = one.map(({ env, last }) => row(id++, { env, last }));
              buffer.add(batchOf(rows));
              for (const added of rows) {
                const before = running.get(added.env);
                // an episode whose newest row was written over begins anew
                const there =
                  before &&
                  model
                    .slice(1 - options.capacity)
                    .some(({ episode, position }) => episode === before.episode && position === before.position);
                const now = there
                  ? { episode: before.episode, position: before.position + 1 }
                  : { episode: `${episodes++}`, position: 0 };
                model.push({ ...added, ...now });
                model = model.slice(-options.capacity);
                if (added.last === 1) running.delete(added.env);
                else running.set(added.env, now);
              }
            }
          }
          const starts = model.filter(({ position }) => position % options.every === 0);
          expect([buffer.size, buffer.sequences]).toEqual([model.length, starts.length]);
          if (starts.length === 0) return;
          const expected = starts.map((start) => {
            const own = model.filter(({ episode }) => episode === start.episode);
            const rows = own.filter(
              ({ position }) =>
                position >= start.position - options.burnIn && position < start.position + options.length,
            );
            return JSON.stringify([
              rows.map((one) => one.id),
              rows.filter(({ position }) => position < start.position).length,
            ]);
          });
          const drawn = told(buffer.sample(150, rng(1))).map(({ ids, weights }) =>
            JSON.stringify([ids, weights.findIndex((weight) => weight > 0)]),
          );
          for (const one of drawn) expect(expected).toContain(one);
          if (starts.length < 6 && !ranked) expect(new Set(drawn)).toEqual(new Set(expected));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('ranks a sequence by its worst and its mean row, burn-in and blanks left out', () => {
    const buffer = make({ burnIn: 1, sampler: prioritised({ alpha: 1, epsilon: 0, beta: 1 }), peak: 0.75 });
    for (let id = 0; id < 5; id++) buffer.add(batchOf([row(id)])); // sequences of 0, 1, 2 and 3, 4
    const two = { uniform: () => 0.5 } as ReturnType<typeof rng>;
    const sample = buffer.sample(2, two);
    expect(told(sample).map(({ ids }) => ids)).toEqual([
      [0, 1, 2],
      [2, 3, 4],
    ]);
    expect(sample.batch.index!.length).toBe(2);
    // row t · 2 + b; 9 where nothing is learnt from
    const error = Float32Array.of(1, 9, -2, 4, 3, 2, 9, 9);
    buffer.prioritise(sample.batch.index!, ndarray(error, [8]));
    // 0.75 · 3 + 0.25 · 2 = 2.75 and 0.75 · 4 + 0.25 · 3 = 3.75
    const { priorities } = (buffer.save!() as { sampler: { priorities: Float64Array } }).sampler;
    expect(priorities[0]).toBeCloseTo(2.75, 6);
    expect(priorities[3]).toBeCloseTo(3.75, 6);
    const {
      weights: [first],
    } = told(buffer.sample(2, two))[0]!;
    expect(first).toBe(1); // the less likely one of the batch
    const second = told(buffer.sample(2, two))[1]!;
    expect(second.weights[0]).toBe(0);
    expect(second.weights[1]).toBeCloseTo(2.75 / 3.75, 6);
    expect(() => buffer.prioritise(sample.batch.index!, ndarray(new Float32Array(2), [2]))).toThrow(
      'sequenceReplay.prioritise: expected one error per row, [8], got an array of shape [2]',
    );
    error[2] = NaN;
    expect(() => buffer.prioritise(sample.batch.index!, ndarray(error, [8]))).toThrow(
      'expected finite errors, got NaN',
    );
  });

  it('continues bit for bit after save and load in the middle of an episode', () => {
    const fresh = () => make({ capacity: 9, every: 2, burnIn: 1, sampler: prioritised() });
    const [whole, other] = [fresh(), fresh()];
    for (let id = 0; id < 7; id++) whole.add(batchOf([row(id), row(id + 50, { env: 1 })]));
    other.load!(structuredClone(whole.save!()));
    for (const one of [whole, other]) for (let id = 7; id < 9; id++) one.add(batchOf([row(id)]));
    expect(told(other.sample(30, rng(1)))).toEqual(told(whole.sample(30, rng(1))));
    expect(other.save!()).toEqual(whole.save!());
  });

  it('fills out, uses its own arrays again, and refuses what does not fit', () => {
    const buffer = make();
    for (let id = 0; id < 5; id++) buffer.add(batchOf([row(id)]));
    const first = buffer.sample(4, rng(0));
    const expected = told(first);
    const out = { ...first, batch: copyBatch(first.batch) };
    expect(buffer.sample(4, rng(1))).toBe(first);
    expect(buffer.sample(4, rng(0), undefined, out)).toBe(out);
    expect(told(out)).toEqual(expected);
    expect(() => buffer.sample(3, rng(0), undefined, out)).toThrow(
      'sequenceReplay.sample: out: expected 3 steps of 3 sequences, got 3 of 4',
    );
    expect(() => make({ length: 0 })).toThrow('sequenceReplay: expected length to be an integer >= 1, got 0');
    expect(() => make({ peak: 2 })).toThrow('sequenceReplay: expected peak in [0, 1], got 2');
    expect(() => make().sample(1, rng(0))).toThrow('expected a buffer with sequences, got one without');
    expect(() => make().load!({})).toThrow('sequenceReplay.load: expected what save of a buffer of sequences gave');
  });
});
