/** How often the three processes of learning by value run, and on what. */
export interface Rates {
  /** Collecting: environment steps from one regression to the next; less than 1: several regressions per step. */
  readonly collect: number;
  /** Target refresh: regressions from one copy of the values to the target to the next. 1: no target of its own. */
  readonly refresh: number;
  /** Regression: rows of one. */
  readonly rows: number;
  /** Rows that are remembered. */
  readonly remember: number;
  /** Environment steps before the first regression. Default: as many as there are rows in a regression. */
  readonly first?: number;
}

/** Rates as settings of a run, its buffer and its learner. */
export interface Scheme {
  /** For `offPolicy`. */
  readonly run: { readonly batchSize: number; readonly warmup: number; readonly updateEvery: number };
  /** For `replay`. */
  readonly buffer: { readonly capacity: number };
  /** For `dqn`, `tabularQ`, `linearQ`. */
  readonly learner: { readonly targetEvery: number; readonly targetClock: 'updates'; readonly tau: 1 };
}

/**
 * Learning by value as one scheme: collecting, refreshing the target and regression go on side by side, each at a rate of
 * its own. Online Q-iteration, Q-learning with replay, DQN and fitted Q-iteration are rates (see `namedRates`). Throws a
 * RangeError for a rate that is not positive.
 */
export const schemeOf = (rates: Rates): Scheme => {
  for (const [name, rate] of Object.entries(rates)) {
    if (!(rate > 0 && rate < Infinity)) throw new RangeError(`schemeOf: expected ${name} > 0, got ${String(rate)}`);
  }
  const { collect, refresh, rows, remember, first = rows } = rates;
  return {
    run: { batchSize: rows, warmup: first, updateEvery: collect },
    buffer: { capacity: remember },
    learner: { targetEvery: refresh, targetClock: 'updates', tau: 1 },
  };
};

/** Rates that have names. Take them as they are or change some: `schemeOf({ ...namedRates.dqn, refresh: 200 })`. */
export const namedRates = {
  /** Every row is learnt from once, at once, from the values as they are. Watkins 1989. */
  onlineQIteration: { collect: 1, refresh: 1, rows: 1, remember: 1 },
  /** Rows are remembered and learnt from again; still no target of its own. Lin 1992. */
  replayQLearning: { collect: 1, refresh: 1, rows: 32, remember: 100_000, first: 1000 },
  /** The target stands still in between. Mnih et al. 2015 (CleanRL's rates). */
  dqn: { collect: 10, refresh: 50, rows: 128, remember: 10_000, first: 10_000 },
  /**
   * Regression runs to the end before the target moves, as good as the data allow. Riedmiller 2005 (neural fitted
   * Q-iteration), with data that grow slowly; for data that do not grow, see `fitted`.
   */
  fittedQIteration: { collect: 0.1, refresh: 300, rows: 128, remember: 100_000, first: 2000 },
} as const satisfies Readonly<Record<string, Rates>>;
