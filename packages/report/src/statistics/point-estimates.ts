/** One number from the scores of M tasks, one array each with a score per run. */
export type Statistic = (tasks: readonly ArrayLike<number>[]) => number;

const sum = (values: ArrayLike<number>): number => {
  let total = 0;
  for (let i = 0; i < values.length; i++) total += values[i]!;
  return total;
};
const meanOf = (values: ArrayLike<number>): number => sum(values) / values.length;

/** Throws a RangeError that begins with `where` unless there are tasks and each has values. */
const requireValues = (where: string, tasks: readonly ArrayLike<number>[]): void => {
  if (tasks.length === 0 || tasks.some(({ length }) => length === 0)) {
    throw new RangeError(`${where}: expected at least one task, and at least one value in each`);
  }
};

/** Mean over tasks of each task's mean over runs. Moved by a single outlier. */
export const taskMean: Statistic = (tasks) => {
  requireValues('taskMean', tasks);
  return meanOf(tasks.map(meanOf));
};

/** Median over tasks of each task's mean over runs. Blind to nearly half of the tasks. */
export const taskMedian: Statistic = (tasks) => {
  requireValues('taskMedian', tasks);
  return quantile(Float64Array.from(tasks, meanOf).sort(), 0.5);
};

/**
 * Interquartile mean: the mean of the middle half of all runs of all tasks. Agarwal et al. 2021 (arXiv 2108.13264),
 * section 4.3. Of n runs the ⌊n/4⌋ lowest and the ⌊n/4⌋ highest are left out, so that fewer than four runs give their
 * mean. Throws a RangeError where tasks have different numbers of runs, which would weigh tasks differently.
 */
export const interquartileMean: Statistic = (tasks) => {
  requireValues('interquartileMean', tasks);
  const runs = tasks[0]!.length;
  const all = new Float64Array(runs * tasks.length);
  tasks.forEach((task, m) => {
    if (task.length !== runs) {
      throw new RangeError(
        `interquartileMean: expected the same number of runs in every task, got ${runs} and ${task.length}: leave out the seeds that are missing elsewhere`,
      );
    }
    all.set(task, m * runs);
  });
  all.sort();
  const cut = Math.floor(all.length / 4);
  return meanOf(all.subarray(cut, all.length - cut));
};

/**
 * How far runs fall short of a target on average: mean over tasks and runs of max(0, γ − score), γ = `target`; lower is
 * better. Agarwal et al. 2021, section 4.3 (there γ = 1, for scores of which 1 is a human's).
 */
export const optimalityGap =
  (target = 1): Statistic =>
  (tasks) => {
    requireValues('optimalityGap', tasks);
    return meanOf(
      tasks.map((task) => {
        let missing = 0;
        for (let i = 0; i < task.length; i++) missing += Math.max(0, target - task[i]!);
        return missing / task.length;
      }),
    );
  };

/** The q-quantile of sorted values, linear between neighbours (type 7 of Hyndman and Fan 1996). */
export const quantile = (sorted: ArrayLike<number>, q: number): number => {
  const x = q * (sorted.length - 1);
  const [i, f] = [Math.floor(x), x - Math.floor(x)];
  return sorted[i]! + (f > 0 ? f * (sorted[i + 1]! - sorted[i]!) : 0);
};
