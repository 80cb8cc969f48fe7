import { statisticOf, type StatisticName } from './aggregate.js';
import { bootstrapSettings, eachResample, middle, type BootstrapOptions, type Interval } from './bootstrap.js';
import { probabilityOfImprovement, type Probability } from './improvement.js';
import { holm, permutationTest } from './permutation.js';
import { describeSeeds, formatEstimate, percent } from './result.js';
import { checkScores, commonTasks, seedsOf, strataOf, type Scores } from './scores.js';

/** How `compareRuns` compares. */
export interface CompareOptions extends BootstrapOptions {
  /** What is compared. Default `IQM`. */
  readonly statistic?: StatisticName;
}

/** Two algorithms beside each other: do they differ? */
export interface Comparison {
  /** Name of the first side. */
  readonly a: string;
  /** Name of the second side. */
  readonly b: string;
  /** Seeds of the runs of both sides. */
  readonly seeds: { readonly a: readonly number[]; readonly b: readonly number[] };
  /** Tasks compared, which both sides have. */
  readonly tasks: readonly string[];
  /** What `difference` is a difference of. */
  readonly statistic: StatisticName;
  /** Statistic of `a` less that of `b`, with its interval where both sides have several seeds. */
  readonly difference: number;
  /** Bootstrap interval of the difference; absent where a side has one seed. */
  readonly interval?: Interval;
  /** How probable it is that a run of `a` beats a run of `b`. */
  readonly improvement: Probability;
  /** Of the permutation test of `improvement`; `adjusted` for all comparisons that were made together. */
  readonly pValue: number;
  /** `pValue`, adjusted for the number of comparisons (Holm 1979). */
  readonly adjusted: number;
  /** Comparisons made together, for which `adjusted` accounts. */
  readonly comparisons: number;
  /** The smallest adjusted p-value that so few seeds could give. */
  readonly leastPValue: number;
  /** Whether the adjusted p-value is at most 1 − level. */
  readonly differs: boolean;
  /** False where there are too few seeds to show any difference, however large. */
  readonly canTell: boolean;
}

const differenceInterval = (
  a: readonly Float64Array[],
  b: readonly Float64Array[],
  statistic: ReturnType<typeof statisticOf>,
  options: BootstrapOptions,
): Interval => {
  const settings = bootstrapSettings('compareRuns', options);
  const values = new Float64Array(settings.resamples);
  eachResample([...a, ...b], settings, (drawn, r) => {
    values[r] = statistic(drawn.slice(0, a.length)) - statistic(drawn.slice(a.length));
  });
  return middle(values, settings.level);
};

/** The verdict on p-values that were adjusted together. */
const judged = (
  comparison: Omit<Comparison, 'adjusted' | 'comparisons' | 'differs' | 'canTell'>,
  level: number,
  adjusted: number,
  comparisons: number,
): Comparison => {
  const leastPValue = Math.min(1, comparison.leastPValue * comparisons);
  // 1 − 0.95 is a little more than 0.05 in floating point, which must not decide.
  const alpha = 1 - level + 1e-12;
  return {
    ...comparison,
    leastPValue,
    adjusted,
    comparisons,
    differs: adjusted <= alpha,
    canTell: leastPValue <= alpha,
  };
};

/**
 * Every pair of algorithms, or each against `against`. The p-values are adjusted for their number (Holm 1979), so that
 * looking at many pairs does not find differences by chance. Throws a RangeError for fewer than two algorithms, two of
 * one name, different tasks, or an `against` that is not among them.
 */
export const compareAll = (
  all: readonly Scores[],
  options: CompareOptions & { readonly against?: string } = {},
): readonly Comparison[] => {
  const { against, statistic: name = 'IQM', ...bootstrap } = options;
  const { level } = bootstrapSettings('compareAll', bootstrap);
  const statistic = statisticOf('compareAll', name);
  for (const scores of all) checkScores('compareAll', scores);
  const names = all.map((scores) => scores.name);
  if (names.length < 2 || new Set(names).size < names.length) {
    throw new RangeError(`compareAll: expected at least two algorithms of different names, got ${names.join(', ')}`);
  }
  if (against !== undefined && !names.includes(against)) {
    throw new RangeError(`compareAll: expected 'against' to be one of ${names.join(', ')}, got ${against}`);
  }
  const pairs = all.flatMap((a, i) =>
    against === undefined
      ? all.slice(i + 1).map((b) => [a, b] as const)
      : a.name === against
        ? []
        : [[a, all[names.indexOf(against)]!] as const],
  );
  const found = pairs.map(([a, b]) => {
    const tasks = commonTasks('compareAll', a, b);
    const [xs, ys] = [strataOf(a, tasks), strataOf(b, tasks)];
    const several = [xs, ys].every((side) => side.some(({ length }) => length > 1));
    const { pValue, leastPValue } = permutationTest(xs, ys);
    return {
      a: a.name,
      b: b.name,
      seeds: { a: seedsOf(a), b: seedsOf(b) },
      tasks,
      statistic: name,
      difference: statistic(xs) - statistic(ys),
      ...(several && { interval: differenceInterval(xs, ys, statistic, bootstrap) }),
      improvement: probabilityOfImprovement(a, b, bootstrap),
      pValue,
      leastPValue,
    };
  });
  const adjusted = holm(found.map(({ pValue }) => pValue));
  return found.map((comparison, i) => judged(comparison, level, adjusted[i]!, found.length));
};

/**
 * Whether two algorithms differ: the difference of a statistic with its stratified bootstrap interval, the probability
 * of improvement, and a stratified permutation test of that probability, which decides (with few seeds the interval is
 * too narrow to). One comparison; whoever makes several uses `compareAll`, which adjusts for their number. Throws a
 * RangeError where the tasks differ.
 */
export const compareRuns = (a: Scores, b: Scores, options: CompareOptions = {}): Comparison =>
  compareAll([a, b], options)[0]!;

/** A p-value as it is written. */
export const formatPValue = (p: number): string => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`);

/** What a comparison says, in words: who is better, or that it cannot be told. */
export const verdictOf = ({ a, b, improvement, differs, canTell, leastPValue }: Comparison): string => {
  if (!canTell) return `too few seeds to tell: p could not be below ${leastPValue.toFixed(3)}`;
  if (!differs) return 'no difference shown';
  return `${improvement.value > 0.5 ? a : b} is better`;
};

/** A comparison in one line. */
export const formatComparison = (comparison: Comparison): string => {
  const { a, b, seeds, statistic, difference, interval, improvement, adjusted, comparisons } = comparison;
  const holmNote = comparisons > 1 ? ` (Holm, ${comparisons} comparisons)` : '';
  const level = interval ? `, ${percent(interval.level)} interval` : ', no interval';
  return (
    `${a} − ${b}: ${verdictOf(comparison)}. ${statistic} differs by ${formatEstimate(difference, interval)}${level}; ` +
    `P(improvement) ${formatEstimate(improvement.value, improvement.interval)}; p ${formatPValue(adjusted)}${holmNote}; ` +
    `${describeSeeds(seeds.a)} and ${describeSeeds(seeds.b)}`
  );
};
