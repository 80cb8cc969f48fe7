import { rng } from '@troupe/core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import {
  costFrom,
  costOfGain,
  criticalBeta,
  doubleIntegrator,
  finiteRiccati,
  linearBestResponse,
  linearQuadratic,
  linearQuadraticGame,
  noiseCost,
  riccati,
  riccatiGame,
  uprightPendulum,
  type Matrix,
} from '../src/index.js';

const expectClose = (got: Matrix, expected: Matrix, tolerance: number): void => {
  expect(got.map((row) => row.length)).toEqual(expected.map((row) => row.length));
  const worst = Math.max(...expected.flatMap((row, i) => row.map((x, j) => Math.abs(x - got[i]![j]!))));
  expect(worst).toBeLessThanOrEqual(tolerance);
};

// Numbers of oracles.json, "lqr", "lq_game", "alternating_best_response": solved independently with SciPy.
describe('the regulator', () => {
  const solution = riccati(doubleIntegrator, 0.95);

  it('has the costs and gains of the double integrator', () => {
    expectClose(solution.P, [[7.48454116, 2.56518207], [2.56518207, 2.31522457]], 1e-8); // prettier-ignore
    expectClose(solution.K, [[2.24095501, 2.08696547]], 1e-8);
  });

  it('is 1/2 (1 + √5) where everything is 1', () => {
    // P = 1 + P - P²/(1 + P), so P² = P + 1.
    const one = { A: [[1]], B: [[1]], Q: [[1]], R: [[1]] };
    expectClose(riccati(one).P, [[(1 + Math.sqrt(5)) / 2]], 1e-12);
  });

  it('costs what it says, and any other gain more', () => {
    expectClose(costOfGain(doubleIntegrator, solution.K, 0.95)!, solution.P, 1e-10);
    const worse = costOfGain(doubleIntegrator, [[2.3, 2]], 0.95)!;
    expect(costFrom(worse, [1, -2])).toBeGreaterThan(costFrom(solution.P, [1, -2]));
    expect(costOfGain(doubleIntegrator, [[-5, -5]], 0.95)).toBeNull();
  });

  it('is the limit of long finite tasks, whose last action is not worth its price', () => {
    const finite = finiteRiccati(doubleIntegrator, 400, 0.95);
    expect(finite).toHaveLength(400);
    expectClose(finite[0]!.P, solution.P, 1e-8);
    expectClose(finite[399]!.K, [[0, 0]], 0);
    expectClose(finite[399]!.P, doubleIntegrator.Q, 0);
  });

  it('knows what noise costs', () => {
    // One number that forgets itself: the state is the noise, so each later step costs 4 in expectation.
    const forgetful = { A: [[0]], B: [[1]], Q: [[1]], R: [[1]] };
    expect(noiseCost(riccati(forgetful, 0.9).P, [[4]], 0.9)).toBeCloseTo(4 * 9, 10);
  });
});

