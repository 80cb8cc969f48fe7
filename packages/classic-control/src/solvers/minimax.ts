import type { MarkovGame } from '../games/markov-game.js';
import { lookAhead, requireOptions, settle, worthAtStart, type SolverOptions } from './options.js';
import type { TabularPolicies } from './policies.js';
import { zeroSumNash } from './zero-sum.js';

/** The solution of a zero-sum Markov game. */
export interface MinimaxSolution {
  /** What the first player gets, and the second loses, [S]; 0 in terminal states. */
  readonly values: Float64Array;
  /** Q of the first player, [S, J]. */
  readonly q: Float64Array;
  /** Equilibrium policies of both. */
  readonly policies: TabularPolicies;
  /** Value for the first player before the game begins. */
  readonly start: number;
}

/** Throws a RangeError that names `where` unless there are two players and what one gets, the other loses. */
const requireZeroSum = (where: string, { players, reward }: MarkovGame): void => {
  if (players.length !== 2) throw new RangeError(`${where}: expected two players, got ${players.length}`);
  for (let m = 0; m < reward.length; m += 2) {
    const sum = reward[m]! + reward[m + 1]!;
    if (!(Math.abs(sum) <= 1e-12 * Math.max(1, Math.abs(reward[m]!)))) {
      throw new RangeError(`${where}: expected rewards that sum to zero, got ${reward[m]} and ${reward[m + 1]}`);
    }
  }
};

/**
 * Value iteration for two-player zero-sum Markov games (Shapley 1953): V(s) ← the value of the matrix game with payoffs
 * Σ P(s'|s, a, b) (r + γ V(s')), solved by linear programming. A matrix game is the case of one move. Throws a RangeError for
 * other games or options out of range, an Error where values do not settle. The tolerance cannot be finer than the linear
 * programs: default 10⁻⁷.
 */
export const minimaxValueIteration = (game: MarkovGame, options: SolverOptions): MinimaxSolution => {
  const where = `minimaxValueIteration: ${game.name}`;
  requireZeroSum(where, game);
  const checked = requireOptions(where, { tolerance: 1e-7, ...options });
  const { discount } = checked;
  const { states, jointActions: J, choices, terminal } = game;
  const [rows, columns] = [choices[0]!, choices[1]!];
  const values = new Float64Array(states);
  const q = new Float64Array(states * J);
  const policies = choices.map((n) => new Float64Array(states * n).fill(1 / n));

  const solveAt = (s: number) => {
    for (let j = 0; j < J; j++) q[s * J + j] = lookAhead(game, 0, values, discount, s, j);
    return zeroSumNash(
      Array.from({ length: rows }, (_, i) => q.subarray(s * J + i * columns, s * J + (i + 1) * columns)),
    );
  };
  settle(where, checked, () => {
    let change = 0;
    for (let s = 0; s < states; s++) {
      if (terminal[s] === 1) continue;
      const { value } = solveAt(s);
      change = Math.max(change, Math.abs(value - values[s]!));
      values[s] = value;
    }
    return change;
  });
  for (let s = 0; s < states; s++) {
    if (terminal[s] === 1) continue;
    const { row, column } = solveAt(s);
    policies[0]!.set(row, s * rows);
    policies[1]!.set(column, s * columns);
  }
  return { values, q, policies, start: worthAtStart(game, values) };
};
