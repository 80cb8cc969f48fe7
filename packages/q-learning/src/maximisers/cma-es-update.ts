import { EigenvalueDecomposition, Matrix } from 'ml-matrix';
import type { CmaEsConstants } from './cma-es-constants.js';

/** Where a search is: plain data, to be kept, copied and sent. Numbers are in shares of the box where there is one. */
export interface CmaEsState {
  /** Generations told so far. */
  readonly generation: number;
  /** Scores told so far. */
  readonly evaluations: number;
  /** [n] */
  readonly mean: Float64Array;
  /** σ */
  readonly sigma: number;
  /** [n, n] */
  readonly covariance: Float64Array;
  /** [n] */
  readonly pathSigma: Float64Array;
  /** [n] */
  readonly pathC: Float64Array;
  /** [n, n]: C^(1/2) as of the last eigendecomposition; so is what follows. */
  readonly root: Float64Array;
  /** [n, n]: C^(−1/2). */
  readonly inverseRoot: Float64Array;
  /** Largest over smallest eigenvalue of C. */
  readonly condition: number;
  /** The best candidate so far [n], as it was evaluated. */
  readonly best: Float64Array;
  /** Its score. */
  readonly bestScore: number;
}

/** y ← M x for a square matrix. */
export const times = (matrix: Float64Array, x: ArrayLike<number>, at = 0): Float64Array => {
  const n = Math.sqrt(matrix.length);
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) out[i]! += matrix[i * n + j]! * x[at + j]!;
  return out;
};

/** C^(1/2), C^(−1/2) and the condition number. Eigenvalues that rounding made negative count as tiny. */
const rootsOf = (covariance: Float64Array, n: number) => {
  const rows = Array.from({ length: n }, (_, i) => Array.from(covariance.subarray(i * n, (i + 1) * n)));
  const { realEigenvalues, eigenvectorMatrix: B } = new EigenvalueDecomposition(new Matrix(rows), {
    assumeSymmetric: true,
  });
  const top = Math.max(...realEigenvalues);
  const values = realEigenvalues.map((value) => Math.max(value, top * 1e-16));
  const [root, inverseRoot] = [new Float64Array(n * n), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < n; k++) {
        const both = B.get(i, k) * B.get(j, k);
        root[i * n + j]! += both * Math.sqrt(values[k]!);
        inverseRoot[i * n + j]! += both / Math.sqrt(values[k]!);
      }
    }
  }
  return { root, inverseRoot, condition: top / Math.min(...values) };
};

/** The unit matrix [n, n]. */
export const identity = (n: number): Float64Array =>
  Float64Array.from({ length: n * n }, (_, k) => (k % (n + 1) === 0 ? 1 : 0));

/** What the mean, the step size and the covariance learn from. */
type Adapted = Omit<CmaEsState, 'evaluations' | 'best' | 'bestScore'>;

/** One update from the steps y = (x − m)/σ of a generation, best first. Hansen 2016, figure 6. */
export const adapted = (
  { size: n, population: λ, parents, weights, muEff, cSigma, dSigma, cC, c1, cMu, chiN, lag }: CmaEsConstants,
  state: CmaEsState,
  steps: readonly Float64Array[],
): Adapted => {
  const generation = state.generation + 1;
  const { mean, sigma, covariance, inverseRoot } = state;
  const shift = new Float64Array(n);
  for (let k = 0; k < parents; k++) steps[k]!.forEach((y, i) => (shift[i]! += weights[k]! * y));

  const along = Math.sqrt(cSigma * (2 - cSigma) * muEff);
  const white = times(inverseRoot, shift);
  const pathSigma = state.pathSigma.map((p, i) => (1 - cSigma) * p + along * white[i]!);
  const length = Math.hypot(...pathSigma);
  const settled = Math.sqrt(1 - (1 - cSigma) ** (2 * generation));
  const h = length / settled < (1.4 + 2 / (n + 1)) * chiN ? 1 : 0;
  const alongC = h * Math.sqrt(cC * (2 - cC) * muEff);
  const pathC = state.pathC.map((p, i) => (1 - cC) * p + alongC * shift[i]!);

  const scaled = steps.map((y, k) => {
    if (weights[k]! >= 0) return weights[k]!;
    const whitened = times(inverseRoot, y);
    return (weights[k]! * n) / (whitened.reduce((sum, x) => sum + x * x, 0) + 1e-8);
  });
  const total = weights.reduce((a, b) => a + b, 0);
  const kept = 1 + c1 * (1 - h) * cC * (2 - cC) - c1 - cMu * total;
  const next = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let spread = 0;
      for (let k = 0; k < λ; k++) spread += scaled[k]! * steps[k]![i]! * steps[k]![j]!;
      next[i * n + j] = next[j * n + i] = kept * covariance[i * n + j]! + c1 * pathC[i]! * pathC[j]! + cMu * spread;
    }
  }
  return {
    generation,
    mean: mean.map((m, i) => m + sigma * shift[i]!),
    sigma: sigma * Math.exp((cSigma / dSigma) * (length / chiN - 1)),
    covariance: next,
    pathSigma,
    pathC,
    ...(generation % lag === 0 ? rootsOf(next, n) : { root: state.root, inverseRoot, condition: state.condition }),
  };
};
