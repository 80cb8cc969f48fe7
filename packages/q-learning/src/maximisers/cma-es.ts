import { boundOf, decode, oneOf, orThrow, type Box, type ConfigOf, type Rng } from '@troupe/core';
import { adapted, identity, times, type CmaEsState } from './cma-es-update.js';
import { cmaEsSettings, constantsOf, populationOf, type CmaEsConstants } from './cma-es-constants.js';

/** Settings of `cmaEs`. */
export const cmaEsSearchSettings = {
  ...cmaEsSettings,
  bounds: oneOf(
    ['penalty', 'resample'],
    'penalty',
    'candidates outside the box: the nearest point inside is evaluated and the squared distance taken off its score, or they are drawn again',
  ),
};
/** Options of `cmaEs`. */
export interface CmaEsOptions extends Partial<ConfigOf<typeof cmaEsSearchSettings>> {
  /** n, how many numbers are sought. */
  readonly size: number;
  /** The box to search in; the search then takes place in shares of its width. Default: everywhere. */
  readonly box?: Pick<Box, 'low' | 'high'>;
}

/** A generation of candidates. */
export interface CmaEsAsked {
  /** [λ, n], row-major: what to evaluate. */
  readonly candidates: Float64Array;
  /** [λ, n]: where they were drawn, in the numbers of the search. */
  readonly points: Float64Array;
  /** [λ]: what is taken off their scores. */
  readonly penalty: Float64Array;
}

/** An optimiser that is asked for candidates and told their scores. States are values: nothing is changed in place. */
export interface CmaEs {
  /** What depends on the number of numbers and the population only. */
  readonly constants: CmaEsConstants;
  /** Begins at `mean` [n]; default the middle of the box, or 0. */
  init(mean?: ArrayLike<number>): CmaEsState;
  /** Draws a population of candidates. Where a box is given they are in it; what that took is in `penalty`. */
  ask(state: CmaEsState, rng: Rng): CmaEsAsked;
  /** `scores` [λ]: higher is better; NaN is worst. Throws a RangeError for another number of them. */
  tell(state: CmaEsState, asked: CmaEsAsked, scores: ArrayLike<number>): CmaEsState;
  /** Why there is no point in going on, if so. */
  stopped(state: CmaEsState): 'converged' | 'ill-conditioned' | undefined;
}

const [MOST_DRAWS, SMALLEST_STEP, LARGEST_CONDITION] = [100, 1e-12, 1e14];

/** The ranks of a generation: indices of the scores, best first. */
const ranked = (scores: readonly number[]): number[] => {
  const worth = scores.map((score) => (Number.isNaN(score) ? -Infinity : score));
  return worth.map((_, i) => i).sort((a, b) => (worth[a] === worth[b] ? a - b : worth[b]! - worth[a]!));
};

/**
 * Covariance matrix adaptation evolution strategy, (μ/μ_w, λ) with rank-one and rank-μ updates and, unless `active` is
 * off, negative weights. Hansen 2016 (arXiv 1604.00772), figure 6. Maximises; usable by itself for any function of a few
 * dozen numbers:
 *
 * ```ts
 * const search = cmaEs({ size: 5 });
 * let state = search.init();
 * while (search.stopped(state) === undefined) {
 *   const asked = search.ask(state, rng);
 *   state = search.tell(state, asked, scoresOf(asked.candidates));
 * }
 * ```
 *
 * Candidates are drawn as m + σ C^(1/2) z with the symmetric root: the same normals give the same candidates, whatever
 * signs an eigendecomposition likes. Throws a RangeError for settings out of range or a box without finite bounds.
 */
export const cmaEs = ({ size: n, box, ...settings }: CmaEsOptions): CmaEs => {
  const config = orThrow('cmaEs')(decode(cmaEsSearchSettings)(settings));
  if (!(Number.isInteger(n) && n >= 1)) throw new RangeError(`cmaEs: expected size to be an integer >= 1, got ${n}`);
  const low = Float64Array.from({ length: n }, (_, i) => (box ? boundOf(box.low, i) : 0));
  const width = Float64Array.from({ length: n }, (_, i) => (box ? boundOf(box.high, i) - low[i]! : 1));
  if (!width.every((w, i) => w > 0 && Number.isFinite(w) && Number.isFinite(low[i]))) {
    throw new RangeError('cmaEs: expected a box with finite bounds, low < high');
  }
  const constants = constantsOf(n, config.population ?? populationOf(n), config.active);
  const { population: λ } = constants;
  const inside = (x: number): number => (box ? Math.min(1, Math.max(0, x)) : x);

  return {
    constants,
    init: (mean) => ({
      generation: 0,
      evaluations: 0,
      mean: Float64Array.from({ length: n }, (_, i) => (mean ? (mean[i]! - low[i]!) / width[i]! : box ? 0.5 : 0)),
      sigma: config.sigma,
      covariance: identity(n),
      pathSigma: new Float64Array(n),
      pathC: new Float64Array(n),
      root: identity(n),
      inverseRoot: identity(n),
      condition: 1,
      best: new Float64Array(n).fill(NaN),
      bestScore: -Infinity,
    }),
    ask({ mean, sigma, root }, rng) {
      const [points, candidates] = [new Float64Array(λ * n), new Float64Array(λ * n)];
      const penalty = new Float64Array(λ);
      const normals = new Float64Array(n);
      for (let k = 0; k < λ; k++) {
        const point = points.subarray(k * n, (k + 1) * n);
        for (let draw = 0; draw < MOST_DRAWS; draw++) {
          times(root, rng.fillNormal(normals)).forEach((y, i) => (point[i] = mean[i]! + sigma * y));
          if (config.bounds === 'penalty' || point.every((x) => x === inside(x))) break;
        }
        // Where all draws were outside, the last one is moved inside.
        if (config.bounds === 'resample') point.forEach((x, i) => (point[i] = inside(x)));
        for (let i = 0; i < n; i++) {
          penalty[k]! += (point[i]! - inside(point[i]!)) ** 2;
          candidates[k * n + i] = low[i]! + width[i]! * inside(point[i]!);
        }
      }
      return { candidates, points, penalty };
    },
    tell(state, { candidates, points, penalty }, scores) {
      if (scores.length !== λ) throw new RangeError(`cmaEs.tell: expected ${λ} scores, got ${scores.length}`);
      const order = ranked(Array.from(penalty, (p, k) => scores[k]! - p));
      const { mean, sigma } = state;
      const steps = order.map((k) => points.subarray(k * n, (k + 1) * n).map((x, i) => (x - mean[i]!) / sigma));
      const top = ranked(Array.from(scores))[0]!;
      const improved = scores[top]! > state.bestScore;
      return {
        ...adapted(constants, state, steps),
        evaluations: state.evaluations + λ,
        best: improved ? candidates.slice(top * n, (top + 1) * n) : state.best,
        bestScore: improved ? scores[top]! : state.bestScore,
      };
    },
    stopped({ sigma, covariance, condition, generation }) {
      if (condition > LARGEST_CONDITION) return 'ill-conditioned';
      const widest = Math.sqrt(Math.max(...Array.from({ length: n }, (_, i) => covariance[i * (n + 1)]!)));
      return generation > 0 && sigma * widest < SMALLEST_STEP ? 'converged' : undefined;
    },
  };
};
