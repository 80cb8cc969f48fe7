import { decode, fraction, orThrow, type ConfigOf, type Scene, type Shape } from '@troupe/core';
import { real } from '../settings.js';
import { markovGame, type MarkovGame } from './markov-game.js';

/** Settings of `gridWorld`: defaults, ranges and meanings. */
export const gridWorldSettings = {
  slip: fraction(0, 'probability of moving at a right angle to what was intended, half to each side'),
  stepReward: real(-0.04, 'for every step'),
  goalReward: real(1, 'for entering a goal, besides'),
  pitReward: real(-1, 'for entering a pit, besides'),
};
/** Options of `gridWorld`; all may be left out. */
export type GridWorldOptions = Partial<ConfigOf<typeof gridWorldSettings>>;

/** Up, right, down, left. */
const MOVES = [
  [-1, 0],
  [0, 1],
  [1, 0],
  [0, -1],
] as const;
const COLOURS: Readonly<Record<string, string>> = {
  '#': 'rgb(90, 90, 90)',
  G: 'rgb(120, 200, 120)',
  P: 'rgb(220, 120, 120)',
};

const draw = (map: readonly string[], row: number, column: number): Scene => {
  const [height, width] = [map.length, map[0]!.length];
  const cells = map.flatMap((line, r) =>
    Array.from(line, (cell, c): Shape => {
      const [x, y] = [c, height - 1 - r];
      return {
        kind: 'polygon',
        points: [[x, y], [x + 1, y], [x + 1, y + 1], [x, y + 1]], // prettier-ignore
        fill: COLOURS[cell] ?? 'white',
        stroke: 'rgb(160, 160, 160)',
      };
    }),
  );
  return {
    view: { left: 0, bottom: 0, width, height },
    shapes: [
      ...cells,
      { kind: 'circle', x: column + 0.5, y: height - 0.5 - row, radius: 0.3, fill: 'rgb(60, 60, 200)' },
    ],
  };
};

/**
 * A grid from a map, one string per row: `#` wall, `S` start (several: uniform; none: anywhere free), `G` goal and `P` pit,
 * both terminal, anything else is free. State number: row · width + column. Actions: up (0), right (1), down (2), left (3); a
 * move into a wall or out of the map stays. Throws a RangeError for maps that are no rectangle or have nothing free, and for
 * settings out of range.
 */
export const gridWorld = (map: readonly string[], options: GridWorldOptions = {}): MarkovGame<readonly ['agent']> => {
  const { slip, stepReward, goalReward, pitReward } = orThrow('gridWorld')(decode(gridWorldSettings)(options));
  const width = map[0]?.length ?? 0;
  if (width === 0 || !map.every((row) => row.length === width)) {
    throw new RangeError(
      `gridWorld: expected rows of one length, got lengths [${map.map((row) => row.length).join(', ')}]`,
    );
  }
  const cells = map.join('');
  const free = (cell: string): boolean => !'#GP'.includes(cell);
  const isStart = cells.includes('S') ? (cell: string) => cell === 'S' : free;
  const starts = Array.from(cells).filter(isStart).length;
  if (starts === 0) throw new RangeError('gridWorld: expected a free cell to start in, got none');
  const move = (s: number, action: number, probability: number) => {
    const [down, right] = MOVES[(action + 4) % 4]!;
    const [row, column] = [Math.floor(s / width) + down, (s % width) + right];
    const inside = row >= 0 && row < map.length && column >= 0 && column < width;
    const there = inside && map[row]![column] !== '#' ? row * width + column : s;
    const besides = cells[there] === 'G' ? goalReward : cells[there] === 'P' ? pitReward : 0;
    return { next: there, probability, reward: stepReward + besides };
  };
  return markovGame({
    name: 'grid-world',
    players: ['agent'],
    states: cells.length,
    choices: [4],
    // Nobody gets into a wall; as a terminal state it needs no transitions.
    terminal: (s) => !free(cells[s]!),
    start: Array.from(cells, (cell) => (isStart(cell) ? 1 / starts : 0)),
    outcomes: (s, [action]) => [
      move(s, action!, 1 - slip),
      move(s, action! - 1, slip / 2),
      move(s, action! + 1, slip / 2),
    ],
    draw: (s) => draw(map, Math.floor(s / width), s % width),
  });
};
