import {
  box,
  defineEnv,
  discrete,
  hybrid,
  multiDiscrete,
  rng,
  vectorize,
  type Batch,
  type Groups,
  type Streamed,
} from '@troupe/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { copyBatch, replay, type Replay, type SavedColumn, type SavedReplay } from '../src/index.js';
import { makeRows, rowsOf, type Made } from './model.js';

const groups = {
  chasers: { agents: ['c0', 'c1', 'c2'], observation: box([4]), action: box([2]) },
  runners: { agents: { max: 2 }, observation: box([3, 1]), action: discrete(5) },
  heads: { agents: ['h'], observation: discrete(7), action: multiDiscrete(2, 3) },
  games: { agents: ['g'], observation: multiDiscrete(2, 2), action: hybrid(box([2]), multiDiscrete(3)) },
} as const satisfies Groups;
const full: Made = { legal: true, state: [3, 2], extras: { logProbability: [3], memory: [3, 5] } };

const never = (): never => {
  throw new Error('not to be called');
};
const strings = (batch: Batch<Groups>) =>
  rowsOf(batch).map((row) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1))));

/** Samples until every slot was seen, and returns the rows that were seen. */
const contents = (buffer: Replay<typeof groups>) => {
  const seen = new Set<string>();
  const stream = rng(99);
  for (let k = 0; k < 4; k++) for (const row of strings(buffer.sample(64, stream))) seen.add(row);
  return seen;
};

