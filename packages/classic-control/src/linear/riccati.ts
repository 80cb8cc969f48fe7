import { solve } from '../solvers/linear-solve.js';
import {
  isPositiveDefinite,
  largest,
  plus,
  quadratic,
  requireMatrix,
  sandwich,
  scaled,
  symmetric,
  times,
  trace,
  type Matrix,
} from './matrix.js';

/** x' = A x + B u, cost xᵀ Q x + uᵀ R u per step: n numbers of state, m of action. */
export interface LinearSystem {
  /** [n, n] */
  readonly A: Matrix;
  /** [n, m] */
  readonly B: Matrix;
  /** [n, n], symmetric */
  readonly Q: Matrix;
  /** [m, m], symmetric */
  readonly R: Matrix;
}

/** The best that can be done: u = -K x costs xᵀ P x from state x on. */
export interface LinearSolution {
  /** [n, n] */
  readonly P: Matrix;
  /** [m, n] */
  readonly K: Matrix;
}

/** Throws a RangeError that names `where` and the matrix unless all shapes fit together. */
export const requireSystem = (where: string, { A, B, Q, R }: LinearSystem): void => {
  const [n, m] = [A.length, B[0]?.length ?? 0];
  if (n === 0 || m === 0)
    throw new RangeError(`${where}: expected at least one state and one action, got ${n} and ${m}`);
  requireMatrix(`${where}: A`, A, n, n);
  requireMatrix(`${where}: B`, B, n, m);
  requireMatrix(`${where}: Q`, Q, n, n);
  requireMatrix(`${where}: R`, R, m, m);
};

/** Throws a RangeError that names `where` unless the discount is in (0, 1]. */
export const requireDiscount = (where: string, discount: number): void => {
  if (!(discount > 0 && discount <= 1)) {
    throw new RangeError(`${where}: expected a discount in (0, 1], got ${String(discount)}`);
  }
};

/** One step back in time: from the costs P of what comes after to gain and costs now. */
export const back = (where: string, { A, B, Q, R }: LinearSystem, discount: number, P: Matrix): LinearSolution => {
  const future = scaled(P, discount);
  const curvature = plus(R, sandwich(B, future, B));
  if (!isPositiveDefinite(symmetric(curvature))) {
    throw new Error(`${where}: expected R + γ Bᵀ P B to be positive definite, got ${JSON.stringify(curvature)}`);
  }
  const K = solve(where, curvature, sandwich(B, future, A));
  const closed = plus(A, times(B, K), -1);
  return { K, P: symmetric(plus(Q, sandwich(A, future, closed))) };
};

const [TOLERANCE, MOST_STEPS] = [1e-12, 1_000_000];

/**
 * Repeats P ← `next`(P) from `first` until the largest change is at most 10⁻¹² of the largest entry. Throws an Error that
 * names `where` if that never happens.
 */
export const fixedPoint = (where: string, first: Matrix, next: (P: Matrix) => Matrix): Matrix => {
  let P = first;
  for (let step = 0; step < MOST_STEPS; step++) {
    const after = next(P);
    const change = largest(plus(after, P, -1));
    if (change <= TOLERANCE * Math.max(1, largest(after))) return after;
    if (!(change < 1e100)) break;
    P = after;
  }
  throw new Error(`${where}: expected costs that stay finite, got ones that grow: no gain stabilises the system`);
};

/**
 * The linear-quadratic regulator: minimises Σ γᵗ (xᵀ Q x + uᵀ R u) by the discrete algebraic Riccati equation,
 * P = Q + γ Aᵀ P A − γ² Aᵀ P B (R + γ Bᵀ P B)⁻¹ Bᵀ P A, iterated to 10⁻¹² (Bertsekas 2012, volume 1, section 4.1).
 * Noise with covariance W leaves K as it is and costs `noiseCost(P, W, γ)` more.
 *
 * Throws a RangeError for matrices that do not fit, an Error where there is no finite solution.
 */
