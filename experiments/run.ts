/** `npm run experiment -- NAME [--seed N | --seeds N,N] [--steps N] [--resume] [--json] [--save] | --list` */
import { join, resolve } from 'node:path';
import { CheckpointError } from '@troupe/keep';
import { fastestRuntime } from 'troupe';
import { commandLine, listOf } from '../scripts/cli.js';
import type { CurvePoint } from './curve.js';
import type { Experiment } from './experiment.js';
import { experiments } from './index.js';
import { keptRun } from './kept-run.js';
import { isFinished, writeResult, type Result } from './result-file.js';

const root = join(import.meta.dirname, '..');
const usage = `npm run experiment -- NAME [--seed N | --seeds N,N] [--steps N] [--resume] [--json] [--save]
  --list            names of the experiments
  --seed N          seed of the run (default 0)
  --seeds N,N       several seeds, one after another; saves each, and skips those whose file is there
  --steps N         environment steps (default: as the experiment says)
  --resume          goes on from the last checkpoint of a run that was interrupted
  --json            the last line of each seed holds the evaluation as JSON
  --save            writes the evaluation to docs/results/NAME-seedN.json with the command that made it
  --results FOLDER  another folder than docs/results
  --keep FOLDER     where checkpoints are until the run has ended (default .cache/experiments)`;

const { values, positionals, refuse, integer } = commandLine('experiment', usage, {
  seed: { type: 'string' },
  seeds: { type: 'string' },
  steps: { type: 'string' },
  resume: { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  save: { type: 'boolean', default: false },
  results: { type: 'string', default: join(root, 'docs/results') },
  keep: { type: 'string', default: join(root, '.cache/experiments') },
  list: { type: 'boolean', default: false },
});
if (values.list) {
  console.log(listOf(experiments));
  process.exit(0);
}
if (positionals.length !== 1) refuse('expected one NAME');
if (values.seed !== undefined && values.seeds !== undefined) refuse('expected --seed or --seeds, got both');
const experiment: Experiment =
  experiments.find(({ name }) => name === positionals[0]) ?? refuse(`no experiment named '${positionals[0]!}'`);
const seeds =
  values.seeds === undefined
    ? [integer('seed', values.seed ?? '0', 0)]
    : [...new Set(values.seeds.split(',').map((text) => integer('seeds', text, 0)))];
const steps = values.steps === undefined ? experiment.steps : integer('steps', values.steps, 1);
const results = resolve(values.results);
const saves = values.save || values.seeds !== undefined;
const runtime = await fastestRuntime((reason) => console.error(reason));

const round = (x: number): number => Number(x.toFixed(3));

const roundedPoint = (point: CurvePoint): CurvePoint =>
  Object.fromEntries(Object.entries(point).map(([name, x]) => [name, Number(x.toPrecision(5))])) as CurvePoint;

const runSeed = async (seed: number): Promise<Result> => {
  const { name } = experiment;
  const kept = keptRun(
    join(resolve(values.keep), `${name}-seed${seed}`),
    { name, seed, steps, runtime: runtime.name },
    { resume: values.resume, say: (message) => console.error(`  ${message}`) },
  );
  let shown = performance.now();
  const returns = await experiment.run({
    seed,
    steps,
    runtime,
    training: kept.training,
    progress(done, message) {
      if (performance.now() - shown < 10_000) return;
      shown = performance.now();
      console.error(`  ${done} of ${steps} steps, ${kept.seconds().toFixed(0)} s: ${message}`);
    },
  });
  const rounded = Object.fromEntries(
    Object.entries(returns).map(([row, { mean, low, high, n }]) => [
      row,
      { mean: round(mean), low: round(low), high: round(high), episodes: n },
    ]),
  );
  const seconds = Number(kept.seconds().toFixed(1));
  const curves = Object.fromEntries(
    Object.entries(kept.curves()).map(([training, points]) => [training, points.map(roundedPoint)]),
  );
  const along = Object.keys(curves).length > 0 && { curves };
  const result: Result = { name, seed, steps, returns: rounded, ...along, seconds, runtime: runtime.name };
  if (saves) writeResult(results, result);
  kept.finish();
  return result;
};

const show = (result: Result): void => {
  if (values.json) {
    console.log(JSON.stringify(result));
    return;
  }
  for (const [name, { mean, low, high, episodes }] of Object.entries(result.returns)) {
    console.log(
      `${name.padEnd(44)} ${mean.toFixed(2).padStart(8)}  (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}, ${episodes} episodes)`,
    );
  }
  console.log(`seed ${result.seed}, ${steps} steps, ${result.seconds} s on ${runtime.name}`);
};

for (const seed of seeds) {
  if (values.seeds !== undefined && isFinished(results, { name: experiment.name, seed, steps })) {
    console.error(`seed ${seed}: finished before, skipped`);
    continue;
  }
  try {
    show(await runSeed(seed));
  } catch (error) {
    if (!(error instanceof CheckpointError)) throw error;
    console.error(`experiment: ${error.message}\nWithout --resume the run begins anew.`);
    process.exit(1);
  }
}
