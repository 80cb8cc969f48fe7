import type { MarkovGame } from './markov-game.js';
import {
  bimatrixGame,
  commonPayoffGame,
  normalFormGame,
  zeroSumGame,
  type Duo,
  type MatrixGameOptions,
} from './matrix-game.js';

/** A matrix game that has a name of its own. */
export type NamedGame = (options?: Omit<MatrixGameOptions, 'name'>) => MarkovGame<Duo>;

/** Heads or tails: row wants the same, column the opposite. No pure equilibrium; (1/2, 1/2), value 0. */
export const matchingPennies: NamedGame = (options = {}) =>
  zeroSumGame([[1, -1], [-1, 1]], { ...options, name: 'matching-pennies' }); // prettier-ignore

/** Each choice beats the one before it. (1/3, 1/3, 1/3), value 0. */
export const rockPaperScissors: NamedGame = (options = {}) =>
  zeroSumGame([[0, -1, 1], [1, 0, -1], [-1, 1, 0]], { ...options, name: 'rock-paper-scissors' }); // prettier-ignore

/** Cooperate (0) or defect (1): defecting is always better, and worse if both do. */
export const prisonersDilemma: NamedGame = (options = {}) =>
  bimatrixGame([[-1, -3], [0, -2]], [[-1, 0], [-3, -2]], { ...options, name: 'prisoners-dilemma' }); // prettier-ignore

/** Stag (0) pays only together, hare (1) always a little: one equilibrium pays more, the other is safer. */
export const stagHunt: NamedGame = (options = {}) =>
  bimatrixGame([[4, 0], [3, 2]], [[4, 3], [0, 2]], { ...options, name: 'stag-hunt' }); // prettier-ignore

/** Swerve (0) or drive on (1): general-sum with two pure equilibria and a mixed one, each wants the other's. */
export const chicken: NamedGame = (options = {}) =>
  bimatrixGame([[0, -1], [1, -10]], [[0, 1], [-1, -10]], { ...options, name: 'chicken' }); // prettier-ignore

/** Together is better than apart, but each prefers another place. */
export const battleOfTheSexes: NamedGame = (options = {}) =>
  bimatrixGame([[3, 0], [0, 2]], [[2, 0], [0, 3]], { ...options, name: 'battle-of-the-sexes' }); // prettier-ignore

/** The climbing game of Claus and Boutilier 1998: the best joint choice lies beside the worst. */
export const climbing: NamedGame = (options = {}) =>
  commonPayoffGame([[11, -30, 0], [-30, 7, 6], [0, 0, 5]], { ...options, name: 'climbing' }); // prettier-ignore

/** The penalty game of Claus and Boutilier 1998: two best joint choices, and a penalty for mixing them. Penalty <= 0. */
export const penalty = (
  options: Omit<MatrixGameOptions, 'name'> & { readonly penalty?: number } = {},
): MarkovGame<Duo> => {
  const { penalty: k = -10, ...rest } = options;
  return commonPayoffGame([[10, 0, k], [0, 2, 0], [k, 0, 10]], { ...rest, name: 'penalty' }); // prettier-ignore
};

/** The team game of Son et al. 2019 (QTRAN, table 1), which no sum and no monotone mixing of individual values represents. */
export const nonMonotone: NamedGame = (options = {}) =>
  commonPayoffGame([[8, -12, -12], [-12, 0, 0], [-12, 0, 0]], { ...options, name: 'non-monotone' }); // prettier-ignore

/**
 * A team game in which answering the others' old policies at the same time can be the worst there is: together they pay
 * −1, one alone 2. Kuba et al. 2022, example 1.
 */
export const miscoordination: NamedGame = (options = {}) =>
  commonPayoffGame([[0, 2], [2, -1]], { ...options, name: 'miscoordination' }); // prettier-ignore

/**
 * A team of n players (even), two choices each: 1 if the first half chooses 0 and the second 1, or the other way round.
 * Players with one policy for all get at most 2/2ⁿ, whatever it is; with policies of their own, 1. Kuba et al. 2022,
 * proposition 1. Throws a RangeError for an odd number of players.
 */
export const halves = (options: Omit<MatrixGameOptions, 'name'> & { readonly players?: number } = {}): MarkovGame => {
  const { players = 4, ...rest } = options;
  if (!(Number.isInteger(players) && players >= 2 && players % 2 === 0)) {
    throw new RangeError(`halves: expected an even number of players >= 2, got ${String(players)}`);
  }
  const names = Array.from({ length: players }, (_, i) => `player ${i}`);
  return normalFormGame(
    names,
    names.map(() => 2),
    (actions) => {
      const won = actions.every((a, i) => a === (i < players / 2 ? actions[0] : 1 - actions[0]!));
      return names.map(() => (won ? 1 : 0));
    },
    { ...rest, name: 'halves' },
  );
};
