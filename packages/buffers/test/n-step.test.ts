import { box, discrete, rng, type Batch } from '@troupe/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { prioritised, replay, type Replay } from '../src/index.js';

const groups = {
  g: { agents: ['a', 'b'], observation: box([1]), action: discrete(3) },
  h: { agents: ['c'], observation: box([1]), action: discrete(2) },
} as const;
type G = typeof groups;

/** One row; rewards and discounts of a, b and c. Observed is `id`, afterwards `id + 0.5`. */
interface Row {
  readonly id: number;
  readonly env: number;
  readonly reward: readonly [number, number, number];
  readonly discount: readonly [number, number, number];
  readonly last: number;
}

const batchOf = (rows: readonly Row[]): Batch<G> => {
  const b = rows.length;
  const group = (slots: readonly number[]) => {
    const n = slots.length;
    const each = (value: (row: Row, slot: number) => number) =>
      ndarray(Float32Array.from(rows.flatMap((row) => slots.map((slot) => value(row, slot)))), [b, n]);
    const seen = (add: number) => ({
      observation: ndarray(each(({ id }) => id + add).data, [b, n, 1]),
      active: ndarray(new Uint8Array(b * n).fill(1), [b, n]),
    });
    return {
      ...seen(0),
      action: ndarray(Int32Array.from(rows.flatMap(({ id }) => slots.map(() => id))), [b, n]),
      reward: each((row, slot) => row.reward[slot]!),
      discount: each((row, slot) => row.discount[slot]!),
      next: seen(0.5),
      extras: { value: each(({ id }) => -id) },
    };
  };
  return {
    groups: { g: group([0, 1]), h: group([2]) },
    last: Uint8Array.from(rows, ({ last }) => last),
    env: Int32Array.from(rows, ({ env }) => env),
  };
};

/** What a drawn row says, by its id. */
const drawnBy = (batch: Batch<G>) => {
  const { g, h } = batch.groups;
  return Array.from(batch.last, (last, b) => ({
    id: g.observation.get(b, 0, 0),
    same: [g.observation.get(b, 1, 0), h.observation.get(b, 0, 0), g.action.get(b, 0), -g.extras['value']!.get(b, 0)],
    ends: [g.next.observation.get(b, 0, 0), g.next.observation.get(b, 1, 0), h.next.observation.get(b, 0, 0)],
    reward: [g.reward.get(b, 0), g.reward.get(b, 1), h.reward.get(b, 0)],
    discount: [g.discount.get(b, 0), g.discount.get(b, 1), h.discount.get(b, 0)],
    last,
    env: batch.env[b]!,
  }));
};

const row = (id: number, more: Partial<Row> = {}): Row => ({
  id,
  env: 0,
  reward: [2 ** id, 10, 100],
  discount: [1, 1, 1],
  last: 0,
  ...more,
});
const N = 3;
const GAMMA = 0.5;
const nStep = (capacity: number) => replay(groups, { capacity, steps: N, discount: GAMMA });
/** Everything that can be drawn, by id. */
const table = (buffer: Replay<G>) => new Map(drawnBy(buffer.sample(300, rng(0))).map((drawn) => [drawn.id, drawn]));

