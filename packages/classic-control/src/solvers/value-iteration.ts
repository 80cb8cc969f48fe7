import { markovGame, type MarkovGame, type Outcome } from '../games/markov-game.js';
import { lookAhead, requireOptions, settle, worthAtStart, type SolverOptions } from './options.js';

/** The best that one player can do. */
export interface Optimum {
  /** V*, [S]; 0 in terminal states. */
  readonly values: Float64Array;
  /** Q*, [S, A]; 0 in terminal states. */
  readonly q: Float64Array;
  /** A best choice in every state [S], the first of several. */
  readonly best: Int32Array;
  /** V* before the game begins. */
  readonly start: number;
}

/**
 * Value iteration for one player: V(s) ← max_a Σ P(s'|s, a) (r + γ V(s')), Bellman 1957. Throws a RangeError for more players
 * (see `jointProcess` for teams) or options out of range, an Error where values do not settle.
 */
export const valueIteration = (process: MarkovGame, options: SolverOptions): Optimum => {
  const where = `valueIteration: ${process.name}`;
  const { players, states, jointActions: A, terminal } = process;
  if (players.length !== 1) throw new RangeError(`${where}: expected one player, got ${players.length}`);
  const checked = requireOptions(where, options);
  const { discount } = checked;
  const values = new Float64Array(states);
  const q = new Float64Array(states * A);
  const sweep = (): number => {
    let change = 0;
    for (let s = 0; s < states; s++) {
      if (terminal[s] === 1) continue;
      let most = -Infinity;
      for (let a = 0; a < A; a++) {
        q[s * A + a] = lookAhead(process, 0, values, discount, s, a);
        most = Math.max(most, q[s * A + a]!);
      }
      change = Math.max(change, Math.abs(most - values[s]!));
      values[s] = most;
    }
    return change;
  };
  settle(where, checked, sweep);
  // Values have changed within the last sweep; once more for what they say now.
  for (let s = 0; s < states; s++) {
    for (let a = 0; a < A; a++) q[s * A + a] = lookAhead(process, 0, values, discount, s, a);
  }
  const best = Int32Array.from({ length: states }, (_, s) => {
    const row = q.subarray(s * A, (s + 1) * A);
    return row.indexOf(Math.max(...row));
  });
  return { values, q, best, start: worthAtStart(process, values) };
};

/** The outcomes of joint action j in state s as an author would write them, rewards by player. */
export const outcomesOf = (game: MarkovGame, s: number, j: number): readonly Required<Outcome>[] => {
  const row = s * game.jointActions + j;
  const n = game.players.length;
  return Array.from({ length: game.first[row + 1]! - game.first[row]! }, (_, k) => {
    const m = game.first[row]! + k;
    return {
      next: game.next[m]!,
      probability: game.probability[m]!,
      reward: Array.from(game.reward.subarray(m * n, (m + 1) * n)),
    };
  });
};

/**
 * A team as one player who makes the choices of all and gets the sum of their rewards: what `valueIteration` finds for it is
 * the exact joint optimum. Choice j of this player is joint action j of the game (`choicesIn`). Where all players get the same
 * reward, the sum counts it once per player.
 */
export const jointProcess = (game: MarkovGame): MarkovGame<readonly ['team']> =>
  markovGame({
    name: `${game.name}-team`,
    players: ['team'],
    states: game.states,
    choices: [game.jointActions],
    terminal: (s) => game.terminal[s] === 1,
    start: Array.from(game.start),
    outcomes: (s, [j]) =>
      outcomesOf(game, s, j!).map(({ next, probability, reward }) => ({
        next,
        probability,
        reward: [reward].flat().reduce((a, b) => a + b, 0),
      })),
  });