describe('the game', () => {
  it.each([
    [
      0.3,
      [
        [54.25291248, 12.68780187],
        [12.68780187, 4.12201596],
      ],
      [[23.33706187, 7.56620966]],
      [[-2.59300687, -0.84068996]],
    ],
    [
      0.2,
      [
        [60.47268854, 14.67769071],
        [14.67769071, 4.75876104],
      ],
      [[27.08274658, 8.76480756]],
      [[-6.77068665, -2.19120189]],
    ],
    [
      1,
      [
        [50.80570166, 11.58443002],
        [11.58443002, 3.76877022],
      ],
      [[21.26005644, 6.90124371]],
      [[-0.21260056, -0.06901244]],
    ],
  ])('has its saddle at beta %d', (beta, P, Ku, Kw) => {
    const saddle = riccatiGame({ ...uprightPendulum, beta }, 0.99);
    expectClose(saddle.P, P, 1e-6);
    expectClose(saddle.protagonist, Ku, 1e-7);
    expectClose(saddle.adversary, Kw, 1e-7);
    // Neither side can do better alone.
    expectClose(linearBestResponse({ ...uprightPendulum, beta }, 'protagonist', saddle.adversary, 0.99).K, Ku, 1e-7);
    expectClose(linearBestResponse({ ...uprightPendulum, beta }, 'adversary', saddle.protagonist, 0.99).K, Kw, 1e-7);
  });

  it('is the regulator where disturbing is dear', () => {
    expectClose(riccati(uprightPendulum, 0.99).K, [[21.07698825, 6.84261913]], 1e-7);
    expectClose(riccatiGame({ ...uprightPendulum, beta: 1e5 }, 0.99).protagonist, [[21.07698825, 6.84261913]], 1e-7);
  });

  it('has no saddle below a critical beta', () => {
    expect(criticalBeta(uprightPendulum, 0.99)).toBeCloseTo(0.10591206499892696, 6);
    expect(() => riccatiGame({ ...uprightPendulum, beta: 0.105 }, 0.99)).toThrow(/no|none/);
  });

  it.each([
    [
      0.3,
      [
        [21.077, 6.8426, -2.6695, -0.865],
        [23.346, 7.569, -2.5928, -0.8406],
        [23.337, 7.5662, -2.593, -0.8407],
      ],
    ],
    [
      0.2,
      [
        [21.077, 6.8426, -8.3551, -2.6901],
        [26.9315, 8.7191, -6.7785, -2.1936],
        [27.084, 8.7652, -6.7706, -2.1912],
      ],
    ],
  ])('is approached by alternating best responses at beta %d', (beta, rounds) => {
    const game = { ...uprightPendulum, beta };
    let adversary: Matrix = [[0, 0]];
    for (const [u1, u2, w1, w2] of rounds) {
      const protagonist = linearBestResponse(game, 'protagonist', adversary, 0.99).K;
      adversary = linearBestResponse(game, 'adversary', protagonist, 0.99).K;
      expectClose(protagonist, [[u1!, u2!]], 6e-5);
      expectClose(adversary, [[w1!, w2!]], 6e-5);
    }
  });

  it('makes gains that stand heavier pendulums', () => {
    const masses = [0.5, 1, 2, 3, 4];
    const costs = (K: Matrix) =>
      masses.map((mass) => {
        const heavier = { ...uprightPendulum, B: [[0], [0.02 / mass]] };
        const P = costOfGain(heavier, K, 0.99);
        return P && costFrom(P, [0.1, 0]);
      });
    const near = (expected: readonly (number | null)[]) =>
      expected.map((x) => (x === null ? null : (expect.closeTo(x, 4) as number)));
    expect(costs(riccati(uprightPendulum, 0.99).K)).toEqual(near([0.28856, 0.50502, 2.91758, null, null]));
    const robust = riccatiGame({ ...uprightPendulum, beta: 0.2 }, 0.99).protagonist;
    // At mass 3 the closed loop all but stands still in each step: 74.69 is what the first 1000 steps cost.
    expect(costs(robust)).toEqual(near([0.31518, 0.52432, 1.59481, 417.05685, null]));
    const run = linearQuadratic({ ...uprightPendulum, B: [[0], [0.02 / 3]] }, { maxSteps: 1000 });
    run.reset(rng(0));
    run.setWorldState(0, { values: [0.1, 0] });
    let cost = 0;
    for (let t = 0; t < 1000; t++) {
      const [x, v] = run.worldState(0).values;
      const u = -(robust[0]![0]! * x! + robust[0]![1]! * v!);
      cost -= 0.99 ** t * run.step({ agent: ndarray(new Float64Array([u]), [1, 1, 1]) }).reward.agent.get(0, 0);
    }
    expect(cost).toBeCloseTo(74.69039, 3);
  });
});