describe('n-step returns', () => {
  it('are those worked by hand: windows within an episode, at its terminal end, and at the newest row', () => {
    const buffer = nStep(8);
    const ended = { last: 1, discount: [0, 0, 0] } as const;
    for (const one of [row(0), row(1), row(2), row(3, ended), row(4), row(5)]) buffer.add(batchOf([one]));
    const seen = table(buffer);
    const of = (id: number) => [seen.get(id)!.reward[0], seen.get(id)!.discount[0], seen.get(id)!.ends[0]];
    expect(of(0)).toEqual([1 + 0.5 * 2 + 0.25 * 4, 0.25, 2.5]); // three steps: γ² here, γ by the learner
    expect(of(1)).toEqual([2 + 0.5 * 4 + 0.25 * 8, 0, 3.5]); // terminal: nothing follows
    expect(of(2)).toEqual([4 + 0.5 * 8, 0, 3.5]);
    expect(of(3)).toEqual([8, 0, 3.5]);
    expect(of(4)).toEqual([16 + 0.5 * 32, 0.5, 5.5]); // two steps so far: γ¹, not γ²
    expect(of(5)).toEqual([32, 1, 5.5]);
    expect([0, 1, 2, 3, 4, 5].map((id) => seen.get(id)!.last)).toEqual([0, 1, 1, 1, 0, 0]);
    for (const { id, same, ends } of seen.values()) {
      expect(same).toEqual([id, id, id, id]);
      expect(new Set(ends).size).toBe(1);
    }
  });

  it('bootstrap from the last row of a truncated episode with the discount of the steps that there were', () => {
    const buffer = nStep(8);
    for (const one of [row(0), row(1, { last: 1 }), row(2), row(3)]) buffer.add(batchOf([one]));
    const seen = table(buffer);
    const of = (id: number) => [seen.get(id)!.reward[0], seen.get(id)!.discount[0], seen.get(id)!.ends[0]];
    expect(of(0)).toEqual([1 + 0.5 * 2, 0.5, 1.5]); // γ^m, m = 2
    expect(of(1)).toEqual([2, 1, 1.5]);
    expect(of(2)).toEqual([4 + 0.5 * 8, 0.5, 3.5]);
  });

  it('go on round the end of the ring, and stop at the write head', () => {
    const buffer = nStep(4);
    for (let id = 0; id < 6; id++) buffer.add(batchOf([row(id)])); // slots: 4, 5, 2, 3
    const seen = table(buffer);
    expect([...seen.keys()].sort()).toEqual([2, 3, 4, 5]);
    const of = (id: number) => [seen.get(id)!.reward[0], seen.get(id)!.discount[0], seen.get(id)!.ends[0]];
    expect(of(2)).toEqual([4 + 4 + 4, 0.25, 4.5]);
    expect(of(3)).toEqual([8 + 8 + 8, 0.25, 5.5]);
    expect(of(4)).toEqual([16 + 16, 0.5, 5.5]);
    expect(of(5)).toEqual([32, 1, 5.5]); // row 2, which lies in the next slot, is older
  });

  it('end for an agent when it dies, and go on for the others', () => {
    const buffer = nStep(8);
    buffer.add(batchOf([row(0)]));
    buffer.add(batchOf([row(1, { discount: [0, 1, 1] })]));
    buffer.add(batchOf([row(2, { reward: [1000, 10, 100], discount: [0, 1, 1] })]));
    const seen = table(buffer).get(0)!;
    expect(seen.reward).toEqual([1 + 1, 10 + 5 + 2.5, 100 + 50 + 25]);
    expect(seen.discount).toEqual([0, 0.25, 0.25]);
  });

  it('keep environments apart, in whatever order and number their rows come', () => {
    const buffer = nStep(20);
    buffer.add(batchOf([row(0, { env: 7 }), row(1, { env: 3 })]));
    buffer.add(batchOf([row(2, { env: 3 })]));
    buffer.add(batchOf([row(3, { env: 3 }), row(4, { env: 7 }), row(5, { env: 0 })]));
    const ends = (id: number) => table(buffer).get(id)!.ends[0];
    expect([0, 1, 2, 3, 4, 5].map(ends)).toEqual([4.5, 3.5, 3.5, 3.5, 4.5, 5.5]);
  });

  it('do not reach over a cut', () => {
    const buffer = nStep(8);
    buffer.add(batchOf([row(0)]));
    buffer.add(batchOf([row(1)]));
    buffer.cut();
    buffer.add(batchOf([row(2)]));
    const seen = table(buffer);
    expect([0, 1, 2].map((id) => seen.get(id)!.ends[0])).toEqual([1.5, 1.5, 2.5]);
    expect([0, 1, 2].map((id) => seen.get(id)!.discount[0])).toEqual([0.5, 1, 1]);
  });

  it('are what a naive model says: any capacity, environments, endings, deaths, cuts and saves', () => {
    const step = fc.record({
      env: fc.nat({ max: 3 }),
      last: fc.constantFrom(0, 0, 0, 1),
      discount: fc.tuple(...([0, 1, 2] as const).map(() => fc.constantFrom(1, 1, 1, 0, 0.5))),
    });
    const act = fc.oneof(
      { weight: 8, arbitrary: fc.uniqueArray(step, { minLength: 1, maxLength: 3, selector: ({ env }) => env }) },
      { weight: 1, arbitrary: fc.constantFrom('cut' as const, 'save' as const, 'clear' as const) },
    );
    fc.assert(
      fc.property(
        fc.integer({ min: 3, max: 25 }),
        fc.integer({ min: 1, max: 5 }),
        fc.array(act, { maxLength: 40 }),
        fc.boolean(),
        fc.integer(),
        (capacity, steps, acts, ranked, seed) => {
          const make = () =>
            replay(groups, { capacity, steps, discount: 0.9, ...(ranked && { sampler: prioritised() }) });
          let buffer = make();
          let model: (Row & { readonly episode: string })[] = [];
          const episode: Record<number, number> = {};
          let [id, cuts] = [0, 0];
          const stream = rng(seed);
          for (const one of acts) {
            if (one === 'cut') {
              buffer.cut();
              cuts += 1;
            } else if (one === 'clear') {
              buffer.clear();
              model = [];
              cuts += 1;
            } else if (one === 'save') {
              const saved = structuredClone(buffer.save!());
              buffer = make();
              buffer.load!(saved);
            } else {
              const rows = one.map(({ env, last, discount }): Row => {
                const reward = [stream.normal(), stream.normal(), stream.normal()] as const;
                return { id: id++, env, last, discount: discount as unknown as Row['discount'], reward };
              });
              buffer.add(batchOf(rows));
              for (const added of rows) {
                const number = (episode[added.env] ??= 0);
                model.push({ ...added, episode: `${added.env} ${number} ${cuts}` });
                episode[added.env] = number + added.last;
              }
              model = model.slice(-capacity);
            }
          }
          expect(buffer.size).toBe(model.length);
          if (model.length === 0) return;
          for (const drawn of drawnBy(buffer.sample(60, stream))) {
            const begin = model.findIndex(({ id }) => id === drawn.id);
            const window = model
              .slice(begin)
              .filter((later) => later.episode === model[begin]!.episode)
              .slice(0, steps);
            const [reward, worth] = [
              [0, 0, 0],
              [1, 1, 1],
            ];
            window.forEach((later, k) => {
              for (let i = 0; i < 3; i++) {
                if (k > 0) worth[i]! *= 0.9;
                reward[i]! += worth[i]! * Math.fround(later.reward[i]!);
                worth[i]! *= later.discount[i]!;
              }
            });
            drawn.reward.forEach((value, i) => expect(value).toBeCloseTo(reward[i]!, 5));
            drawn.discount.forEach((value, i) => expect(value).toBeCloseTo(worth[i]!, 6));
            const end = window.at(-1)!;
            expect([drawn.ends[0], drawn.ends[2], drawn.last]).toEqual([end.id + 0.5, end.id + 0.5, end.last]);
            expect([drawn.env, drawn.same[3]]).toEqual([end.env, drawn.id]);
          }
        },
      ),
      { numRuns: 150 },
    );
  });

  it('continue bit for bit after save and load in the middle of an episode', () => {
    const make = () => replay(groups, { capacity: 6, steps: 3, discount: 0.9, sampler: prioritised() });
    const [whole, other] = [make(), make()];
    for (let id = 0; id < 8; id++) whole.add(batchOf([row(id), row(id + 100, { env: 1 })]));
    other.load!(structuredClone(whole.save!()));
    for (const one of [whole, other]) for (let id = 8; id < 10; id++) one.add(batchOf([row(id)]));
    expect(drawnBy(other.sample(40, rng(1)))).toEqual(drawnBy(whole.sample(40, rng(1))));
    expect(other.save!()).toEqual(whole.save!());
    const { ends } = table(whole).get(7)!;
    expect(ends[0]).toBe(9.5); // the episode went on across the save
  });

  it('want to know the discount, and refuse what was saved without them', () => {
    expect(() => replay(groups, { capacity: 4, steps: 3 })).toThrow(
      'replay: expected discount in [0, 1], the γ of the learner, as steps is 3, got undefined',
    );
    expect(() => replay(groups, { capacity: 4, steps: 0, discount: 0.9 })).toThrow(
      'replay: expected steps to be an integer >= 1, got 0',
    );
    const single = replay(groups, { capacity: 4 });
    single.add(batchOf([row(0)]));
    expect(() => nStep(4).load!(single.save!())).toThrow(
      'replay.load: expected what a buffer of several steps saved, got what a buffer of single rows saved',
    );
  });
});
