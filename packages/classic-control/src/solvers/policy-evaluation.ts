import type { MarkovGame } from '../games/markov-game.js';
import { solveInPlace } from './linear-solve.js';
import { requireOptions, worthAtStart, type SolverOptions } from './options.js';
import { eachJointAction, requirePolicies, type TabularPolicies } from './policies.js';

/** What policies are worth to everybody. */
export interface Evaluated {
  /** V by player, [S]; 0 in terminal states. */
  readonly values: readonly Float64Array[];
  /** By player, before the game begins. */
  readonly start: readonly number[];
}

/**
 * Exact values of given policies for all players: one dense linear system (I − γ P) V = r, S³/3 multiplications. Throws a
 * RangeError for what are no policies of this game, an Error where a game at discount 1 may have no end.
 */
export const policyEvaluation = (
  game: MarkovGame,
  policies: TabularPolicies,
  options: Pick<SolverOptions, 'discount'>,
): Evaluated => {
  const where = `policyEvaluation: ${game.name}`;
  requirePolicies(where, game, policies);
  const { discount } = requireOptions(where, options);
  const { states: S, jointActions, first, next, probability, reward, terminal, players } = game;
  const n = players.length;
  const system = new Float64Array(S * S);
  const values = new Float64Array(S * n);
  for (let s = 0; s < S; s++) {
    system[s * S + s] = 1;
    if (terminal[s] === 1) continue;
    eachJointAction(game, policies, s, (j, p) => {
      const row = s * jointActions + j;
      for (let m = first[row]!; m < first[row + 1]!; m++) {
        const weight = p * probability[m]!;
        if (terminal[next[m]!] === 0) system[s * S + next[m]!]! -= discount * weight;
        for (let i = 0; i < n; i++) values[s * n + i]! += weight * reward[m * n + i]!;
      }
    });
  }
  solveInPlace(where, system, values, S);
  const byPlayer = players.map((_, i) => Float64Array.from({ length: S }, (_, s) => values[s * n + i]!));
  return { values: byPlayer, start: byPlayer.map((one) => worthAtStart(game, one)) };
};
