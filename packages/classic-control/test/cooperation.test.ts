/** The theory of trust regions for teams (Kuba et al. 2022), checked by enumeration in double precision. */
import { rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import {
  advantagesInOrder,
  choicesIn,
  compoundFactor,
  discountedOccupancy,
  halves,
  jointAdvantages,
  markovGame,
  matchingPennies,
  miscoordination,
  monotoneImprovement,
  policyEvaluation,
  type MarkovGame,
  type TabularPolicies,
} from '../src/index.js';

const discount = 0.9;
const random = rng(11);

const simplex = (n: number): number[] => {
  const raw = Array.from({ length: n }, () => -Math.log(1 - random.uniform()));
  const total = raw.reduce((a, b) => a + b);
  return raw.map((x) => x / total);
};

/** Four states without end, three players with 2, 3 and 2 choices, everything drawn at random. */
const game = markovGame({
  name: 'random team',
  players: ['a', 'b', 'c'],
  states: 4,
  choices: [2, 3, 2],
  outcomes: () => {
    const reward = random.normal();
    return simplex(4).map((probability, next) => ({ next, probability, reward }));
  },
});

const policiesFor = ({ choices, states }: MarkovGame): TabularPolicies =>
  choices.map((n) => Float64Array.from(Array.from({ length: states }, () => simplex(n)).flat()));

const orders = [
  [0, 1, 2],
  [0, 2, 1],
  [1, 0, 2],
  [1, 2, 0],
  [2, 0, 1],
  [2, 1, 0],
];

const worst = (a: ArrayLike<number>, b: ArrayLike<number>): number =>
  Array.from(a).reduce((top, x, i) => Math.max(top, Math.abs(x - b[i]!)), 0);

describe('advantages of a team', () => {
  it.each(orders)('are the sum of what each choice adds to those before it: order %i %i %i', (...order) => {
    const policies = policiesFor(game);
    const { q, advantage } = jointAdvantages(game, policies, { discount });
    const parts = advantagesInOrder(game, policies, q, order);
    const sum = advantage.map((_, at) => parts.reduce((total, part) => total + part[at]!, 0));
    expect(worst(sum, advantage)).toBeLessThan(1e-13);
    expect(Math.max(...advantage)).toBeGreaterThan(0.1);
  });

  it.each(orders)(
    'in new policies of some follow from the joint advantage and the compound factor: %i %i %i',
    (...order) => {
      const [old, now] = [policiesFor(game), policiesFor(game)];
      const { q, advantage } = jointAdvantages(game, old, { discount });
      const { states: S, jointActions: J, choices } = game;
      const parts = advantagesInOrder(game, old, q, order);
      order.forEach((agent, m) => {
        const factor = compoundFactor(game, old, now, order.slice(0, m));
        const ratio = compoundFactor(game, old, now, [agent]);
        for (let s = 0; s < S; s++) {
          let [estimated, exact] = [0, 0];
          for (let j = 0; j < J; j++) {
            const actions = choicesIn(game, j);
            const p = (policies: TabularPolicies, i: number) => policies[i]![s * choices[i]! + actions[i]!]!;
            const under = (of: (i: number) => TabularPolicies) => actions.reduce((x, _, i) => x * p(of(i), i), 1);
            const at = s * J + j;
            estimated += under(() => old) * (ratio[at]! - 1) * factor[at]! * advantage[at]!;
            exact += under((i) => (order.indexOf(i) <= m ? now : old)) * parts[m]![at]!;
          }
          expect(Math.abs(estimated - exact)).toBeLessThan(1e-12);
        }
      });
    },
  );

  it('are refused where players want different things', () => {
    const pennies = matchingPennies();
    const even = pennies.choices.map((n) => new Float64Array(pennies.states * n).fill(1 / n));
    expect(() => jointAdvantages(pennies, even, { discount })).toThrow('all players get the same rewards');
  });
});

describe('occupancy', () => {
  it('weighs rewards to the return, and sums to 1/(1 − γ) where nothing ends', () => {
    const policies = policiesFor(game);
    const occupancy = discountedOccupancy(game, policies, { discount });
    expect(occupancy.reduce((a, b) => a + b)).toBeCloseTo(10, 9);
    const { q, values } = jointAdvantages(game, policies, { discount });
    // ρ (I − γP) = start, so Σ ρ(s) E[A of other policies] is the difference of returns (Kakade and Langford 2002)
    const others = policiesFor(game);
    const J = game.jointActions;
    const difference = Array.from(discountedOccupancy(game, others, { discount })).reduce((sum, weight, s) => {
      for (let j = 0; j < J; j++) {
        const p = choicesIn(game, j).reduce((x, a, i) => x * others[i]![s * game.choices[i]! + a]!, 1);
        sum += weight * p * (q[s * J + j]! - values[s]!);
      }
      return sum;
    }, 0);
    const worth = (of: TabularPolicies) => policyEvaluation(game, of, { discount }).start[0]!;
    expect(difference).toBeCloseTo(worth(others) - worth(policies), 9);
  });
});

describe('improvement in turn', () => {
  const worth = (of: TabularPolicies) => policyEvaluation(game, of, { discount }).start[0]!;

  it('never lowers the return, and raises it by what was promised at least', () => {
    let policies = policiesFor(game);
    for (let round = 0; round < 15; round++) {
      const before = worth(policies);
      const { policies: next, gains } = monotoneImprovement(game, policies, { discount, order: orders[round % 6]! });
      expect(gains.every((gain) => gain >= 0)).toBe(true);
      const gain = worth(next) - before;
      expect(gain).toBeGreaterThan(0);
      expect(gain).toBeGreaterThanOrEqual(gains.reduce((a, b) => a + b) - 1e-9);
      policies = next;
    }
  });

  it.each([
    ['of the theorem', undefined],
    ['0.5', 0.5],
  ])('promises what is there, and no policy as near is worth more: C %s', (_name, given) => {
    const old = policiesFor(game);
    const { states: S, jointActions: J, choices } = game;
    const { q, advantage } = jointAdvantages(game, old, { discount });
    const occupancy = discountedOccupancy(game, old, { discount });
    for (const order of orders) {
      const {
        policies: now,
        gains,
        penalty,
      } = monotoneImprovement(game, old, {
        discount,
        order,
        ...(given !== undefined && { penalty: given }),
      });
      expect(penalty).toBeCloseTo(
        given ?? (4 * discount * Math.max(...advantage.map(Math.abs))) / (1 - discount) ** 2,
        9,
      );
      const parts = advantagesInOrder(game, old, q, order);
      order.forEach((i, m) => {
        const n = choices[i]!;
        const inState = (of: TabularPolicies, s: number) => of[i]!.subarray(s * n, (s + 1) * n);
        const divergence = (p: ArrayLike<number>, s: number) =>
          inState(old, s).reduce((sum, x, a) => sum + x * Math.log(x / p[a]!), 0);
        let [surrogate, largest] = [0, 0];
        for (let s = 0; s < S; s++) {
          /** E[Aⁱ | a], where those before do what they do now. */
          const worthOf = new Float64Array(n);
          for (let j = 0; j < J; j++) {
            const actions = choicesIn(game, j);
            const others = actions.reduce((x, a, k) => {
              if (k === i) return x;
              return x * (order.indexOf(k) < m ? now : old)[k]![s * choices[k]! + a]!;
            }, 1);
            worthOf[actions[i]!]! += others * parts[m]![s * J + j]!;
          }
          const worth = (p: ArrayLike<number>) => worthOf.reduce((sum, x, a) => sum + p[a]! * x, 0);
          const kl = divergence(inState(now, s), s);
          surrogate += occupancy[s]! * worth(inState(now, s));
          largest = Math.max(largest, kl);
          // Towards any other policy: as near as this one, it is not worth more.
          for (let k = 0; k < 50; k++) {
            const towards = simplex(n);
            const other = inState(now, s).map((x, a) => x + 0.02 * (towards[a]! - x));
            if (divergence(other, s) <= kl) expect(worth(other)).toBeLessThanOrEqual(worth(inState(now, s)) + 1e-12);
          }
        }
        expect(largest).toBeGreaterThan(0);
        expect(Math.abs(gains[m]! - (surrogate - penalty * largest))).toBeLessThan(1e-9);
      });
    }
  });

  it('arrives at an equilibrium with a small penalty: nobody gains by changing alone', () => {
    let policies = policiesFor(game);
    const begin = worth(policies);
    for (let round = 0; round < 30; round++) {
      policies = monotoneImprovement(game, policies, { discount, order: orders[round % 6]!, penalty: 0.05 }).policies;
    }
    expect(worth(policies)).toBeGreaterThan(begin + 1);
    const { q, values } = jointAdvantages(game, policies, { discount });
    game.choices.forEach((n, i) => {
      const alone = advantagesInOrder(game, policies, q, [i])[0]!;
      const best = alone.reduce((a, b) => Math.max(a, b), 0);
      expect(best / Math.max(1, Math.abs(values[0]!)), `player ${i} of ${n} choices`).toBeLessThan(0.05);
    });
  });
});

describe('why in turn', () => {
  it.each([
    [0.61, 0.7995],
    [0.7, 0.75],
    [0.9, 0.35],
  ])('answering at once is the worst there is, in turn the best: P(0) = %d', (p, old) => {
    const one = miscoordination();
    const both = [0, 1].map(() => Float64Array.from([p, 1 - p, 0.5, 0.5]));
    const value = (policies: TabularPolicies) => policyEvaluation(one, policies, { discount: 1 }).start[0]!;
    expect(value(both)).toBeCloseTo(old, 12);
    /** What a player does best against the others as they are. */
    const answer = (policies: TabularPolicies, i: number): TabularPolicies => {
      const { q } = jointAdvantages(one, policies, { discount: 1 });
      const added = advantagesInOrder(one, policies, q, [i])[0]!;
      const gain = (a: number) => added[i === 0 ? a * 2 : a]!;
      const best = gain(1) > gain(0) ? 1 : 0;
      return policies.map((policy, k) => (k === i ? Float64Array.from([1 - best, best, 0.5, 0.5]) : policy));
    };
    const together = both.map((_, i) => answer(both, i)[i]!);
    expect(value(together)).toBe(-1);
    expect(value(answer(answer(both, 0), 1))).toBe(2);
  });

  it.each([2, 4, 6, 8])('one policy for %i players gets at most 2/2ⁿ, policies of their own 1', (players) => {
    const team = halves({ players });
    const shared = (p: number) => team.choices.map(() => Float64Array.from([p, 1 - p, 0.5, 0.5]));
    const value = (policies: TabularPolicies) => policyEvaluation(team, policies, { discount: 1 }).start[0]!;
    const grid = Array.from({ length: 101 }, (_, i) => value(shared(i / 100)));
    expect(Math.max(...grid)).toBeCloseTo(2 / 2 ** players, 12);
    expect(grid.indexOf(Math.max(...grid))).toBe(50);
    const own = team.choices.map((_, i) => Float64Array.from(i < players / 2 ? [1, 0, 0.5, 0.5] : [0, 1, 0.5, 0.5]));
    expect(value(own)).toBe(1);
  });

  it('is a game for pairs', () => {
    expect(() => halves({ players: 3 })).toThrow('an even number of players >= 2, got 3');
  });
});
