import { bootstrapSettings, eachResample, middle, type BootstrapOptions, type Interval } from './bootstrap.js';
import { checkScores, commonTasks, strataOf, type Scores } from './scores.js';

/** A probability, with its interval where there is more than one seed on each side. */
export interface Probability {
  /** From 0 to 1; ½ where neither side is better. */
  readonly value: number;
  /** Bootstrap interval; absent where a side has one seed. */
  readonly interval?: Interval;
}

/** Share of pairs in which x is larger, ties counting half: the Mann–Whitney statistic over N·K. */
const shareLarger = (xs: ArrayLike<number>, ys: ArrayLike<number>): number => {
  let wins = 0;
  for (let i = 0; i < xs.length; i++) {
    for (let j = 0; j < ys.length; j++) wins += xs[i]! > ys[j]! ? 1 : xs[i] === ys[j] ? 0.5 : 0;
  }
  return wins / (xs.length * ys.length);
};

/** Mean over tasks of the share of pairs in which a's run is better. */
export const meanShare = (a: readonly ArrayLike<number>[], b: readonly ArrayLike<number>[]): number => {
  let sum = 0;
  for (let m = 0; m < a.length; m++) sum += shareLarger(a[m]!, b[m]!);
  return sum / a.length;
};

/**
 * How probable it is that a run of `a` beats a run of `b` on a task drawn at random: the mean over tasks of the share of
 * pairs of runs in which a's score is higher, ties counting half. Agarwal et al. 2021, section 4.3 (after Mann and
 * Whitney 1947). Says how often, not by how much. Throws a RangeError where the tasks differ.
 */
export const probabilityOfImprovement = (a: Scores, b: Scores, options: BootstrapOptions = {}): Probability => {
  const where = 'probabilityOfImprovement';
  for (const scores of [a, b]) checkScores(where, scores);
  const tasks = commonTasks(where, a, b);
  const settings = bootstrapSettings(where, options);
  const [xs, ys] = [strataOf(a, tasks), strataOf(b, tasks)];
  const value = meanShare(xs, ys);
  const several = [xs, ys].every((side) => side.some(({ length }) => length > 1));
  if (!several) return { value };
  const values = new Float64Array(settings.resamples);
  eachResample([...xs, ...ys], settings, (drawn, r) => {
    values[r] = meanShare(drawn.slice(0, tasks.length), drawn.slice(tasks.length));
  });
  return { value, interval: middle(values, settings.level) };
};