describe('replay', () => {
  it('holds the last rows, exactly as they were shown, like a naive model (any capacity, any adds, any strides)', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 12 }),
        fc.array(fc.tuple(fc.nat({ max: 12 }), fc.boolean()), { minLength: 1, maxLength: 6 }),
        fc.boolean(),
        fc.integer(),
        (capacity, adds, optional, seed) => {
          const stream = rng(seed);
          const buffer = replay(groups, { capacity });
          let model: string[] = [];
          for (const [rows, strided] of adds) {
            const batch = makeRows(groups, Math.min(rows, capacity), stream, { ...(optional && full), strided });
            buffer.add(batch);
            model = [...model, ...strings(batch)].slice(-capacity);
            expect(buffer.size).toBe(model.length);
          }
          if (model.length === 0) return;
          expect(contents(buffer)).toEqual(new Set(model));
        },
      ),
      { numRuns: 30 },
    );
  });

  it('copies: what is done to the rows afterwards does not reach it', () => {
    const buffer = replay(groups, { capacity: 4 });
    const batch = makeRows(groups, 4, rng(0));
    const before = new Set(strings(batch));
    buffer.add(batch);
    batch.groups.chasers.observation.data.fill(0);
    batch.last.fill(7);
    expect(contents(buffer)).toEqual(before);
  });

  it('keeps many chunks apart: every one of 70,000 wide rows comes back whole', () => {
    const wide = { g: { agents: ['a'], observation: box([64]), action: box([1]) } } as const;
    const buffer = replay(wide, { capacity: 70_000 });
    const batch = makeRows(wide, 1000, rng(0));
    const { observation, next, reward, action } = batch.groups.g;
    for (let k = 0; k < 75; k++) {
      for (let b = 0; b < 1000; b++) {
        const id = k * 1000 + b;
        observation.data.fill(id, b * 64, (b + 1) * 64);
        next.observation.data.fill(-id, b * 64, (b + 1) * 64);
        reward.data[b] = action.data[b] = id;
        batch.env[b] = id;
      }
      buffer.add(batch);
    }
    expect(buffer.size).toBe(70_000);
    const drawn = buffer.sample(20_000, rng(1));
    for (let b = 0; b < 20_000; b++) {
      const id = drawn.env[b]!;
      expect(id >= 5000 && id < 75_000).toBe(true);
      const g = drawn.groups.g;
      const ok =
        g.reward.data[b] === id &&
        g.action.data[b] === id &&
        g.observation.data.subarray(b * 64, (b + 1) * 64).every((x) => x === id) &&
        g.next.observation.data.subarray(b * 64, (b + 1) * 64).every((x) => x === -id);
      if (!ok) expect.fail(`row ${b} of environment ${id} is not whole`);
    }
  });

  it('draws uniformly: chi-square of 200,000 draws of 200 rows', () => {
    const one = { g: { agents: ['a'], observation: box([1]), action: discrete(2) } } as const;
    const buffer = replay(one, { capacity: 200 });
    const batch = makeRows(one, 200, rng(0));
    batch.env.forEach((_, b, env) => (env[b] = b));
    buffer.add(batch);
    const counts = new Float64Array(200);
    const stream = rng(5);
    for (let k = 0; k < 200; k++) for (const id of buffer.sample(1000, stream).env) counts[id]! += 1;
    const chiSquare = counts.reduce((sum, n) => sum + (n - 1000) ** 2 / 1000, 0);
    // 199 degrees of freedom: mean 199, standard deviation 19.9; within 4 of them
    expect(chiSquare).toBeGreaterThan(199 - 80);
    expect(chiSquare).toBeLessThan(199 + 80);
  });

  it('the same stream gives the same draws, and what is drawn depends on nothing else', () => {
    const [a, b] = [0, 1].map(() => replay(groups, { capacity: 50 })) as [Replay<typeof groups>, Replay<typeof groups>];
    const batch = makeRows(groups, 50, rng(0), full);
    a.add(batch);
    b.add(copyBatch(batch));
    b.sample(7, rng(8));
    expect(strings(a.sample(20, rng(3)))).toEqual(strings(b.sample(20, rng(3))));
    expect(strings(a.sample(20, rng(3)))).not.toEqual(strings(b.sample(20, rng(4))));
  });

  it('uses its arrays again for as many rows, and leaves them alone for another number of rows', () => {
    const buffer = replay(groups, { capacity: 50 });
    buffer.add(makeRows(groups, 50, rng(0)));
    const stream = rng(1);
    const first = buffer.sample(8, stream);
    const kept = strings(first);
    expect(buffer.sample(9, stream)).not.toBe(first);
    expect(strings(first)).toEqual(kept);
    expect(buffer.sample(8, stream)).toBe(first);
  });

  it('shows contiguous arrays of the shapes of the contract, with one state for all groups', () => {
    const buffer = replay(groups, { capacity: 5 });
    buffer.add(makeRows(groups, 5, rng(0), full));
    const { groups: g, last, env } = buffer.sample(6, rng(1));
    expect(g.chasers.observation.shape).toEqual([6, 3, 4]);
    expect(g.runners.observation.shape).toEqual([6, 2, 3, 1]);
    expect(g.runners.action.shape).toEqual([6, 2]);
    expect(g.runners.action.data).toBeInstanceOf(Int32Array);
    expect(g.heads.action.shape).toEqual([6, 1, 2]);
    expect(g.games.action.shape).toEqual([6, 1, 3]);
    expect(g.games.action.data).toBeInstanceOf(Float32Array);
    expect(g.heads.legal!.shape).toEqual([6, 1, 5]);
    expect(g.chasers.extras['memory']!.shape).toEqual([6, 3, 5]);
    expect(g.chasers.state!.shape).toEqual([6, 3, 2]);
    expect(g.runners.state).toBe(g.chasers.state);
    expect(g.runners.next.state).toBe(g.chasers.next.state);
    expect(g.runners.next.state).not.toBe(g.chasers.state);
    expect([last.length, env.length]).toEqual([6, 6]);
  });

  it('stores state once, not once per group', () => {
    const [bare, stated] = [{}, { state: [100] }].map((made) => {
      const buffer = replay(groups, { capacity: 5 });
      buffer.add(makeRows(groups, 5, rng(0), made));
      return buffer.bytesPerRow;
    });
    expect(stated! - bare!).toBe(2 * 400);
  });

  it('fills out instead, wherever its arrays lie, and leaves the own arrays alone', () => {
    const buffer = replay(groups, { capacity: 30 });
    buffer.add(makeRows(groups, 30, rng(0), full));
    const own = copyBatch(buffer.sample(10, rng(1)));
    const out = copyBatch(buffer.sample(10, rng(2)));
    // one column on an odd word: no room for two floats at a time
    const odd = ndarray(new Float32Array(10 * 12 + 1), [10, 3, 4], [12, 4, 1], 1);
    const moved = { ...out, groups: { ...out.groups, chasers: { ...out.groups.chasers, observation: odd } } };
    expect(buffer.sample(10, rng(1), undefined, moved)).toBe(moved);
    expect(strings(moved)).toEqual(strings(own));
    expect(odd.data[0]).toBe(0);
  });

  it('takes an environment or its groups, even groups with a group named groups', () => {
    const env = { groups };
    expect(replay(env, { capacity: 3 }).capacity).toBe(3);
    const vec = vectorize(
      () => defineEnv({ groups: { g: groups.chasers }, reset: () => never(), step: () => never() }),
      { numEnvs: 1 },
    );
    expectTypeOf(replay(vec, { capacity: 3 })).toEqualTypeOf<Replay<(typeof vec)['groups']>>();
    expectTypeOf(replay(vec.groups, { capacity: 3 })).toEqualTypeOf<Replay<(typeof vec)['groups']>>();
    // @ts-expect-error a buffer made for other groups
    expectTypeOf(replay(vec, { capacity: 3 })).toExtend<Replay<typeof groups>>();
    const odd = { groups: { agents: ['a'], observation: box([1]), action: discrete(2) } } as const;
    const buffer = replay(odd, { capacity: 2 });
    buffer.add(makeRows(odd, 2, rng(0)));
    expect(buffer.sample(2, rng(0)).groups['groups']!.observation.shape).toEqual([2, 1, 1]);
  });

  it('counts its capacity in bytes when asked to', () => {
    const buffer = replay(groups, { capacity: { bytes: 100_000 } });
    expect(buffer.capacity).toBe(0);
    buffer.add(makeRows(groups, 4, rng(0)));
    expect(buffer.capacity).toBe(Math.floor(100_000 / buffer.bytesPerRow));
  });
});

