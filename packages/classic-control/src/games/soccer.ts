import type { Scene, Shape } from '@troupe/core';
import { markovGame, type MarkovGame, type Outcome } from './markov-game.js';

const [ROWS, COLUMNS] = [4, 5];
const CELLS = ROWS * COLUMNS;
/** Rows that the goals span, at both ends. */
const GOAL_ROWS = [1, 2];
/** Up, right, down, left, stand. */
const MOVES = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
  [0, 0],
] as const;

/** Where both stand, and which of them has the ball. */
interface Position {
  readonly cells: readonly [number, number];
  readonly ball: 0 | 1;
}
const OVER = CELLS * CELLS * 2;
const numberOf = ({ cells: [left, right], ball }: Position): number => (left * CELLS + right) * 2 + ball;
const positionOf = (state: number): Position => ({
  cells: [Math.floor(state / 2 / CELLS), Math.floor(state / 2) % CELLS],
  ball: (state % 2) as 0 | 1,
});

/** One player's move: the position after it, or the player who has scored. */
const moved = (position: Position, player: 0 | 1, action: number): Position | { readonly scorer: 0 | 1 } => {
  const [cell, other] = [position.cells[player], position.cells[1 - player]!];
  const [down, right] = MOVES[action]!;
  const [row, column] = [Math.floor(cell / COLUMNS) + down, (cell % COLUMNS) + right];
  if (position.ball === player && GOAL_ROWS.includes(row)) {
    // The left player scores on the right, and the other way round.
    if (player === 0 && column === COLUMNS) return { scorer: 0 };
    if (player === 1 && column === -1) return { scorer: 1 };
  }
  if (row < 0 || row >= ROWS || column < 0 || column >= COLUMNS) return position;
  const to = row * COLUMNS + column;
  // Who runs into the other loses the ball to it, and stays.
  if (to === other) return { ...position, ball: (1 - player) as 0 | 1 };
  return { ...position, cells: player === 0 ? [to, other] : [other, to] };
};

const after = (
  position: Position,
  actions: readonly number[],
  order: readonly (0 | 1)[],
): Omit<Outcome, 'probability'> => {
  let now = position;
  for (const player of order) {
    const result = moved(now, player, actions[player]!);
    if ('scorer' in result) return { next: OVER, reward: result.scorer === 0 ? [1, -1] : [-1, 1] };
    now = result;
  }
  return { next: numberOf(now), reward: 0 };
};

const draw = (state: number): Scene => {
  const { cells, ball } = positionOf(state);
  const disc = (player: 0 | 1, radius: number, fill: string): Shape => ({
    kind: 'circle',
    x: (cells[player] % COLUMNS) + 0.5,
    y: ROWS - 0.5 - Math.floor(cells[player] / COLUMNS),
    radius,
    fill,
  });
  const goal = (x: number): Shape => ({ kind: 'line', points: [[x, 1], [x, 3]], stroke: 'rgb(120, 200, 120)', width: 0.15 }); // prettier-ignore
  return {
    view: { left: -0.3, bottom: -0.3, width: COLUMNS + 0.6, height: ROWS + 0.6 },
    shapes: [
      {
        kind: 'polygon',
        points: [[0, 0], [COLUMNS, 0], [COLUMNS, ROWS], [0, ROWS]], // prettier-ignore
        fill: 'white',
        stroke: 'black',
      },
      goal(0),
      goal(COLUMNS),
      disc(0, 0.35, 'rgb(60, 60, 200)'),
      disc(1, 0.35, 'rgb(200, 60, 60)'),
      disc(ball, 0.15, 'white'),
    ],
  };
};

/**
 * The soccer game of Littman 1994, a zero-sum Markov game on a field of 4 × 5 cells. Both move at the same time, up (0),
 * right (1), down (2), left (3) or not (4), and are carried out in random order; who runs into the other stays and loses the
 * ball to it. Who takes the ball into the opponent's goal (the middle rows of the end opposite to its own) gets 1, the other
 * -1, and the game is over (there the board is set up again). It begins with the players in columns 1 and 3, rows 2 and 1,
 * and the ball given at random.
 *
 * State number: (cell of left · 20 + cell of right) · 2 + who has the ball; the last state, 800, is the end.
 */
export const soccer = (): MarkovGame<readonly ['left', 'right']> => {
  const start = new Array<number>(OVER + 1).fill(0);
  for (const ball of [0, 1] as const) start[numberOf({ cells: [2 * COLUMNS + 1, COLUMNS + 3], ball })] = 0.5;
  return markovGame({
    name: 'soccer',
    players: ['left', 'right'],
    states: OVER + 1,
    choices: [MOVES.length, MOVES.length],
    start,
    // Two players in one cell cannot be; as terminal states they need no transitions.
    terminal: (s) => s === OVER || positionOf(s).cells[0] === positionOf(s).cells[1],
    outcomes: (s, actions) => {
      const position = positionOf(s);
      return ([[0, 1], [1, 0]] as const).map((order) => ({ ...after(position, actions, order), probability: 0.5 })); // prettier-ignore
    },
    draw,
  });
};
