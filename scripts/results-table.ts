import { bootstrapMean } from '@troupe/core';
import { commandOf, fileNameOf, type ResultFile } from '../experiments/result-file.js';

const number = (x: number): string => x.toFixed(2).replace('-', '−');

/** The rows of an experiment: mean over seeds with interval, and every seed's own mean. */
const tableOf = (name: string, results: readonly ResultFile[]): string => {
  const of = results.filter((result) => result.name === name).sort((a, b) => a.seed - b.seed);
  if (of.length === 0) return `No results of \`${name}\` yet.`;
  const [{ steps }] = of as [ResultFile];
  const other = of.find((result) => result.steps !== steps);
  if (other) {
    throw new Error(
      `results: expected all seeds of ${name} to have ${steps} steps, seed ${other.seed} has ${other.steps}`,
    );
  }
  const rows = [...new Set(of.flatMap(({ returns }) => Object.keys(returns)))].map((row) => {
    const means = of.map(({ returns }) => returns[row]?.mean);
    const there = means.filter((mean) => mean !== undefined);
    const { mean, low, high } = bootstrapMean(there);
    const interval = there.length > 1 ? `${number(low)} to ${number(high)}` : '(one seed)';
    const each = means.map((x) => (x === undefined ? '–' : number(x)));
    return `| ${[row, number(mean), interval, ...each].join(' | ')} |`;
  });
  const seeds = of.map(({ seed }) => `seed ${seed}`);
  const episodes = Math.min(...of.flatMap(({ returns }) => Object.values(returns).map((one) => one.episodes)));
  return [
    `| ${['', 'mean', '95 % interval', ...seeds].join(' | ')} |`,
    `| --- | ${[0, 1, ...seeds].map(() => '---:').join(' | ')} |`,
    ...rows,
    '',
    [
      `${steps.toLocaleString('en')} environment steps, ${of.length} ${of.length === 1 ? 'seed' : 'seeds'}, at least ${episodes} episodes each.`,
      ...(of.length > 1 ? ['The interval is a percentile bootstrap over seeds.'] : []),
      ...(of.length > 1 && of.length < 10 ? [`With ${of.length} it is hardly more than their range.`] : []),
      `\`${commandOf(of[0]!)}\` makes the first column of seeds.`,
    ].join(' '),
  ].join('\n');
};

/**
 * A page with every table between `<!-- results: NAME -->`, or `<!-- results: NAME seeds FIRST-LAST -->` for some of the
 * seeds, and `<!-- /results -->` as the results say.
 */
export const fillTables = (page: string, results: readonly ResultFile[]): string =>
  page.replace(
    /(<!-- results: ([\w-]+)(?: seeds (\d+)-(\d+))? -->)[\s\S]*?<!-- \/results -->/g,
    (_, opening: string, name: string, first = '0', last = 'Infinity') => {
      const wanted = results.filter(({ seed }) => seed >= Number(first) && seed <= Number(last));
      return `${opening}\n\n${tableOf(name, wanted)}\n\n<!-- /results -->`;
    },
  );

/** What is wrong with a file of results, given the experiments that there are. */
export const faultsOf = (file: string, result: ResultFile, names: readonly string[]): string[] => [
  ...(names.includes(result.name) ? [] : [`there is no experiment '${result.name}'`]),
  ...(result.command === commandOf(result)
    ? []
    : [`its command is now '${commandOf(result)}', not '${result.command}'`]),
  ...(file === fileNameOf(result) ? [] : [`its name should be ${fileNameOf(result)}`]),
];