describe('replay: save and load', () => {
  it('continue bit for bit: the same rows in the same slots, before and after the ring is full', () => {
    for (const rows of [3, 17]) {
      const stream = rng(rows);
      const buffer = replay(groups, { capacity: 10 });
      for (let k = 0; k < rows; k++) buffer.add(makeRows(groups, 1, stream, full));
      const saved = structuredClone(buffer.save!());
      const other = replay(groups, { capacity: 10 });
      other.load!(saved);
      const more = makeRows(groups, 4, stream, full);
      for (const one of [buffer, other]) one.add(more);
      expect(other.size).toBe(buffer.size);
      expect(strings(other.sample(50, rng(1)))).toEqual(strings(buffer.sample(50, rng(1))));
      expect(other.save!()).toEqual(buffer.save!());
    }
  });

  it('are trimmed to the rows that there are, and owned', () => {
    const buffer = replay(groups, { capacity: 1000 });
    const batch = makeRows(groups, 3, rng(0));
    buffer.add(batch);
    const saved = buffer.save!() as { columns: { path: string[]; shape: number[]; data: Float32Array }[] };
    const one = saved.columns.find(({ path }) => path.join() === 'groups,chasers,observation')!;
    expect(one.shape).toEqual([3, 3, 4]);
    expect(one.data).toEqual(batch.groups.chasers.observation.data);
    buffer.add(makeRows(groups, 1000, rng(1)));
    expect(one.data).toEqual(batch.groups.chasers.observation.data);
  });

  it.each([3, 9000])('what is lent adds up to what save copies: %d rows added', (rows) => {
    const buffer = replay(groups, { capacity: 5000 });
    const some = makeRows(groups, 3, rng(rows), full);
    for (let k = 0; k < rows; k += 3) buffer.add(some);
    buffer.add(makeRows(groups, 1, rng(1), full));
    const [lent, whole] = [buffer.lend!() as SavedReplay<Streamed>, buffer.save!() as SavedReplay];
    expect(lent).toMatchObject({ kind: 'replay', capacity: 5000, size: whole.size, cursor: whole.cursor });
    const bytes = ({ buffer: memory, byteOffset, byteLength }: ArrayBufferView) =>
      new Uint8Array(memory, byteOffset, byteLength);
    whole.columns.forEach(({ path, shape, data }, c) => {
      const column = lent.columns[c]!;
      expect([column.path, column.shape, column.data.shape]).toEqual([path, shape, shape]);
      expect(column.data.kind).toBe(data.constructor.name);
      // Pieces share their memory: each is copied before the next one is asked for.
      const read = Array.from(column.data.pieces(), (piece) => bytes(piece).slice()).reduce((all, piece) => {
        const longer = new Uint8Array(all.length + piece.length);
        longer.set(all);
        longer.set(piece, all.length);
        return longer;
      });
      const expected = bytes(data);
      expect(read).toHaveLength(expected.length);
      expect(read.every((byte, i) => byte === expected[i])).toBe(true); // vitest takes minutes to compare so many
    });
  });

  it('refuse to read what was lent once rows were added or loaded', () => {
    const buffer = replay(groups, { capacity: 4 });
    buffer.add(makeRows(groups, 4, rng(0)));
    const changed: readonly (() => void)[] = [
      () => buffer.add(makeRows(groups, 1, rng(1))),
      () => buffer.load!(buffer.save!()),
    ];
    for (const change of changed) {
      const [{ data }] = (buffer.lend!() as SavedReplay<Streamed>).columns as [SavedColumn<Streamed>];
      buffer.sample(3, rng(2)); // changes nothing
      expect([...data.pieces()]).toHaveLength(1);
      change();
      expect(() => [...data.pieces()]).toThrow('replay.lend: expected to be read before the buffer changes');
    }
  });

  it('work for an empty buffer', () => {
    expect(replay(groups, { capacity: 4 }).lend!()).toEqual(replay(groups, { capacity: 4 }).save!());
    const buffer = replay(groups, { capacity: 4 });
    buffer.add(makeRows(groups, 4, rng(0)));
    buffer.load!(replay(groups, { capacity: 4 }).save!());
    expect(buffer.size).toBe(0);
    buffer.add(makeRows(groups, 2, rng(0), full));
    expect(buffer.size).toBe(2);
  });

  it('refuse what is not theirs', () => {
    const buffer = replay(groups, { capacity: 4 });
    buffer.add(makeRows(groups, 4, rng(0)));
    const saved = buffer.save!();
    expect(() => buffer.load!({})).toThrow('replay.load: expected what save of a replay buffer gave');
    expect(() => replay(groups, { capacity: 5 }).load!(saved)).toThrow('expected a capacity of 5 rows, got 4');
    const { chasers } = groups;
    expect(() => replay({ chasers }, { capacity: 4 }).load!(saved)).toThrow(
      'expected columns of the groups chasers, got groups.runners',
    );
    const taller = { ...groups, chasers: { ...chasers, observation: box([5]) } };
    expect(() => replay(taller, { capacity: 4 }).load!(saved)).toThrow(
      'replay.load: groups.chasers.observation: expected float32 [4, 3, 5], got float32 [4, 3, 4]',
    );
  });
});

