import { replay } from '@troupe/buffers';
import { chain, loop, tabularWorld, valueIteration } from '@troupe/classic-control';
import { box, discrete, multiDiscrete, offPolicy, rng } from '@troupe/core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { fitted, linearQ, tabularQ, type LinearState } from '../src/index.js';
import { batchOf, type RowOf } from './rows.js';

const CLOCK = { steps: 0, total: 1 };
const weightsOf = (state: LinearState): Float64Array => state.groups['agent']!.weights.data;
const solo = (states: number, choices: number) => ({
  agent: { agents: ['agent'] as const, observation: box([states]), action: discrete(choices) },
});
const distance = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((most, x, i) => Math.max(most, Math.abs(x - b[i]!)), 0);

/** Tables as [S, A], as solvers give them; ours are [A, S]. */
const byState = (weights: Float64Array, states: number, choices: number): number[] =>
  Array.from({ length: states * choices }, (_, i) => weights[(i % choices) * states + Math.floor(i / choices)]!);

describe('fitted Q-iteration on tables', () => {
  const game = chain();
  const groups = tabularWorld(game).groups;
  const { q } = valueIteration(game, { discount: 0.9 });
  /** Ten rows of every state and choice, nine as intended: the data are the model. */
  const everything = batchOf(
    groups,
    Array.from({ length: 4 }, (_, s) => [0, 1].map((a) => [s, a] as const)).flat().flatMap(([s, action]) =>
      Array.from({ length: 10 }, (_, k): RowOf => {
        const next = (action === 1) === k < 9 ? s + 1 : Math.max(0, s - 1);
        return { seen: s, action, reward: next === 4 ? 1 : next === 0 ? 0.1 : 0, next, discount: next === 4 ? 0 : 1 };
      }),
    ), // prettier-ignore
  );
  const learner = tabularQ(groups, { discount: 0.9, fit: 'exact' });
  const own = (state: LinearState): number[] => byState(weightsOf(state), 5, 2);

  it('is value iteration: Q* of the chain to 1e-6', async () => {
    let state: LinearState | undefined;
    for await (const progress of fitted({ learner, data: everything, rng: rng(0), updates: 200 }))
      state = progress.state;
    expect(distance(own(state!), q)).toBeLessThan(1e-6);
    expect(own(state!).slice(0, 8)).toEqual(
      [0.898154, 0.816677, 0.896103, 0.798218, 0.813917, 0.873314, 0.807384, 0.978598].map(
        (x) => expect.closeTo(x, 5) as number,
      ),
    );
  });

  it('comes nearer by γ or more in every sweep', async () => {
    const random = learner.init(rng(0));
    rng(1).fillNormal(weightsOf(random));
    random.groups['agent']!.target.data.set(weightsOf(random));
    let before = distance(own(random), q);
    const sweeps: number[] = [];
    for await (const { state } of fitted({ learner, data: everything, rng: rng(0), updates: 30, state: random })) {
      const now = distance(own(state).slice(0, 8), q.subarray(0, 8));
      sweeps.push(now / before);
      before = now;
    }
    expect(Math.max(...sweeps)).toBeLessThanOrEqual(0.9 + 1e-9);
    expect(Math.max(...sweeps)).toBeGreaterThan(0.5);
  });

  it('keeps the target of a sweep where regressions are several', async () => {
    // the second regression of a pair sees the same target: nothing changes
    const pairs = tabularQ(groups, { discount: 0.9, fit: 'exact', targetEvery: 2 });
    const seen: number[][] = [];
    for await (const { state } of fitted({ learner: pairs, data: everything, rng: rng(0), updates: 4 })) {
      seen.push(own(state));
    }
    expect(seen[1]).toEqual(seen[0]);
    expect(seen[2]).not.toEqual(seen[1]);
    expect(seen[3]).toEqual(seen[2]);
  });
});

