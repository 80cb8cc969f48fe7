import { rng } from '@troupe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  bestResponse,
  bimatrixGame,
  battleOfTheSexes,
  chain,
  chicken,
  choicesIn,
  climbing,
  deterministicPolicy,
  exploitability,
  gridWorld,
  inducedProcess,
  jointProcess,
  loop,
  markovGame,
  matchingPennies,
  minimaxValueIteration,
  nonMonotone,
  normalFormGame,
  penalty,
  policyEvaluation,
  prisonersDilemma,
  pureEquilibria,
  rockPaperScissors,
  soccer,
  stagHunt,
  twoStep,
  uniformPolicies,
  valueIteration,
  zeroSumGame,
  zeroSumNash,
  type MarkovGame,
} from '../src/index.js';

const near = (numbers: ArrayLike<number>, digits = 6) =>
  Array.from(numbers, (x) => expect.closeTo(x, digits) as number);

describe('value iteration', () => {
  it('finds Q* of the chain', () => {
    // oracles.json, "chain_qstar".
    const { q, best } = valueIteration(chain(), { discount: 0.9 });
    expect([...q]).toEqual(
      near([0.898154, 0.816677, 0.896103, 0.798218, 0.813917, 0.873314, 0.807384, 0.978598, 0, 0]),
    );
    expect([...best]).toEqual([0, 0, 1, 1, 0]);
  });

  it('finds the utilities of Russell and Norvig’s grid', () => {
    // Artificial Intelligence: A Modern Approach, figure 17.3; slip 0.1 to each side, undiscounted.
    const { values } = valueIteration(gridWorld(['...G', '.#.P', 'S...'], { slip: 0.2 }), { discount: 1 });
    expect([...values]).toEqual(near([0.812, 0.868, 0.918, 0, 0.762, 0, 0.66, 0, 0.705, 0.655, 0.611, 0.388], 3));
  });

  it('values a loop that is cut every few steps as one that goes on', () => {
    expect(valueIteration(loop(), { discount: 0.9 }).values[0]).toBeCloseTo(10, 9);
  });

  it('finds the joint optimum of teams', () => {
    // Both are paid, so the sum counts everything twice.
    expect(valueIteration(jointProcess(twoStep()), { discount: 0.99 }).start / 2).toBeCloseTo(0.99 * 8, 9);
    expect(valueIteration(jointProcess(climbing()), { discount: 1 })).toMatchObject({ start: 22, best: new Int32Array([0, 0]) }); // prettier-ignore
    expect(valueIteration(jointProcess(nonMonotone()), { discount: 1 }).q.slice(0, 9)).toEqual(
      new Float64Array([16, -24, -24, -24, 0, 0, -24, 0, 0]),
    );
  });

  it('agrees with the evaluation of its own policy, for any process', () => {
    fc.assert(
      fc.property(fc.integer(), fc.double({ min: 0.1, max: 0.95, noNaN: true }), (seed, discount) => {
        const game = randomGame(seed, 5, [3]);
        const { values, best, start } = valueIteration(game, { discount });
        const own = policyEvaluation(game, [deterministicPolicy(best, 3)], { discount });
        for (let s = 0; s < 5; s++) expect(own.values[0]![s]).toBeCloseTo(values[s]!, 8);
        expect(own.start[0]).toBeCloseTo(start, 8);
        const even = policyEvaluation(game, uniformPolicies(game), { discount });
        for (let s = 0; s < 5; s++) expect(even.values[0]![s]).toBeLessThanOrEqual(values[s]! + 1e-9);
      }),
      { numRuns: 30 },
    );
  });

  it('refuses teams, bad discounts, and games without end that are not discounted', () => {
    expect(() => valueIteration(twoStep(), { discount: 0.9 })).toThrow('two-step: expected one player, got 2');
    expect(() => valueIteration(loop(), { discount: 1.1 })).toThrow('expected a discount in (0, 1], got 1.1');
    expect(() => valueIteration(loop(), { discount: 1 })).toThrow('expected values that settle');
    expect(() => policyEvaluation(loop(), uniformPolicies(loop()), { discount: 1 })).toThrow('singular');
  });
});

/** A game with random transitions, rewards and ends. */
const randomGame = (seed: number, states: number, choices: readonly number[], zeroSum = false): MarkovGame => {
  const stream = rng(seed);
  return markovGame({
    name: 'random',
    players: choices.map((_, i) => `player ${i}`),
    states,
    choices,
    outcomes: () => {
      const weights = Array.from({ length: states }, () => stream.uniform() ** 3);
      const sum = weights.reduce((a, b) => a + b, 0);
      return weights.map((weight, next) => {
        const pay = stream.normal();
        return {
          next,
          probability: weight / sum,
          reward: zeroSum ? [pay, -pay] : choices.map(() => stream.normal()),
        };
      });
    },
  });
};