export const riccati = (system: LinearSystem, discount = 1): LinearSolution => {
  requireSystem('riccati', system);
  requireDiscount('riccati', discount);
  const P = fixedPoint('riccati', system.Q, (before) => back('riccati', system, discount, before).P);
  return back('riccati', system, discount, P);
};

/**
 * The best for `steps` steps, with nothing to pay at the end: element t holds the gain at step t and the costs from there on.
 * Throws as `riccati` does, and a RangeError unless `steps` is an integer >= 1.
 */
export const finiteRiccati = (system: LinearSystem, steps: number, discount = 1): readonly LinearSolution[] => {
  requireSystem('finiteRiccati', system);
  requireDiscount('finiteRiccati', discount);
  if (!(Number.isInteger(steps) && steps >= 1)) {
    throw new RangeError(`finiteRiccati: expected an integer >= 1 of steps, got ${String(steps)}`);
  }
  const solutions: LinearSolution[] = [];
  let P: Matrix = scaled(system.Q, 0);
  for (let t = 0; t < steps; t++) {
    const solution = back('finiteRiccati', system, discount, P);
    solutions.push(solution);
    P = solution.P;
  }
  return solutions.reverse();
};

/**
 * What any linear policy u = -K x costs: the P of its discounted costs xᵀ P x, or null where they are not finite (the
 * spectral radius of √γ (A − B K) is 1 or more). Squares the closed loop (Smith 1968): accurate in a few dozen products.
 */
export const costOfGain = (system: LinearSystem, K: Matrix, discount = 1): Matrix | null => {
  const { A, B, Q, R } = system;
  requireSystem('costOfGain', system);
  requireDiscount('costOfGain', discount);
  requireMatrix('costOfGain: K', K, R.length, A.length);
  let loop: Matrix = scaled(plus(A, times(B, K), -1), Math.sqrt(discount));
  let P: Matrix = symmetric(plus(Q, sandwich(K, R, K)));
  for (let doubling = 0; doubling < 64; doubling++) {
    const more = sandwich(loop, P, loop);
    P = symmetric(plus(P, more));
    if (!(largest(P) < 1e150)) return null;
    if (largest(more) <= 1e-16 * largest(P) && largest(loop) < 1) return P;
    loop = times(loop, loop);
  }
  return null;
};

/**
 * What noise of covariance W [n, n], added to every state after the first, costs in all: γ/(1 − γ) tr(P W). Infinite for
 * γ = 1 unless P W vanishes.
 */
export const noiseCost = (P: Matrix, W: Matrix, discount: number): number => {
  requireDiscount('noiseCost', discount);
  requireMatrix('noiseCost: W', W, P.length, P.length);
  const perStep = trace(times(P, W));
  return perStep === 0 ? 0 : (discount / (1 - discount)) * perStep;
};

/** xᵀ P x: what a solution costs from state x on. */
export const costFrom = (P: Matrix, x: readonly number[]): number => {
  requireMatrix('costFrom: x', [x], 1, P.length);
  return quadratic(P, x);
};

/** A double integrator with a step of 0.1: position and velocity, driven by an acceleration. */
export const doubleIntegrator: LinearSystem = {
  A: [
    [1, 0.1],
    [0, 1],
  ],
  B: [[0.005], [0.1]],
  Q: [
    [1, 0],
    [0, 0.1],
  ],
  R: [[0.1]],
};

/**
 * The stabilising solution by policy iteration from a stabilising gain (Hewer 1971), for systems whose Q is not positive
 * semidefinite: there `riccati`, which starts from nothing, may find no way. Throws an Error that names `where` if the gain does
 * not stabilise or there is no such solution.
 */
export const policyIteration = (
  where: string,
  system: LinearSystem,
  stabilising: Matrix,
  discount: number,
): LinearSolution => {
  let K = stabilising;
  for (let step = 0; step < 200; step++) {
    const P = costOfGain(system, K, discount);
    if (P === null) break;
    const better = back(where, system, discount, P);
    if (largest(plus(better.K, K, -1)) <= 1e-11 * Math.max(1, largest(K))) return { P, K: better.K };
    K = better.K;
  }
  throw new Error(`${where}: expected a gain that stabilises the system at finite cost, got none`);
};
