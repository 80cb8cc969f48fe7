import { stratifiedBootstrap, type BootstrapOptions } from './bootstrap.js';
import { interquartileMean, optimalityGap, taskMean, taskMedian, type Statistic } from './point-estimates.js';
import type { Result } from './result.js';
import { checkScores, seedsOf, strataOf, type Scores } from './scores.js';

/** Statistics by name. */
export type StatisticName = 'IQM' | 'mean' | 'median' | 'optimality gap';

const statistics: Readonly<Record<StatisticName, Statistic>> = {
  IQM: interquartileMean,
  mean: taskMean,
  median: taskMedian,
  'optimality gap': optimalityGap(),
};

/** The statistic of a name. Throws a RangeError for another name. */
export const statisticOf = (where: string, name: StatisticName): Statistic => {
  if (!Object.hasOwn(statistics, name)) {
    const known = Object.keys(statistics).join(', ');
    throw new RangeError(`${where}: expected a statistic of ${known}, got '${name as string}'`);
  }
  return statistics[name];
};

/**
 * One number for an algorithm, with its stratified bootstrap interval over seeds and with its seeds. Default `IQM`,
 * the interquartile mean. Where no task has a second seed there is no interval. Throws a RangeError for scores that are
 * missing, not finite or of the same seed twice.
 */
export const aggregate = (
  scores: Scores,
  options: BootstrapOptions & { readonly statistic?: StatisticName } = {},
): Result => {
  checkScores('aggregate', scores);
  const { statistic: name = 'IQM', ...bootstrap } = options;
  const statistic = statisticOf('aggregate', name);
  const strata = strataOf(scores);
  const several = strata.some(({ length }) => length > 1);
  return {
    name: scores.name,
    value: statistic(strata),
    statistic: name,
    seeds: seedsOf(scores),
    over: 'seeds',
    ...(several && { interval: stratifiedBootstrap(strata, statistic, bootstrap) }),
  };
};