describe('policy evaluation', () => {
  it('is what the play of many episodes comes to', () => {
    // Right all the time: V(3) = 0.9 + 0.1 · 0.9 · V(2) and so on, solved by hand for length 3.
    const game = chain({ length: 3 });
    const right = deterministicPolicy([1, 1, 1], 2);
    const { values } = policyEvaluation(game, [right], { discount: 0.9 });
    // V0 = 0.9 · 0.9 V1 + 0.1 (0.1 + 0.9 V0), V1 = 0.9 + 0.1 (0.1 + 0.9 V0)
    const v0 = (0.81 * 0.91 + 0.01) / (1 - 0.09 - 0.81 * 0.09);
    expect([...values[0]!]).toEqual(near([v0, 0.91 + 0.09 * v0, 0], 12));
  });

  it('refuses what are no policies', () => {
    const game = matchingPennies();
    const half = Float64Array.of(0.5, 0.5, 0.5, 0.5);
    expect(() => policyEvaluation(game, [half], { discount: 1 })).toThrow('expected policies of 2 players, got 1');
    expect(() => policyEvaluation(game, [half, Float64Array.of(1)], { discount: 1 })).toThrow(
      "'column': expected 2 × 2",
    );
    const odd = Float64Array.of(0.5, 0.6, 0, 1);
    expect(() => policyEvaluation(game, [odd, half], { discount: 1 })).toThrow(/sum to 1 in state 0, got \[0.5, 0.6\]/);
  });
});

