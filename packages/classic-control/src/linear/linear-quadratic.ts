import type { Box, ConfigOf, Group } from '@troupe/core';
import { classicEnv } from '../classic-env.js';
import { settingsOf } from '../settings.js';
import type { SoloContinuous } from '../solo.js';
import type { ClassicEnv } from '../world.js';
import { linearSettings, linearGroup, linearWorld } from './linear-world.js';
import { identity } from './matrix.js';
import { requireGame, type LinearGame } from './riccati-game.js';
import { requireSystem, type LinearSystem } from './riccati.js';

/** Options of `linearQuadratic` and `linearQuadraticGame`; all may be left out. */
export type LinearOptions = Partial<ConfigOf<typeof linearSettings>>;

/** Groups of a game between two agents, each a group of its own. */
export type Duel = {
  /** Chooses u, and gets minus the cost. */
  readonly protagonist: Group<readonly ['protagonist'], Box, Box>;
  /** Chooses w, and gets the cost. */
  readonly adversary: Group<readonly ['adversary'], Box, Box>;
};

/**
 * A linear system with quadratic costs, whose best policy `riccati` knows: x' = A x + B u + noise, reward
 * -(xᵀ Q x + uᵀ R u) of the state before the step.
 *
 * State and observation [n]: x. Action [m]: u, unbounded. Never terminates; truncated after `maxSteps`, and where a number of
 * the state gets beyond `limit` (bad policies make it grow without end). Throws a RangeError for matrices that do not fit
 * and settings out of range.
 */
export const linearQuadratic = (system: LinearSystem, options: LinearOptions = {}): ClassicEnv<SoloContinuous> => {
  requireSystem('linearQuadratic', system);
  const settings = settingsOf('linearQuadratic', linearSettings, options);
  const groups: SoloContinuous = { agent: linearGroup('agent', system.A.length, system.R.length) };
  const sides = [{ effect: system.B, price: system.R, sign: -1 }] as const;
  return classicEnv(linearWorld('linear-quadratic', groups, system, sides, settings), settings);
};

/**
 * A zero-sum game on a linear system, whose saddle `riccatiGame` knows: x' = A x + B u + D w + noise. The protagonist is
 * paid -(xᵀ Q x + uᵀ R u − β² wᵀ w), the adversary the opposite. Robust control as a game, the smallest world for
 * robust adversarial reinforcement learning (Pinto et al. 2017).
 *
 * State and observation of both [n]: x. Actions: u [m] and w [k], unbounded. Ends, noise and errors as in `linearQuadratic`.
 */
export const linearQuadraticGame = (game: LinearGame, options: LinearOptions = {}): ClassicEnv<Duel> => {
  requireGame('linearQuadraticGame', game);
  const settings = settingsOf('linearQuadraticGame', linearSettings, options);
  const [n, m, k] = [game.A.length, game.R.length, game.D[0]!.length];
  const groups: Duel = { protagonist: linearGroup('protagonist', n, m), adversary: linearGroup('adversary', n, k) };
  const sides = [
    { effect: game.B, price: game.R, sign: -1 },
    { effect: game.D, price: identity(k, -game.beta * game.beta), sign: 1 },
  ] as const;
  return classicEnv(linearWorld('linear-quadratic-game', groups, game, sides, settings), settings);
};
