import { bootstrapSettings, eachResample, middle, type BootstrapOptions } from './bootstrap.js';
import { checkScores, seedsOf, strataOf, type Scores } from './scores.js';

/** How large a share of runs got more than each threshold. */
export interface PerformanceProfile {
  /** Whose profile it is. */
  readonly name: string;
  /** Seeds of its runs. */
  readonly seeds: readonly number[];
  /** Tasks of its runs. */
  readonly tasks: readonly string[];
  /** τ, rising. */
  readonly thresholds: readonly number[];
  /** F̂(τ), one for each threshold. */
  readonly share: readonly number[];
  /** Pointwise band; absent where no task has a second seed. */
  readonly band?: { readonly low: readonly number[]; readonly high: readonly number[]; readonly level: number };
}

/** `count` thresholds from the lowest to the highest score of all these algorithms, evenly spaced. */
export const thresholdsFor = (all: readonly Scores[], count = 101): readonly number[] => {
  for (const scores of all) checkScores('thresholdsFor', scores);
  if (!(Number.isInteger(count) && count >= 2)) {
    throw new RangeError(`thresholdsFor: expected count to be an integer >= 2, got ${String(count)}`);
  }
  const values = all.flatMap(({ tasks }) => Object.values(tasks).flatMap((runs) => runs.map(({ score }) => score)));
  if (values.length === 0) throw new RangeError('thresholdsFor: expected the scores of at least one algorithm');
  const low = values.reduce((a, b) => Math.min(a, b), Infinity);
  const high = values.reduce((a, b) => Math.max(a, b), -Infinity);
  return Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1));
};

/** (1/M) Σ over tasks of the share of runs above each threshold, added up in `out`. */
const sharesAbove = (tasks: readonly Float64Array[], thresholds: readonly number[], out: Float64Array): void => {
  out.fill(0);
  for (const runs of tasks) {
    const sorted = runs.slice().sort();
    let below = 0;
    for (let k = 0; k < thresholds.length; k++) {
      while (below < sorted.length && sorted[below]! <= thresholds[k]!) below++;
      out[k]! += (sorted.length - below) / (sorted.length * tasks.length);
    }
  }
};

/**
 * Run-score distribution: F̂(τ) = (1/M) Σ_m (1/N) Σ_n 1[x_mn > τ], with pointwise stratified bootstrap bands. Agarwal
 * et al. 2021, section 4.2. An algorithm whose curve lies above another's everywhere is better whatever one
 * asks of it. Throws a RangeError for thresholds that do not rise.
 */
export const performanceProfile = (
  scores: Scores,
  options: BootstrapOptions & { readonly thresholds?: readonly number[] } = {},
): PerformanceProfile => {
  checkScores('performanceProfile', scores);
  const { thresholds = thresholdsFor([scores]), ...bootstrap } = options;
  const settings = bootstrapSettings('performanceProfile', bootstrap);
  const wrong = thresholds.findIndex((t, k) => !Number.isFinite(t) || (k > 0 && t < thresholds[k - 1]!));
  if (thresholds.length === 0 || wrong >= 0) {
    const got = wrong < 0 ? 'none' : `${thresholds[wrong]} at ${wrong}`;
    throw new RangeError(`performanceProfile: expected finite thresholds that never fall, got ${got}`);
  }
  const strata = strataOf(scores);
  const count = thresholds.length;
  const share = new Float64Array(count);
  sharesAbove(strata, thresholds, share);
  const profile = { name: scores.name, seeds: seedsOf(scores), tasks: Object.keys(scores.tasks), thresholds };
  if (strata.every(({ length }) => length === 1)) return { ...profile, share: [...share] };

  const columns = Array.from({ length: count }, () => new Float64Array(settings.resamples));
  const drawnShare = new Float64Array(count);
  eachResample(strata, settings, (drawn, r) => {
    sharesAbove(drawn, thresholds, drawnShare);
    for (let k = 0; k < count; k++) columns[k]![r] = drawnShare[k]!;
  });
  const intervals = columns.map((column) => middle(column, settings.level));
  return {
    ...profile,
    share: [...share],
    band: { low: intervals.map(({ low }) => low), high: intervals.map(({ high }) => high), level: settings.level },
  };
};