describe('zero-sum matrix games', () => {
  it('are solved as they are known to be', () => {
    const pennies = zeroSumNash([[1, -1], [-1, 1]]); // prettier-ignore
    expect([pennies.value, ...pennies.row, ...pennies.column]).toEqual(near([0, 0.5, 0.5, 0.5, 0.5], 12));
    const rps = zeroSumNash([[0, -1, 1], [1, 0, -1], [-1, 1, 0]]); // prettier-ignore
    expect([...rps.row, ...rps.column]).toEqual(near([1, 1, 1, 1, 1, 1].map((x) => x / 3), 10)); // prettier-ignore
    // [[3, -1], [-2, 1]]: p · 3 - (1 - p) 2 = -p + (1 - p), so p = 3/7 and the value is 1/7.
    const mixed = zeroSumNash([[3, -1], [-2, 1]]); // prettier-ignore
    expect([mixed.value, ...mixed.row, ...mixed.column]).toEqual(near([1 / 7, 3 / 7, 4 / 7, 2 / 7, 5 / 7], 10));
    // A pure saddle: 2 is the least of its row and the greatest of its column.
    expect(zeroSumNash([[2, 3], [1, 4]])).toEqual({ value: 2, row: new Float64Array([1, 0]), column: new Float64Array([1, 0]) }); // prettier-ignore
    expect(zeroSumNash([[7]]).value).toBe(7);
  });

  it('leave nothing to exploit, whatever the payoffs', () => {
    const matrix = fc
      .tuple(fc.integer({ min: 1, max: 7 }), fc.integer({ min: 1, max: 7 }), fc.integer())
      .map(([m, n, seed]) => {
        const stream = rng(seed);
        const kind = stream.int(3);
        return Array.from(
          { length: m },
          () =>
          Array.from({ length: n }, () => (kind === 0 ? stream.int(3) : kind === 1 ? 1e6 * stream.normal() : stream.normal())), // prettier-ignore
        );
      });
    fc.assert(
      fc.property(matrix, (payoff) => {
        const { value, row, column } = zeroSumNash(payoff);
        const range = Math.max(1e-300, Math.max(...payoff.flat()) - Math.min(...payoff.flat()));
        for (let j = 0; j < column.length; j++) {
          const got = row.reduce((sum, p, i) => sum + p * payoff[i]![j]!, 0);
          expect((value - got) / range).toBeLessThanOrEqual(1e-8);
        }
        for (const line of payoff) {
          const given = column.reduce((sum, p, j) => sum + p * line[j]!, 0);
          expect((given - value) / range).toBeLessThanOrEqual(1e-8);
        }
        for (const side of [row, column]) {
          expect(side.every((p) => p >= 0)).toBe(true);
          expect(side.reduce((a, b) => a + b, 0)).toBeCloseTo(1, 12);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('refuse what is no matrix', () => {
    expect(() => zeroSumNash([])).toThrow('zeroSumNash: expected a matrix of finite numbers, got []');
    expect(() => zeroSumNash([[1, 2], [3]])).toThrow('expected a matrix');
    expect(() => zeroSumNash([[NaN]])).toThrow('expected a matrix');
  });
});

describe('zero-sum Markov games', () => {
  it('have the value that Shapley’s equation gives', () => {
    // One state for ever: V = value of the stage game / (1 - 0.9).
    const game = zeroSumGame([[3, -1], [-2, 1]], { repeated: true }); // prettier-ignore
    const solution = minimaxValueIteration(game, { discount: 0.9 });
    expect(solution.values[0]).toBeCloseTo(10 / 7, 6);
    expect([...solution.policies[0]!]).toEqual(near([3 / 7, 4 / 7]));
    expect(exploitability(game, solution.policies, { discount: 0.9 }).total).toBeLessThan(1e-6);
  });

  it('leave nothing to exploit', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const game = randomGame(seed, 4, [3, 2], true);
        const { policies, start } = minimaxValueIteration(game, { discount: 0.8 });
        const { total, gains } = exploitability(game, policies, { discount: 0.8 });
        expect(Math.abs(total)).toBeLessThan(1e-5);
        expect(gains.every((gain) => gain > -1e-8)).toBe(true);
        expect(policyEvaluation(game, policies, { discount: 0.8 }).start[0]).toBeCloseTo(start, 5);
      }),
      { numRuns: 10 },
    );
  });

  it('are fair if they are symmetric, and soccer is', () => {
    const game = soccer();
    const { values, start } = minimaxValueIteration(game, { discount: 0.9, tolerance: 1e-4 });
    expect(start).toBeCloseTo(0, 4);
    // Turned by half a turn with the sides exchanged, the game is the same.
    const turned = (s: number): number => {
      const [left, right, ball] = [Math.floor(s / 40), Math.floor(s / 2) % 20, s % 2];
      return ((19 - right) * 20 + (19 - left)) * 2 + (1 - ball);
    };
    for (let s = 0; s < 800; s++) expect(values[s]! + values[turned(s)]!).toBeCloseTo(0, 3);
    // In front of the goal with the ball, the other far away.
    expect(values[(9 * 20 + 15) * 2]).toBe(1);
  });

  it('are told from others', () => {
    expect(() => minimaxValueIteration(climbing(), { discount: 1 })).toThrow('expected rewards that sum to zero');
    expect(() => minimaxValueIteration(chain(), { discount: 1 })).toThrow('expected two players, got 1');
  });
});

describe('best responses', () => {
  it('chase each other in matching pennies, but their averages settle', () => {
    // Specification of the oracles, 13: alternating best response cycles, fictitious play approaches (1/2, 1/2).
    const game = matchingPennies();
    const pure = (k: number) => Float64Array.of(1 - k, k, 1, 0);
    const answer = (own: 'row' | 'column', other: Float64Array) => {
      return bestResponse(game, [other, other], own, { discount: 1 }).best[0]!;
    };
    let row = 0;
    const seen: string[] = [];
    for (let k = 0; k < 8; k++) {
      const column = answer('column', pure(row));
      row = answer('row', pure(column));
      seen.push(`${row}${column}`);
    }
    expect(seen).toEqual(['11', '00', '11', '00', '11', '00', '11', '00']);

    const counts = [[1, 0], [1, 0]]; // prettier-ignore
    const average = (i: number) => {
      const [a, b] = counts[i]!;
      return Float64Array.of(a! / (a! + b!), b! / (a! + b!), 1, 0);
    };
    for (let k = 0; k < 3000; k++) {
      const [next0, next1] = [answer('row', average(1)), answer('column', average(0))];
      counts[0]![next0]! += 1;
      counts[1]![next1]! += 1;
    }
    expect(average(0)[0]).toBeCloseTo(0.5, 1);
    expect(average(1)[0]).toBeCloseTo(0.5, 1);
    const far = exploitability(game, [pure(0), pure(0)], { discount: 1 });
    expect(far).toEqual({ gains: [0, 2], total: 2, mean: 1 });
    expect(exploitability(game, [average(0), average(1)], { discount: 1 }).mean).toBeLessThan(0.1);
  });

  it('solve what the others leave', () => {
    const game = prisonersDilemma();
    const process = inducedProcess(game, uniformPolicies(game), 'row');
    // Against evens: cooperating -2, defecting -1.
    expect([...valueIteration(process, { discount: 1 }).q]).toEqual(near([-2, -1, 0, 0], 12));
    const never: string = 'nobody';
    expect(() => inducedProcess(game, uniformPolicies(game), never as 'row')).toThrow(
      "expected a player of row, column, got 'nobody'",
    );
  });

  it('never lose anything', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const game = randomGame(seed, 3, [2, 3, 2]);
        const { gains } = exploitability(game, uniformPolicies(game), { discount: 0.7 });
        expect(gains).toHaveLength(3);
        expect(gains.every((gain) => gain > -1e-9)).toBe(true);
      }),
      { numRuns: 10 },
    );
  });
});

