import { markovGame, type MarkovGame } from './markov-game.js';

/**
 * The two-step team game of Rashid et al. 2018 (QMIX, section 5.1). In state 0 the first agent's choice leads to state 1 or 2,
 * for nothing. In state 1 everything pays 7; in state 2 choosing (0, 0) pays 0, (0, 1) and (1, 0) pay 1, (1, 1) pays 8. State 3
 * is terminal. The best return is 8; a sum of individual values settles for 7.
 */
export const twoStep = (): MarkovGame<readonly ['first', 'second']> =>
  markovGame({
    name: 'two-step',
    players: ['first', 'second'],
    states: 4,
    choices: [2, 2],
    start: 0,
    terminal: (s) => s === 3,
    outcomes: (s, [a, b]) => {
      if (s === 0) return [{ next: 1 + a!, reward: 0 }];
      return [{ next: 3, reward: s === 1 ? 7 : [0, 1, 8][a! + b!]! }];
    },
  });