it('refuses what does not fit', () => {
  expect(() => riccati({ ...doubleIntegrator, B: [[1]] })).toThrow('riccati: B: expected 2 × 1 finite numbers');
  expect(() => riccati(doubleIntegrator, 0)).toThrow('expected a discount in (0, 1], got 0');
  expect(() => riccati({ ...doubleIntegrator, A: [[2, 0], [0, 2]], B: [[0], [0]] })).toThrow(/no gain stabilises/); // prettier-ignore
  expect(() => riccatiGame({ ...uprightPendulum, beta: -1 })).toThrow('beta to be a finite number > 0, got -1');
  expect(() => criticalBeta(uprightPendulum, 2)).toThrow('criticalBeta: expected a discount in (0, 1], got 2');
  expect(() => criticalBeta(uprightPendulum, 0.99, { low: 1 })).toThrow('expected no saddle at 1 and one at');
  expect(() => costOfGain(doubleIntegrator, [[1]])).toThrow('costOfGain: K: expected 1 × 2 finite numbers');
  expect(() => finiteRiccati(doubleIntegrator, 0.5)).toThrow('expected an integer >= 1 of steps');
});

describe('the worlds', () => {
  const step = (values: readonly number[], actions: Readonly<Record<string, number>>) => {
    const env = linearQuadraticGame({ ...uprightPendulum, beta: 0.3 });
    env.reset(rng(0));
    env.setWorldState(0, { values });
    const one = (x: number) => ndarray(Float64Array.of(x), [1, 1, 1]);
    const taken = env.step({ protagonist: one(actions['u']!), adversary: one(actions['w']!) });
    return { env, taken };
  };

  it('move and pay as the matrices say', () => {
    const { env, taken } = step([2, -1], { u: 3, w: -5 });
    // x' = [2 - 0.02, 0.3924 - 1 + 0.06 - 0.1]; cost 4 + 0.1 + 0.09 - 0.09 · 25.
    const [x, v] = env.worldState(0).values;
    expect([x, v]).toEqual([expect.closeTo(1.98, 12), expect.closeTo(-0.6476, 12)]);
    expect(taken.reward.protagonist.data[0]).toBeCloseTo(-1.94, 6);
    expect(taken.reward.adversary.data[0]).toBeCloseTo(1.94, 6);
    expect([...taken.next.adversary.observation.data]).toEqual([Math.fround(x!), Math.fround(v!)]);
  });

  it('are cut where the state gets too large', () => {
    const { taken } = step([2, 990], { u: 1000, w: 0 });
    expect([taken.last[0], taken.discount.protagonist.data[0]]).toEqual([1, 1]);
    expect(step([2, 990], { u: 0, w: 0 }).taken.last[0]).toBe(0);
  });

  it('cost in many noisy episodes what the equations say', () => {
    // From the origin, 2000 episodes of 200 steps; the rest is worth 0.95^200 of it.
    const deviation = 0.3;
    const env = linearQuadratic(doubleIntegrator, { noise: [0, deviation], start: 0, numEnvs: 2000, maxSteps: 201 });
    const { P, K } = riccati(doubleIntegrator, 0.95);
    env.reset(rng(5));
    const actions = ndarray(new Float64Array(2000), [2000, 1, 1]);
    let cost = 0;
    for (let t = 0; t < 200; t++) {
      for (let e = 0; e < 2000; e++) {
        const [x, v] = env.worldState(e).values;
        actions.data[e] = -(K[0]![0]! * x! + K[0]![1]! * v!);
      }
      const { reward } = env.step({ agent: actions });
      cost -= 0.95 ** t * (reward.agent.data.reduce((a, b) => a + b, 0) / 2000);
    }
    const expected = noiseCost(P, [[0, 0], [0, deviation ** 2]], 0.95); // prettier-ignore
    expect(Math.abs(cost / expected - 1)).toBeLessThan(0.05);
  });

  it('refuse noise and matrices of another size', () => {
    expect(() => linearQuadratic(doubleIntegrator, { noise: [1] })).toThrow(
      'noise: expected a number or 2 numbers, got 1',
    );
    expect(() => linearQuadratic({ ...doubleIntegrator, R: [[1, 2]] })).toThrow('linearQuadratic: R: expected 1 × 1');
    expect(() => linearQuadratic(doubleIntegrator, { noise: -1 })).toThrow('noise: expected a finite number >= 0');
  });
});
