import { choicesIn, markovGame, type MarkovGame } from './markov-game.js';

/** Two players who choose at the same time: the first a row, the second a column. */
export type Duo = readonly ['row', 'column'];

/** What matrix games may be told. */
export interface MatrixGameOptions {
  /** What messages call it. */
  readonly name?: string;
  /** The same game again and again, without end, instead of one move. Default false. */
  readonly repeated?: boolean;
}

const game = <const Players extends readonly string[]>(
  players: Players,
  choices: readonly number[],
  rewards: (actions: readonly number[]) => readonly number[],
  { name = 'matrix-game', repeated = false }: MatrixGameOptions,
): MarkovGame<Players> =>
  markovGame({
    name,
    players,
    choices,
    states: repeated ? 1 : 2,
    start: 0,
    terminal: (s) => s === 1,
    outcomes: (_, actions) => [{ next: repeated ? 0 : 1, reward: rewards(actions) }],
  });

const columnsOf = (where: string, payoff: readonly (readonly number[])[]): number => {
  const columns = payoff[0]?.length ?? 0;
  if (columns === 0 || !payoff.every((row) => row.length === columns && row.every(Number.isFinite))) {
    throw new RangeError(`${where}: expected a matrix of finite numbers, got ${JSON.stringify(payoff)}`);
  }
  return columns;
};

/**
 * Two players with a matrix each of what they are paid, [rows, columns]. One move from state 0 to the terminal state 1, or
 * state 0 for ever if `repeated`. Throws a RangeError unless both are matrices of the same shape.
 */
export const bimatrixGame = (
  row: readonly (readonly number[])[],
  column: readonly (readonly number[])[],
  options: MatrixGameOptions = {},
): MarkovGame<Duo> => {
  const where = options.name ?? 'bimatrixGame';
  const columns = columnsOf(where, row);
  if (columnsOf(where, column) !== columns || column.length !== row.length) {
    throw new RangeError(`${where}: expected two matrices of one shape, got others: ${JSON.stringify([row, column])}`);
  }
  return game(['row', 'column'], [row.length, columns], ([i, j]) => [row[i!]![j!]!, column[i!]![j!]!], options);
};

/** What the row player gets, the column player loses. */
export const zeroSumGame = (
  payoff: readonly (readonly number[])[],
  options: MatrixGameOptions = {},
): MarkovGame<Duo> => bimatrixGame(payoff, payoff.map((row) => row.map((x) => 0 - x)), options); // prettier-ignore

/** Both get the same. */
export const commonPayoffGame = (
  payoff: readonly (readonly number[])[],
  options: MatrixGameOptions = {},
): MarkovGame<Duo> => bimatrixGame(payoff, payoff, options);

/**
 * Any number of players: `rewards` gives everybody's pay for the choices of all. For instance public goods, voting, or
 * congestion.
 */
export const normalFormGame = <const Players extends readonly string[]>(
  players: Players,
  choices: readonly number[],
  rewards: (actions: readonly number[]) => readonly number[],
  options: MatrixGameOptions = {},
): MarkovGame<Players> => game(players, choices, rewards, options);

/** The matrix of what player `i` gets in state `s` for the next step, as a list over joint actions [J]. */
export const stagePayoff = (
  { jointActions, first, probability, reward, players }: MarkovGame,
  i: number,
  s = 0,
): Float64Array =>
  Float64Array.from({ length: jointActions }, (_, j) => {
    let sum = 0;
    const row = s * jointActions + j;
    for (let m = first[row]!; m < first[row + 1]!; m++) sum += probability[m]! * reward[m * players.length + i]!;
    return sum;
  });

/**
 * The pure Nash equilibria of a game's stage `s`: all joint choices from which nobody gains by deviating alone, looking at the next
 * reward only. Many games have none.
 */
export const pureEquilibria = (of: MarkovGame, s = 0): readonly (readonly number[])[] => {
  const pay = of.players.map((_, i) => stagePayoff(of, i, s));
  const place = of.choices.map((_, i) => of.choices.slice(i + 1).reduce((product, n) => product * n, 1));
  return Array.from({ length: of.jointActions }, (_, j) => choicesIn(of, j)).filter((actions) => {
    const j = actions.reduce((sum, a, i) => sum + a * place[i]!, 0);
    return of.players.every((_, i) =>
      Array.from({ length: of.choices[i]! }, (_, other) => pay[i]![j + (other - actions[i]!) * place[i]!]!).every(
        (x) => x <= pay[i]![j]!,
      ),
    );
  });
};
