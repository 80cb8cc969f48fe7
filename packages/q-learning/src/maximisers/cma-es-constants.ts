import { field, flag, optional, positive } from '@troupe/core';

/** Settings of CMA-ES. */
export const cmaEsSettings = {
  sigma: positive(0.3, 'first step size; a share of the width of the box where there is one'),
  population: optional(
    field(2, 'an integer > 1', 'λ, candidates of a generation; null: 4 + ⌊3 ln n⌋', (u): u is number => Number.isInteger(u) && (u as number) > 1), // prettier-ignore
  ),
  active: flag(true, 'the worse half counts too, with negative weights (Hansen and Ros 2010)'),
};

/** λ for n numbers: 4 + ⌊3 ln n⌋. Hansen 2016, table 1. */
export const populationOf = (size: number): number => 4 + Math.floor(3 * Math.log(size));

/** All that depends on n and λ alone. Hansen 2016 (arXiv 1604.00772), table 1; names as there. */
export interface CmaEsConstants {
  /** n, how many numbers are looked for. */
  readonly size: number;
  /** λ */
  readonly population: number;
  /** μ */
  readonly parents: number;
  /** [λ], best first; the first μ sum to 1, the others are zero or negative. */
  readonly weights: readonly number[];
  /** μ_eff, how many parents of equal weight the weights are worth. */
  readonly muEff: number;
  /** c_σ, how fast the path of the step size forgets. */
  readonly cSigma: number;
  /** d_σ, how much changes of the step size are damped. */
  readonly dSigma: number;
  /** c_c, how fast the path of the covariance forgets. */
  readonly cC: number;
  /** c_1, share of the path in the new covariance. */
  readonly c1: number;
  /** c_μ, share of the parents in the new covariance. */
  readonly cMu: number;
  /** E|N(0, I)| */
  readonly chiN: number;
  /** Generations from one eigendecomposition to the next. */
  readonly lag: number;
}

const sum = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const effective = (xs: readonly number[]): number => sum(xs) ** 2 / sum(xs.map((x) => x * x));

/** The default constants for `size` numbers and `population` candidates. */
export const constantsOf = (size: number, population: number, active: boolean): CmaEsConstants => {
  const n = size;
  const parents = Math.floor(population / 2);
  const raw = Array.from({ length: population }, (_, i) => Math.log((population + 1) / 2) - Math.log(i + 1));
  const [best, worst] = [raw.slice(0, parents), raw.slice(parents)];
  const muEff = effective(best);
  const cSigma = (muEff + 2) / (n + muEff + 5);
  const dSigma = 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma;
  const cC = (4 + muEff / n) / (n + 4 + (2 * muEff) / n);
  const c1 = 2 / ((n + 1.3) ** 2 + muEff);
  const cMu = Math.min(1 - c1, (2 * (muEff - 2 + 1 / muEff)) / ((n + 2) ** 2 + muEff));
  // Negative weights: as much as leaves C positive definite and its trace in balance (equations 50 to 53).
  const negative = -sum(worst);
  const most = Math.min(1 + c1 / cMu, 1 + (2 * effective(worst)) / (muEff + 2), (1 - c1 - cMu) / (n * cMu));
  const weights = [
    ...best.map((w) => w / sum(best)),
    ...worst.map((w) => (active && negative > 0 && cMu > 0 ? (w * most) / negative : 0)),
  ];
  return {
    size,
    population,
    parents,
    weights,
    muEff,
    cSigma,
    dSigma,
    cC,
    c1,
    cMu,
    chiN: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
    lag: Math.max(1, Math.floor(1 / (10 * n * (c1 + cMu)))),
  };
};
