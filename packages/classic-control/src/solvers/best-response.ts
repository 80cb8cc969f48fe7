import { markovGame, type MarkovGame, type Outcome } from '../games/markov-game.js';
import type { SolverOptions } from './options.js';
import { deterministicPolicy, eachJointAction, requirePolicies, type TabularPolicies } from './policies.js';
import { policyEvaluation } from './policy-evaluation.js';
import { outcomesOf, valueIteration, type Optimum } from './value-iteration.js';

/**
 * What is left for one player while the others keep to their policies: a Markov decision process. Throws a RangeError if
 * there is no such player or these are no policies of the game; the player's own policy does not matter.
 */
export const inducedProcess = <const Players extends readonly string[]>(
  game: MarkovGame<Players>,
  policies: TabularPolicies,
  player: Players[number],
): MarkovGame<readonly [string]> => {
  const where = `inducedProcess: ${game.name}`;
  const i = game.players.indexOf(player);
  if (i === -1) {
    throw new RangeError(`${where}: expected a player of ${game.players.join(', ')}, got '${player}'`);
  }
  requirePolicies(where, game, policies);
  // With probability 1 for each own choice in turn, the others' probabilities remain.
  const free = policies.map((policy, k) => (k === i ? new Float64Array(policy.length).fill(1) : policy));
  const tables = Array.from({ length: game.states }, (_, s) => {
    const rows: Required<Outcome>[][] = Array.from({ length: game.choices[i]! }, () => []);
    if (game.terminal[s] === 1) return rows;
    eachJointAction(game, free, s, (j, p, actions) => {
      for (const { next, probability, reward } of outcomesOf(game, s, j)) {
        rows[actions[i]!]!.push({ next, probability: p * probability, reward: [reward].flat()[i]! });
      }
    });
    return rows;
  });
  return markovGame({
    name: `${game.name}-${player}`,
    players: [player],
    states: game.states,
    choices: [game.choices[i]!],
    terminal: (s) => game.terminal[s] === 1,
    start: Array.from(game.start),
    outcomes: (s, [a]) => normalised(tables[s]![a!]!),
  });
};

/** Policies may sum to 1 only nearly. */
const normalised = (outcomes: readonly Required<Outcome>[]): readonly Outcome[] => {
  const sum = outcomes.reduce((total, { probability }) => total + probability, 0);
  return outcomes.map((outcome) => ({ ...outcome, probability: outcome.probability / sum }));
};

/** The best against given policies of the others, and a deterministic policy [S, A_i] that gets it. */
export interface BestResponse extends Optimum {
  /** [S × A], one row per state, of 0 and 1: the choice in each state. */
  readonly policy: Float64Array;
}

/** The exact best response of one player to the policies of the others. Throws as `inducedProcess` and `valueIteration` do. */
export const bestResponse = <const Players extends readonly string[]>(
  game: MarkovGame<Players>,
  policies: TabularPolicies,
  player: Players[number],
  options: SolverOptions,
): BestResponse => {
  const process = inducedProcess(game, policies, player);
  const optimum = valueIteration(process, options);
  return { ...optimum, policy: deterministicPolicy(optimum.best, process.choices[0]!) };
};

/** How far policies are from a Nash equilibrium. */
export interface Exploitability {
  /** By player: what its best response would gain, before the game begins; >= 0 up to the tolerance. */
  readonly gains: readonly number[];
  /** Their sum (NashConv in Lanctot et al. 2017): 0 exactly at equilibria. */
  readonly total: number;
  /** Their mean, what is called exploitability in two-player zero-sum games. */
  readonly mean: number;
}

/** What everybody could gain by deviating alone. Throws as `bestResponse` and `policyEvaluation` do. */
export const exploitability = (game: MarkovGame, policies: TabularPolicies, options: SolverOptions): Exploitability => {
  const now = policyEvaluation(game, policies, options).start;
  const gains = game.players.map((player, i) => bestResponse(game, policies, player, options).start - now[i]!);
  const total = gains.reduce((a, b) => a + b, 0);
  return { gains, total, mean: total / gains.length };
};
