/** What one run achieved, and the seed that it ran with. */
export interface SeededScore {
  /** Seed of the run. */
  readonly seed: number;
  /** What the run reached; higher is better. */
  readonly score: number;
}

/**
 * What one algorithm (or one setting of it) achieved: for each task the score of every seed. Higher is better. One task
 * is a record with one entry.
 */
export interface Scores {
  /** Whose scores these are. */
  readonly name: string;
  /** By task: one score per seed. */
  readonly tasks: Readonly<Record<string, readonly SeededScore[]>>;
}

/** Where 0 and 1 of a normalised score lie in a task. */
export interface ScoreRange {
  /** Score that becomes 0: usually that of random play. */
  readonly low: number;
  /** Score that becomes 1: usually that of a human, of a script or of the best known. */
  readonly high: number;
}

/** Throws a RangeError that begins with `where` unless every task has scores, all finite, of seeds that differ. */
export const checkScores = (where: string, { name, tasks }: Scores): void => {
  const entries = Object.entries(tasks);
  if (entries.length === 0) throw new RangeError(`${where}: expected at least one task in '${name}', got none`);
  for (const [task, runs] of entries) {
    if (runs.length === 0) throw new RangeError(`${where}: expected scores of '${name}' in task '${task}', got none`);
    const known = new Set<number>();
    for (const { seed, score } of runs) {
      if (!Number.isSafeInteger(seed)) {
        throw new RangeError(`${where}: expected integer seeds of '${name}' in task '${task}', got ${String(seed)}`);
      }
      if (known.has(seed)) {
        throw new RangeError(
          `${where}: expected each seed once, got seed ${seed} of '${name}' in task '${task}' twice: the same run again is no new information`,
        );
      }
      known.add(seed);
      if (!Number.isFinite(score)) {
        throw new RangeError(
          `${where}: expected a finite score of '${name}' in task '${task}' with seed ${seed}, got ${score}: leave the run out and say so, or give it the worst score of the task`,
        );
      }
    }
  }
};

/** Throws a RangeError unless both were scored on the same tasks; returns the tasks in the order of `a`. */
export const commonTasks = (where: string, a: Scores, b: Scores): readonly string[] => {
  const [own, other] = [Object.keys(a.tasks), Object.keys(b.tasks)];
  if (own.length !== other.length || own.some((task) => !(task in b.tasks))) {
    throw new RangeError(
      `${where}: expected the same tasks, got ${own.join(', ')} of '${a.name}' and ${other.join(', ')} of '${b.name}'`,
    );
  }
  return own;
};

/** The scores of these tasks without their seeds, one array each. */
export const strataOf = ({ tasks }: Scores, order: readonly string[] = Object.keys(tasks)): readonly Float64Array[] =>
  order.map((task) => Float64Array.from(tasks[task]!, ({ score }) => score));

/** All seeds of all tasks, each once, in rising order. */
export const seedsOf = ({ tasks }: Scores): readonly number[] =>
  [...new Set(Object.values(tasks).flatMap((runs) => runs.map(({ seed }) => seed)))].sort((a, b) => a - b);

/**
 * Scores on a common scale: (score − low) / (high − low), task by task, so that tasks can be averaged. Throws a
 * RangeError for a task without a range, or a range without a width.
 */
export const normaliseScores = (scores: Scores, ranges: Readonly<Record<string, ScoreRange>>): Scores => {
  checkScores('normaliseScores', scores);
  const tasks = Object.entries(scores.tasks).map(([task, runs]) => {
    const range = ranges[task];
    if (range === undefined || !Number.isFinite(range.high - range.low) || range.high === range.low) {
      const got = range === undefined ? 'none' : `${range.low} and ${range.high}`;
      throw new RangeError(`normaliseScores: expected a low and another high for task '${task}', got ${got}`);
    }
    const { low, high } = range;
    return [task, runs.map(({ seed, score }) => ({ seed, score: (score - low) / (high - low) }))];
  });
  return { name: scores.name, tasks: Object.fromEntries(tasks) as Scores['tasks'] };
};