describe('replay: refusals', () => {
  const buffer = () => {
    const made = replay(groups, { capacity: 8 });
    made.add(makeRows(groups, 4, rng(0), full));
    return made;
  };
  const good = () => makeRows(groups, 4, rng(1), full);

  it.each([0, -1, 1.5, NaN, Infinity, { bytes: 0 }])('capacity %j', (capacity) => {
    expect(() => replay(groups, { capacity })).toThrow('replay: expected capacity to be an integer >= 1');
  });

  it('less memory than one row takes', () => {
    expect(() => replay(groups, { capacity: { bytes: 10 } }).add(good())).toThrow(
      /room for at least one row of \d+ bytes, got 10/,
    );
  });

  it('sampling from an empty buffer, and fewer than one row', () => {
    expect(() => replay(groups, { capacity: 8 }).sample(1, rng(0))).toThrow(
      'replay.sample: expected a buffer with rows, got an empty one',
    );
    for (const rows of [0, -1, 1.5]) {
      expect(() => buffer().sample(rows, rng(0))).toThrow(
        `replay.sample: expected count to be an integer >= 1, got ${rows}`,
      );
    }
  });

  it('rows of other groups, from the first on', () => {
    expect(() => replay({ others: groups.chasers }, { capacity: 8 }).add(good() as never)).toThrow(
      "replay.add: expected the groups others, got none named 'others'",
    );
  });

  it('more rows than the capacity', () => {
    expect(() => buffer().add(makeRows(groups, 9, rng(0), full))).toThrow(
      'replay.add: expected at most 8 rows (the capacity), got 9',
    );
  });

  const broken: readonly [string, (batch: Batch<typeof groups>) => unknown, string][] = [
    [
      'shape',
      (b) => ({
        ...b,
        groups: { ...b.groups, chasers: { ...b.groups.chasers, reward: ndarray(new Float32Array(4), [4, 1]) } },
      }),
      'groups.chasers.reward: expected float32 [4, 3], got float32 [4, 1]',
    ],
    ['rows', (b) => ({ ...b, env: new Int32Array(3) }), 'env: expected int32 [4], got int32 [3]'],
    [
      'type',
      (b) => ({
        ...b,
        groups: { ...b.groups, runners: { ...b.groups.runners, action: ndarray(new Float32Array(8), [4, 2]) } },
      }),
      'groups.runners.action: expected int32 [4, 2], got float32 [4, 2]',
    ],
    [
      'extras missing',
      (b) => ({ ...b, groups: { ...b.groups, chasers: { ...b.groups.chasers, extras: {} } } }),
      'groups.chasers.extras.logProbability: expected float32 [4, 3], got nothing',
    ],
    [
      'extras added',
      (b) => ({
        ...b,
        groups: {
          ...b.groups,
          heads: { ...b.groups.heads, extras: { ...b.groups.heads.extras, value: b.groups.heads.reward } },
        },
      }),
      "heads: expected the extras of the first rows (logProbability, memory), got 'value' as well",
    ],
    [
      'state missing',
      (b) => ({ ...b, groups: Object.fromEntries(Object.entries(b.groups).map(([k, { state: _, ...g }]) => [k, g])) }),
      'state: expected float32 [4, 3, 2], got nothing',
    ],
    [
      'several states',
      (b) => ({
        ...b,
        groups: { ...b.groups, heads: { ...b.groups.heads, state: ndarray(new Float32Array(24), [4, 3, 2]) } },
      }),
      'heads: expected state to be the same array in every group',
    ],
    [
      'group missing',
      ({ groups: { heads: _, ...g }, ...b }) => ({ ...b, groups: g }),
      "expected the groups chasers, runners, heads, games, got none named 'heads'",
    ],
  ];
  it.each(broken)('%s', (_, breaks, message) => {
    const one = buffer();
    expect(() => one.add(breaks(good()) as never)).toThrow(`replay.add: ${message}`);
    expect(one.size).toBe(4);
    expect(() => one.sample(4, rng(0), undefined, breaks(good()) as never)).toThrow(`replay.sample: out: ${message}`);
  });

  it('masks and state that the first rows had not', () => {
    const bare = replay(groups, { capacity: 8 });
    bare.add(makeRows(groups, 2, rng(0)));
    expect(() => bare.add(makeRows(groups, 2, rng(0), { legal: true }))).toThrow(
      'chasers: expected no legal, as in the first rows, got one',
    );
    expect(() => bare.add(makeRows(groups, 2, rng(0), { state: [1] }))).toThrow(
      'chasers: expected no state, as in the first rows, got one',
    );
  });

  it('out with strides', () => {
    const one = buffer();
    expect(() => one.sample(4, rng(0), undefined, makeRows(groups, 4, rng(0), { ...full, strided: true }))).toThrow(
      'replay.sample: out: groups.chasers.observation: expected contiguous rows in out, got strides',
    );
  });
});
