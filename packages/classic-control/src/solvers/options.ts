import type { MarkovGame } from '../games/markov-game.js';

/** How far to look ahead and how exactly to solve. */
export interface SolverOptions {
  /** γ in (0, 1]. 1 needs games that end whatever is played. */
  readonly discount: number;
  /** Largest error of a value. Default 10⁻¹⁰; for γ = 1 largest change in the last sweep. */
  readonly tolerance?: number;
}

/** The options, checked. Throws a RangeError that names `where`. */
export const requireOptions = (
  where: string,
  { discount, tolerance = 1e-10 }: SolverOptions,
): Required<SolverOptions> => {
  if (!(discount > 0 && discount <= 1)) {
    throw new RangeError(`${where}: expected a discount in (0, 1], got ${String(discount)}`);
  }
  if (!(tolerance > 0 && tolerance < Infinity)) {
    throw new RangeError(`${where}: expected a tolerance > 0, got ${String(tolerance)}`);
  }
  return { discount, tolerance };
};

const MOST_SWEEPS = 1_000_000;

/**
 * Repeats `sweep`, which returns the largest change of a value, until no value is wrong by more than the tolerance: for
 * γ < 1 the error is at most γ/(1 − γ) times the last change. Throws an Error that names `where` if values do not settle.
 */
export const settle = (where: string, { discount, tolerance }: Required<SolverOptions>, sweep: () => number): void => {
  const factor = discount < 1 ? discount / (1 - discount) : 1;
  let [least, since] = [Infinity, 0];
  for (let k = 0; k < MOST_SWEEPS; k++) {
    const change = sweep();
    if (change * factor <= tolerance) return;
    // As exact as double precision gets: the change does not shrink any more.
    if (change < least) [least, since] = [change, 0];
    else if (++since > 1000 && change < 1e-9) return;
    if (!(change < Infinity)) break;
  }
  throw new Error(
    `${where}: expected values that settle, got ones that do not: is there a game without end at discount 1?`,
  );
};

/** Expected reward of player `i` plus γ times the value of what follows, for state s and joint action j. */
export const lookAhead = (
  { jointActions, first, next, probability, reward, players }: MarkovGame,
  i: number,
  values: Float64Array,
  discount: number,
  s: number,
  j: number,
): number => {
  const row = s * jointActions + j;
  const n = players.length;
  let sum = 0;
  for (let m = first[row]!; m < first[row + 1]!; m++) {
    sum += probability[m]! * (reward[m * n + i]! + discount * values[next[m]!]!);
  }
  return sum;
};

/** Σ weights · values: what a game is worth before it begins. */
export const worthAtStart = ({ start }: MarkovGame, values: Float64Array): number =>
  start.reduce((sum, p, s) => sum + p * values[s]!, 0);