describe('tabular Q-learning', () => {
  it('makes the step of Watkins', async () => {
    // Q(0, 1) = 0 → 0.5 · (1 + 0.9 · max(2, 3) − 0) = 1.85
    const groups = solo(2, 2);
    const learner = tabularQ(groups, { learningRate: 0.5, discount: 0.9 });
    const state = learner.init(rng(0));
    for (const array of ['weights', 'target'] as const) state.groups['agent']![array].data.set([0, 2, 0, 3]);
    const row = batchOf(groups, [{ seen: 0, action: 1, reward: 1, next: 1 }]);
    const [next, metrics, error] = await learner.update(state, row, rng(0), CLOCK);
    expect([...weightsOf(next)]).toEqual([0, 2, expect.closeTo(1.85, 12), 3]);
    expect(metrics['error']).toBeCloseTo(3.7, 12);
    expect([...error!.data]).toEqual([expect.closeTo(3.7, 6)]);
  });

  it('finds Q* of the chain by itself, online, one row at a time', async () => {
    const game = chain();
    const env = tabularWorld(game, { numEnvs: 1, maxSteps: 20 });
    const learner = tabularQ(env.groups, { discount: 0.9, learningRate: 1, visitPower: 0.7, epsilonEnd: 1 });
    const run = { env, learner, buffer: replay(env.groups, { capacity: 1 }), rng: rng(3), batchSize: 1 };
    let state: LinearState | undefined;
    for await (const progress of offPolicy({ ...run, steps: 60_000 })) state = progress.state;
    const { q } = valueIteration(game, { discount: 0.9 });
    expect(distance(byState(weightsOf(state!), 5, 2), q)).toBeLessThan(0.05);
  });

  it('takes a cut by the clock for what it is: V = 10, and 3.5714 where cuts are endings', async () => {
    const groups = tabularWorld(loop()).groups;
    const steps = (cut: number) =>
      Array.from({ length: 5 }, (_, k): RowOf => {
        const last = k === 4 ? 1 : 0;
        return { seen: 0, action: 0, reward: 1, next: 0, last, discount: last ? cut : 1 };
      });
    const worth = async (cut: number): Promise<number> => {
      const learner = tabularQ(groups, { discount: 0.9, fit: 'exact' });
      const run = { learner, data: batchOf(groups, steps(cut)), rng: rng(0), updates: 400 };
      let value = NaN;
      for await (const { state } of fitted(run)) value = weightsOf(state)[0]!;
      return value;
    };
    expect(await worth(1)).toBeCloseTo(10, 6);
    expect(await worth(0)).toBeCloseTo(1 / (1 - 0.9 * 0.8), 6);
  });

  it.each([
    [discrete(3), 2, 2, 3],
    [multiDiscrete(2, 3), [1, 2], 5, 6],
    [box([4]), [0, 0, 1, 0], 2, 4],
  ] as const)('names the states of %j', async (observation, seen, state, count) => {
    const groups = { agent: { agents: ['agent'], observation, action: discrete(1) } } as const;
    const learner = tabularQ(groups, { learningRate: 1 });
    const width = [seen].flat().length;
    const shape = observation.kind === 'discrete' ? [1, 1] : [1, 1, width];
    const array = ndarray(Float32Array.from([seen].flat()), shape);
    const batch = batchOf(solo(1, 1), [{ seen: 0, action: 0, reward: 7, next: 0, discount: 0 }]);
    const { agent } = batch.groups;
    const given = { ...batch, groups: { agent: { ...agent, observation: array, next: { ...agent.next, observation: array } } } }; // prettier-ignore
    const [next] = await learner.update(learner.init(rng(0)), given, rng(0), CLOCK);
    expect([...weightsOf(next)]).toEqual(Array.from({ length: count }, (_, s) => (s === state ? 7 : 0)));
  });

  it('bootstraps from permitted choices only, and leaves rows of inactive agents alone', async () => {
    const groups = solo(2, 2);
    const learner = tabularQ(groups, { learningRate: 1, discount: 1 });
    const state = learner.init(rng(0));
    for (const array of ['weights', 'target'] as const) state.groups['agent']![array].data.set([0, 2, 0, 3]);
    const rows: RowOf[] = [
      { seen: 0, action: 0, reward: 0, next: 1, nextLegal: [1, 0] },
      { seen: 0, action: 1, reward: 50, next: 1, nextLegal: [1, 1], active: 0 },
    ];
    const [next, metrics] = await learner.update(state, batchOf(groups, rows), rng(0), CLOCK);
    expect([...weightsOf(next)]).toEqual([2, 2, 0, 3]);
    expect(metrics['error']).toBe(2);
  });

  it('refuses a state that was consumed, and states that there are not', async () => {
    const groups = solo(2, 2);
    const learner = tabularQ(groups);
    const state = learner.init(rng(0));
    const row = batchOf(groups, [{ seen: 0, action: 1, reward: 1, next: 1 }]);
    await learner.update(state, row, rng(0), CLOCK);
    expect(() => learner.update(state, row, rng(0), CLOCK)).toThrow('tabularQ: expected a state that no update has consumed'); // prettier-ignore
    const named = tabularQ(groups, { states: { count: 2, of: () => 2 } });
    expect(() => named.update(named.init(rng(0)), row, rng(0), CLOCK)).toThrow('tabularQ: expected a state in [0, 2), got 2'); // prettier-ignore
    const real = { agent: { agents: ['agent'], observation: box([1]), action: multiDiscrete(2, 2) } } as const;
    expect(() => tabularQ(real as never)).toThrow("tabularQ: expected group 'agent' to make one choice of n (discrete), got multiDiscrete"); // prettier-ignore
  });
});

