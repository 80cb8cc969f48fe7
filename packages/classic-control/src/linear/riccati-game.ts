import { solve } from '../solvers/linear-solve.js';
import {
  identity,
  isPositiveDefinite,
  joined,
  plus,
  requireMatrix,
  sandwich,
  scaled,
  stacked,
  symmetric,
  times,
  type Matrix,
} from './matrix.js';
import {
  fixedPoint,
  policyIteration,
  requireDiscount,
  requireSystem,
  riccati,
  type LinearSolution,
  type LinearSystem,
} from './riccati.js';

/**
 * A zero-sum game on a linear system: x' = A x + B u + D w. The protagonist's u minimises, the adversary's w maximises
 * Σ γᵗ (xᵀ Q x + uᵀ R u − β² wᵀ w). The greater β, the dearer it is to disturb.
 */
export interface LinearGame extends LinearSystem {
  /** [n, k] */
  readonly D: Matrix;
  /** β; what disturbing costs is its square. A finite number > 0. */
  readonly beta: number;
}

/** The saddle: u = -K_u x and w = -K_w x, and the cost xᵀ P x of both. */
export interface LinearSaddle {
  /** [n, n] */
  readonly P: Matrix;
  /** [m, n] */
  readonly protagonist: Matrix;
  /** [k, n] */
  readonly adversary: Matrix;
}

/** Throws a RangeError that names `where` unless all shapes fit together and β is a finite number > 0. */
export const requireGame = (where: string, game: LinearGame): void => {
  requireSystem(where, game);
  requireMatrix(`${where}: D`, game.D, game.A.length, game.D[0]?.length ?? 0);
  if (!(game.beta > 0 && game.beta < Infinity)) {
    throw new RangeError(`${where}: expected beta to be a finite number > 0, got ${String(game.beta)}`);
  }
};

const back = (where: string, game: LinearGame, discount: number, P: Matrix): LinearSaddle => {
  const { A, B, D, Q, R, beta } = game;
  const future = scaled(P, discount);
  const [m, k] = [R.length, D[0]!.length];
  const price = identity(k, beta * beta);
  if (!isPositiveDefinite(symmetric(plus(price, sandwich(D, future, D), -1)))) {
    throw new Error(`${where}: expected a finite saddle, got none for β = ${beta}: disturbing is too cheap`);
  }
  const both = joined(B, D);
  const zeros = (rows: number, columns: number): number[][] => Array.from({ length: rows }, () => Array<number>(columns).fill(0)); // prettier-ignore
  const costs = stacked(joined(R, zeros(m, k)), joined(zeros(k, m), scaled(price, -1)));
  const K = solve(where, plus(costs, sandwich(both, future, both)), sandwich(both, future, A));
  const closed = plus(A, times(both, K), -1);
  return { protagonist: K.slice(0, m), adversary: K.slice(m), P: symmetric(plus(Q, sandwich(A, future, closed))) };
};

/**
 * The saddle point of a linear-quadratic zero-sum game by the game Riccati equation, iterated to 10⁻¹² (Başar and Bernhard
 * 1995, chapter 3). Throws a RangeError for matrices that do not fit, an Error where β is below the critical value and
 * there is no finite saddle.
 */
export const riccatiGame = (game: LinearGame, discount = 1): LinearSaddle => {
  requireGame('riccatiGame', game);
  requireDiscount('riccatiGame', discount);
  const P = fixedPoint('riccatiGame', game.Q, (before) => back('riccatiGame', game, discount, before).P);
  return back('riccatiGame', game, discount, P);
};

/**
 * The best that one side can do while the other plays the linear policy with this gain: an ordinary regulator on the
 * system that the other's policy leaves, or, for the adversary, its mirror image. Throws as `riccati` does: there is no
 * answer where the adversary can make the cost infinite.
 */
export const linearBestResponse = (
  game: LinearGame,
  side: 'protagonist' | 'adversary',
  other: Matrix,
  discount = 1,
): LinearSolution => {
  const where = 'linearBestResponse';
  requireGame(where, game);
  const { A, B, D, Q, R, beta } = game;
  const price = identity(D[0]!.length, beta * beta);
  if (side === 'protagonist') {
    requireMatrix(`${where}: the adversary's gain`, other, price.length, A.length);
    const left = { A: plus(A, times(D, other), -1), B, Q: plus(Q, sandwich(other, price, other), -1), R };
    // The other's payments make the running cost indefinite, so a gain that stabilises comes first.
    const stabilising = riccati({ ...left, Q: identity(A.length) }, discount).K;
    return policyIteration(where, left, stabilising, discount);
  }
  requireMatrix(`${where}: the protagonist's gain`, other, R.length, A.length);
  const left = {
    A: plus(A, times(B, other), -1),
    B: D,
    Q: scaled(plus(Q, sandwich(other, R, other)), -1),
    R: price,
  };
  const { P, K } = riccati(left, discount);
  return { P: scaled(P, -1), K };
};

/**
 * The least β that has a finite saddle, to a relative precision of 10⁻⁹, by bisection between `low` and `high`. Throws a
 * RangeError unless there is none at `low` and one at `high`.
 */
export const criticalBeta = (
  game: Omit<LinearGame, 'beta'>,
  discount = 1,
  { low = 1e-6, high = 1e6 }: { readonly low?: number; readonly high?: number } = {},
): number => {
  requireGame('criticalBeta', { ...game, beta: high });
  requireDiscount('criticalBeta', discount);
  const finite = (beta: number): boolean => {
    try {
      riccatiGame({ ...game, beta }, discount);
      return true;
    } catch {
      return false;
    }
  };
  if (finite(low) || !finite(high)) {
    throw new RangeError(`criticalBeta: expected no saddle at ${low} and one at ${high}`);
  }
  let [below, above] = [low, high];
  while (above - below > 1e-9 * above) {
    const middle = Math.sqrt(below * above);
    if (finite(middle)) above = middle;
    else below = middle;
  }
  return above;
};

/** A pendulum about its upper rest, linearised with a step of 0.02: angle and angular velocity, both sides push alike. */
export const uprightPendulum: Omit<LinearGame, 'beta'> = {
  A: [
    [1, 0.02],
    [0.1962, 1],
  ],
  B: [[0], [0.02]],
  D: [[0], [0.02]],
  Q: [
    [1, 0],
    [0, 0.1],
  ],
  R: [[0.01]],
};
