/** `npm run experiment -- NAME [--seed N] [--steps N] [--json] [--save] | --list` */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fastestRuntime } from 'troupe';
import type { Experiment } from './experiment.js';
import { experiments } from './index.js';
import { commandLine, listOf } from '../scripts/cli.js';

const usage = `npm run experiment -- NAME [--seed N] [--steps N] [--json] [--save]
  --list     names of the experiments
  --seed N   seed of the run (default 0)
  --steps N  environment steps (default: as the experiment says)
  --json     the last line holds the evaluation as JSON
  --save     writes the evaluation to docs/results/NAME-seedN.json with the command that made it`;

const { values, positionals, refuse, integer } = commandLine('experiment', usage, {
  seed: { type: 'string', default: '0' },
  steps: { type: 'string' },
  json: { type: 'boolean', default: false },
  save: { type: 'boolean', default: false },
  list: { type: 'boolean', default: false },
});
if (values.list) {
  console.log(listOf(experiments));
  process.exit(0);
}
if (positionals.length !== 1) refuse('expected one NAME');
const experiment: Experiment =
  experiments.find(({ name }) => name === positionals[0]) ?? refuse(`no experiment named '${positionals[0]!}'`);
const seed = integer('seed', values.seed, 0);
const steps = values.steps === undefined ? experiment.steps : integer('steps', values.steps, 1);

const runtime = await fastestRuntime((reason) => console.error(reason));
const began = performance.now();
let shown = began;
const returns = await experiment.run({
  seed,
  steps,
  runtime,
  progress(done, message) {
    if (performance.now() - shown < 10_000) return;
    shown = performance.now();
    console.error(`  ${done} of ${steps} steps, ${((shown - began) / 1000).toFixed(0)} s: ${message}`);
  },
});
const seconds = Number(((performance.now() - began) / 1000).toFixed(1));
const rounded = Object.fromEntries(
  Object.entries(returns).map(([name, { mean, low, high, n }]) => [
    name,
    { mean: Number(mean.toFixed(3)), low: Number(low.toFixed(3)), high: Number(high.toFixed(3)), episodes: n },
  ]),
);
const result = { name: experiment.name, seed, steps, returns: rounded, seconds, runtime: runtime.name };
if (values.save) {
  const folder = join(import.meta.dirname, '../docs/results');
  mkdirSync(folder, { recursive: true });
  const command = `npm run experiment -- ${experiment.name} --seed ${seed} --steps ${steps} --save`;
  writeFileSync(
    join(folder, `${experiment.name}-seed${seed}.json`),
    `${JSON.stringify({ ...result, command }, null, 2)}\n`,
  );
}
if (values.json) console.log(JSON.stringify(result));
else {
  for (const [name, { mean, low, high, episodes }] of Object.entries(rounded)) {
    console.log(
      `${name.padEnd(44)} ${mean.toFixed(2).padStart(8)}  (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)}, ${episodes} episodes)`,
    );
  }
  console.log(`seed ${seed}, ${steps} steps, ${seconds} s on ${runtime.name}`);
}