describe('pure equilibria', () => {
  it('are the known ones', () => {
    expect(pureEquilibria(prisonersDilemma())).toEqual([[1, 1]]);
    expect(pureEquilibria(stagHunt())).toEqual([[0, 0], [1, 1]]); // prettier-ignore
    expect(pureEquilibria(chicken())).toEqual([[0, 1], [1, 0]]); // prettier-ignore
    expect(pureEquilibria(battleOfTheSexes())).toEqual([[0, 0], [1, 1]]); // prettier-ignore
    expect(pureEquilibria(climbing())).toEqual([[0, 0], [1, 1]]); // prettier-ignore
    expect(pureEquilibria(penalty())).toEqual([[0, 0], [1, 1], [2, 2]]); // prettier-ignore
    expect(pureEquilibria(matchingPennies())).toEqual([]);
    expect(pureEquilibria(rockPaperScissors())).toEqual([]);
  });

  it('are those without gain, for any number of players', () => {
    // Public goods: keep 1, or give it and everybody gets half of all that was given.
    const goods = normalFormGame(['a', 'b', 'c'], [2, 2, 2], (actions) => {
      const given = actions.reduce((sum, a) => sum + a, 0);
      return actions.map((a) => 1 - a + given / 2);
    });
    expect(pureEquilibria(goods)).toEqual([[0, 0, 0]]);
    const keep = goods.choices.map(() => Float64Array.of(1, 0, 1, 0));
    expect(exploitability(goods, keep, { discount: 1 }).gains).toEqual([0, 0, 0]);
    const give = goods.choices.map(() => Float64Array.of(0, 1, 1, 0));
    expect(exploitability(goods, give, { discount: 1 }).gains).toEqual([0.5, 0.5, 0.5]);
  });
});

describe('rules that are no game', () => {
  const rules = {
    name: 'odd',
    players: ['a'],
    states: 2,
    choices: [1],
    terminal: (s: number) => s === 1,
    outcomes: () => [{ next: 1, reward: 0 }],
  } as const;
  it.each([
    [{ states: 0 }, /integers >= 1/],
    [{ players: [] }, /integers >= 1/],
    [{ choices: [1.5] }, /integers >= 1/],
    [{ players: ['a', 'a'], choices: [1, 1] }, /different names/],
    [{ terminal: () => true }, /a state that is not terminal/],
    [{ start: 1 }, /begin in states that are not terminal/],
    [{ start: 2 }, /a start in \[0, 2\), got 2/],
    [{ start: [0.5, 0.4] }, /sum to 1, got sum 0.9/],
    [{ outcomes: () => [] }, /odd: state 0, actions \[0\]: expected probabilities that sum to 1, got 0/],
    [{ outcomes: () => [{ next: 2, reward: 0 }] }, /next state in \[0, 2\), got 2/],
    [{ outcomes: () => [{ next: 1, reward: [1, 2] }] }, /1 finite rewards, got \[1, 2\]/],
    [{ outcomes: () => [{ next: 1, reward: 0, probability: -1 }] }, /a probability, got -1/],
  ])('%o', (change, message) => {
    expect(() => markovGame<readonly string[]>({ ...rules, ...change })).toThrow(message);
  });

  it('and settings and maps that are none', () => {
    expect(() => chain({ length: 2 })).toThrow('chain: length: expected an integer >= 3, got 2');
    expect(() => gridWorld(['..', '.'])).toThrow('expected rows of one length, got lengths [2, 1]');
    expect(() => gridWorld(['#G'])).toThrow('expected a free cell to start in');
    expect(() => bimatrixGame([[1, 2]], [[1]])).toThrow('expected two matrices of one shape');
    expect(() => choicesIn(chain(), 2)).toThrow('choicesIn: expected a joint action in [0, 2), got 2');
    expect(() => zeroSumGame([[1], [2, 3]])).toThrow('expected a matrix of finite numbers');
  });
});
