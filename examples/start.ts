/**
 * `npm start`: three agents learn to cover three landmarks with MADDPG (Lowe et al. 2017). Trains, shows how it goes,
 * compares with random and scripted agents, and writes a learning curve and a recording.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import {
  animateScenes,
  eager,
  evaluate,
  fastestRuntime,
  learningCurve,
  maddpg,
  offPolicy,
  randomPolicy,
  record,
  replay,
  replayRecording,
  rng,
  simpleSpread,
  spreadAssignment,
  type Policy,
  type Runtime,
} from 'troupe';
import { progressDisplay } from './support/progress-display.js';
import { safetensors } from './support/safetensors.js';

const usage = `npm start -- [options]
Trains MADDPG on the particle world: three agents, three landmarks, everybody shares the task.

  --seed N       seed of everything that is random (default 0)
  --steps N      environment steps to train for (default 600000)
  --runtime R    onnx, eager, or fastest: onnx where it starts, else eager (default fastest)
  --out FOLDER   where the pictures go (default output)
  --help         this text
Ctrl-C stops early and keeps what was learnt.`;

const refuse = (message: string): never => {
  console.error(`npm start: ${message} (--help lists the options)`);
  process.exit(2);
};
const readOptions = () => {
  try {
    return parseArgs({
      options: {
        seed: { type: 'string', default: '0' },
        steps: { type: 'string', default: '600000' },
        runtime: { type: 'string', default: 'fastest' },
        out: { type: 'string', default: 'output' },
        help: { type: 'boolean', default: false },
      },
    }).values;
  } catch (error) {
    return refuse(error instanceof Error ? error.message.split('. ')[0]! : String(error));
  }
};
const given = readOptions();
if (given.help) {
  console.log(usage);
  process.exit(0);
}
const integer = (name: 'seed' | 'steps', least: number): number => {
  const n = Number(given[name]);
  if (given[name].trim() !== '' && Number.isSafeInteger(n) && n >= least) return n;
  return refuse(`expected --${name} to be an integer >= ${least}, got '${given[name]}'`);
};
const seed = integer('seed', 0);
const steps = integer('steps', 1);
const runtimes: Readonly<Record<string, () => Promise<Runtime>>> = {
  fastest: () => fastestRuntime((reason) => console.error(reason)),
  eager: () => Promise.resolve(eager()),
  onnx: () =>
    fastestRuntime((reason) => {
      console.error(reason);
      process.exit(1);
    }),
};
const makeRuntime =
  runtimes[given.runtime] ?? refuse(`expected --runtime onnx, eager or fastest, got '${given.runtime}'`);
const runtime = await makeRuntime();

const EVALUATION_EPISODES = 300;
const world = () => simpleSpread({ numEnvs: 32 });
const env = world();
const returnOf = async (policy: Policy<typeof env.groups.agents>) => {
  const { returns } = await evaluate({
    env: world(),
    policies: { agents: policy },
    rng: rng(seed).split('evaluation'),
    episodes: EVALUATION_EPISODES,
  });
  return returns.agents;
};
const line = (name: string, { mean, low, high }: Awaited<ReturnType<typeof returnOf>>) =>
  console.log(
    `  ${name.padEnd(22)} ${mean.toFixed(2).padStart(7)}   (95 % interval ${low.toFixed(2)} to ${high.toFixed(2)})`,
  );

console.log(
  `MADDPG on simple_spread: 3 agents, 3 landmarks, 25 steps an episode; runtime ${runtime.name}, seed ${seed}`,
);
console.log(`Return per agent and episode before training, ${EVALUATION_EPISODES} episodes:`);
const random = await returnOf(randomPolicy(env.groups.agents));
line('random', random);
const scripted = await returnOf(spreadAssignment(env.groups.agents));
line('scripted assignment', scripted);

const learner = maddpg(env.groups, { runtime, learningRateEnd: 0.05 });
const training = offPolicy({
  env,
  learner,
  buffer: replay(env.groups, { capacity: 1_000_000 }),
  rng: rng(seed),
  steps,
  batchSize: 1024,
  updateEvery: 100,
});

let stopped = false;
process.on('SIGINT', () => {
  if (stopped) process.exit(130); // asked twice
  stopped = true;
});
const display = progressDisplay(steps);
const curve: (readonly [steps: number, mean: number])[] = [];
let returns: number[] = [];
let state = learner.init(rng(seed).split('init'));
let done = 0;
for await (const progress of training) {
  state = progress.state;
  done = Math.min(progress.steps, steps);
  for (const episode of progress.episodes) returns.push(episode.returns.agents);
  if (returns.length >= 192 || (done >= steps && returns.length > 0)) {
    const mean = returns.reduce((a, b) => a + b) / returns.length;
    curve.push([done, mean]);
    display.update(done, mean);
    returns = [];
  }
  if (stopped) break;
}
display.stop();
if (stopped) console.log(`Stopped after ${done} of ${steps} steps; this is what was learnt until then.`);

console.log(`Return per agent and episode after training, ${EVALUATION_EPISODES} episodes:`);
const { agents } = learner.policies(state, 'exploit');
line('random', random);
line('MADDPG', await returnOf(agents));
line('scripted assignment', scripted);

const out = given.out;
mkdirSync(out, { recursive: true });
const write = (name: string, content: string | Uint8Array): string => {
  writeFileSync(join(out, name), content);
  return relative(process.cwd(), join(out, name));
};
const stage = simpleSpread({ numEnvs: 1 });
const recording = await record(stage, { agents }, { seed, episodes: 4 });
const episodes = await replayRecording(stage, recording);
const written = [
  write(
    'recording.svg',
    animateScenes(
      episodes.map(({ scenes, returns: { agents: total } }, i) => ({
        scenes,
        caption: `MADDPG after ${done.toLocaleString('en')} steps, episode ${i + 1}, return ${total.toFixed(1)}`,
      })),
    ),
  ),
  write('learnt.safetensors', safetensors(state.carry)),
];
if (curve.length > 1) {
  written.unshift(
    write(
      'learning-curve.svg',
      learningCurve({
        title: 'MADDPG on simple_spread',
        subtitle: `One run, seed ${seed}: return per agent while exploring`,
        xLabel: 'environment steps',
        yLabel: 'return per agent and episode',
        series: [{ name: 'MADDPG', points: curve }],
        lines: [
          { y: random.mean, label: 'random' },
          { y: scripted.mean, label: 'scripted' },
        ],
        smoothing: Math.max(1, Math.min(15, Math.floor(curve.length / 10))),
      }),
    ),
  );
}
console.log(`Written: ${written.join(', ')}`);
console.log('Open the .svg files in a browser.');
