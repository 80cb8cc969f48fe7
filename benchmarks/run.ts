/** `npm run bench -- [NAME…] [--json] [--list] [--rounds N] [--core N] [--cpu] [--peer PROGRAM]` */
import { cpus } from 'node:os';
import { useCpuClock } from './clock.js';
import { contest, type Benchmark } from './contest.js';
import { benchmarks } from './index.js';
import { commandLine, listOf } from '../scripts/cli.js';
import type { Measurement } from './measurement.js';
import { restarted } from './quiet-process.js';

const usage = `npm run bench -- [NAME…] [--json] [--list] [--rounds N] [--core N] [--cpu] [--peer PROGRAM]
  --list          names of the benchmarks
  --json          one line of JSON per measurement, nothing else
  --rounds N      rounds in which all sides are measured in turn (default 20)
  --core N        keep all sides on core N (Linux): cores differ where neighbours share them
  --cpu           time what is short by the processor time it takes, on both sides: for a busy machine
  --peer PROGRAM  a Python program that does the same work; runs in every round too`;

const { values, positionals, refuse, integer } = commandLine('bench', usage, {
  json: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
  rounds: { type: 'string', default: '20' },
  core: { type: 'string' },
  cpu: { type: 'boolean', default: false },
  peer: { type: 'string' },
});
if (values.list) {
  console.log(listOf(benchmarks));
  process.exit(0);
}
const core = values.core === undefined ? undefined : integer('core', values.core, 0);
if (core !== undefined && core >= cpus().length)
  refuse(`expected --core to be below ${cpus().length}, the number of cores, got ${core}`);
if (restarted(core)) process.exit(process.exitCode);
if (values.cpu) useCpuClock();
const rounds = integer('rounds', values.rounds, 1);
const wanted: readonly Benchmark[] =
  positionals.length === 0
    ? benchmarks
    : positionals.flatMap((name) => {
        const named = benchmarks.filter((one) => one.name === name);
        return named.length > 0 ? named : refuse(`no benchmark named '${name}'`);
      });

const ms = (x: number): string => (x >= 100 ? x.toFixed(0) : x >= 1 ? x.toFixed(2) : x.toPrecision(3));
const show = (one: Measurement): string => {
  const rate = one.perSecond === undefined ? '' : `  ${Math.round(one.perSecond).toLocaleString('en')} ${one.unit}/s`;
  return `  ${one.runtime.padEnd(18)} median ${ms(one.msMedian)} ms, best ${ms(one.msMin)} ms, ${one.n} rounds${rate}  ${JSON.stringify(one.config)}`;
};
for (const benchmark of wanted) {
  if (!values.json) console.log(`${benchmark.name}: ${benchmark.about}`);
  const { measurements, ratios } = await contest(benchmark, {
    rounds,
    warmup: 2,
    ...(values.peer !== undefined && { peer: values.peer }),
  });
  for (const one of measurements) console.log(values.json ? JSON.stringify(one) : show(one));
  if (values.json) continue;
  for (const { against, median, low, high, share } of ratios) {
    console.log(
      share === undefined
        ? `  ${median.toFixed(2)} times as fast as ${against} (median of rounds; ${low.toFixed(2)} to ${high.toFixed(2)})`
        : `  ${(share * 100).toFixed(0)} % of the operations per second of ${against} (median of rounds)`,
    );
  }
}