describe('overestimation', () => {
  const S = 20_000;
  /** Mean of what S states are worth by a next state whose n values are standard normal noise around 0. */
  const bias = async (n: number, double: boolean): Promise<readonly [mean: number, error: number]> => {
    const groups = solo(1, n);
    const learner = tabularQ({ agent: { ...groups.agent, observation: discrete(2 * S) } }, {
      discount: 1,
      learningRate: 1,
      double,
    }); // prettier-ignore
    const state = learner.init(rng(0));
    const { target } = state.groups['agent']!;
    rng(n).fillNormal(target.data);
    const rows = Array.from({ length: S }, (_, s): RowOf => ({ seen: s, action: 0, reward: 0, next: S + s }));
    const batch = batchOf({ agent: { ...groups.agent, observation: discrete(2 * S) } }, rows);
    const [next] = await learner.update(state, batch, rng(5), CLOCK);
    const tables = next.groups['agent']!.weights.data;
    // Of two tables, one has learnt from each row; what has not is 0 still.
    const found = Array.from({ length: S }, (_, s) => tables[s]! + (double ? tables[n * 2 * S + s]! : 0));
    const mean = found.reduce((a, b) => a + b) / S;
    const deviation = Math.sqrt(found.reduce((sum, x) => sum + (x - mean) ** 2, 0) / S);
    return [mean, deviation / Math.sqrt(S)];
  };

  it.each([
    [2, 0.56419],
    [5, 1.16296],
    [10, 1.53875],
  ])('of %i choices is that of the largest of so many normal numbers, and none with two estimates', async (n, most) => {
    const [single, singleError] = await bias(n, false);
    expect(Math.abs(single - most)).toBeLessThan(3.5 * singleError);
    const [double, doubleError] = await bias(n, true);
    expect(Math.abs(double)).toBeLessThan(3.5 * doubleError);
  });

  it('at the roulette: steps of Q-learning win what nobody wins, those of double Q-learning under a fifth of it', async () => {
    const groups = solo(1, 10);
    const win = async (double: boolean): Promise<number> => {
      const learner = tabularQ(groups, { discount: 0.99, learningRate: 0.1, double });
      const stream = rng(1);
      let state = learner.init(rng(0));
      let sum = 0;
      for (let k = 0; k < 6000; k++) {
        const row = { seen: 0, action: stream.int(10), reward: stream.normal(), next: 0 };
        [state] = await learner.update(state, batchOf(groups, [row]), stream, CLOCK);
        if (k < 3000) continue;
        const w = weightsOf(state);
        const q = Array.from({ length: 10 }, (_, a) => (double ? (w[a]! + w[10 + a]!) / 2 : w[a]!));
        sum += q.reduce((a, b) => a + b) / 10 / 3000;
      }
      return sum;
    };
    const single = await win(false);
    expect(single).toBeGreaterThan(5);
    expect(await win(true)).toBeLessThan(0.2 * single);
  });
});

describe('linear values', () => {
  const groups = solo(1, 1);
  const phi = (seen: Float32Array) => [seen[0]!];
  const twoStates = batchOf(groups, [{ seen: [1], action: 0, reward: 0, next: [2] }]);

  it('diverge with semi-gradient steps where they must: w, 2w', async () => {
    // each step multiplies w by 1 + α (2γ − 1)
    const learner = linearQ(groups, { size: 1, features: phi, discount: 0.9, learningRate: 0.1 });
    let state = learner.init(rng(0));
    weightsOf(state)[0] = 1;
    state.groups['agent']!.target.data[0] = 1;
    for (let k = 1; k <= 200; k++) {
      [state] = await learner.update(state, twoStates, rng(0), CLOCK);
      if (k === 3) expect(weightsOf(state)[0]).toBeCloseTo((1 + 0.1 * 0.8) ** 3, 12);
    }
    expect(weightsOf(state)[0]).toBeGreaterThan(1e6);
  });

  it('find the ridge solution in closed form', async () => {
    // features (1, x); y = 1, 3 at x = 0, 1 by hand: (F′F + λI) w = F′y with λ = 1 → [[3, 1], [1, 2]] w = (4, 3) → (1, 1)
    const pair = solo(1, 1);
    const learner = linearQ(pair, { size: 2, features: (seen) => [1, seen[0]!], fit: 'exact', ridge: 1 });
    const rows: RowOf[] = [
      { seen: [0], action: 0, reward: 1, next: [0], discount: 0 },
      { seen: [1], action: 0, reward: 3, next: [0], discount: 0 },
    ];
    const [state] = await learner.update(learner.init(rng(0)), batchOf(pair, rows), rng(0), CLOCK);
    expect([...weightsOf(state)]).toEqual([expect.closeTo(1, 12), expect.closeTo(1, 12)]);
  });

  it('say so where features depend on each other', () => {
    const learner = linearQ(groups, { size: 2, features: (seen) => [seen[0]!, 2 * seen[0]!], fit: 'exact' });
    expect(() => learner.update(learner.init(rng(0)), twoStates, rng(0), CLOCK)).toThrow(
      'linearQ: expected features that are independent on the 1 rows, or ridge > 0',
    );
  });
});
