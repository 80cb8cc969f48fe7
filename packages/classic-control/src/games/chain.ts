import { decode, field, fraction, orThrow, type ConfigOf } from '@troupe/core';
import { real } from '../settings.js';
import { markovGame, type MarkovGame } from './markov-game.js';

/** Settings of `chain`: defaults, ranges and meanings. */
export const chainSettings = {
  length: field(5, 'an integer >= 3', 'states, the last of which is terminal', (u): u is number => Number.isInteger(u) && (u as number) >= 3), // prettier-ignore
  intended: fraction(0.9, 'probability that the move is the intended one and not the opposite'),
  goalReward: real(1, 'for entering the last state'),
  leftReward: real(0.1, 'for a move that ends in the first state'),
};
/** Options of `chain`; all may be left out. */
export type ChainOptions = Partial<ConfigOf<typeof chainSettings>>;

/**
 * States in a row: left (0) and right (1) move to the neighbour, or with probability 1 − `intended` the other way; at the
 * left end a move to the left stays. A small reward lures to the left end, a large one waits at the right end, where the
 * episode ends. Episodes begin uniformly in the other states. Throws a RangeError for settings out of range.
 */
export const chain = (options: ChainOptions = {}): MarkovGame<readonly ['agent']> => {
  const { length, intended, goalReward, leftReward } = orThrow('chain')(decode(chainSettings)(options));
  const to = (next: number, probability: number) => ({
    next,
    probability,
    reward: next === length - 1 ? goalReward : next === 0 ? leftReward : 0,
  });
  return markovGame({
    name: 'chain',
    players: ['agent'],
    states: length,
    choices: [2],
    terminal: (s) => s === length - 1,
    outcomes: (s, [action]) => [
      to(Math.max(0, s - 1), action === 0 ? intended : 1 - intended),
      to(s + 1, action === 1 ? intended : 1 - intended),
    ],
  });
};

/**
 * One state, one action, one reward per step, for ever: worth reward / (1 − γ), however often a clock cuts it. A learner
 * that takes truncation for termination finds less.
 */
export const loop = (reward = 1): MarkovGame<readonly ['agent']> =>
  markovGame({
    name: 'loop',
    players: ['agent'],
    states: 1,
    choices: [1],
    outcomes: () => [{ next: 0, reward }],
  });
