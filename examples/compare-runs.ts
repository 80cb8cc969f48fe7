/**
 * Do two settings differ? MADDPG with joint and with own critics on a small world, five seeds each, written as a report
 * with curves, intervals, a test and every score. Run: npx tsx examples/compare-runs.ts
 */
import {
  aggregate,
  compareRuns,
  curveOfSeeds,
  formatComparison,
  formatResult,
  learningCurve,
  runReport,
  scoreChart,
  verdictOf,
  type Scores,
  type SeededCurve,
} from '@troupe/report';
import { pipe } from 'fp-ts/lib/function.js';
import { mkdirSync, writeFileSync } from 'node:fs';
import { box, defineEnv, discrete, evaluate, fastestRuntime, maddpg, offPolicy, replay, rng, timeLimit, vectorize } from 'troupe'; // prettier-ignore

const STEPS = 20_000;
const SEEDS = [0, 1, 2, 3, 4];
const EPISODES = 160;
const MARKS = 5;

/**
 * Each agent sees a light of its own and must press the button of the other's colour. It also sees what the other one
 * pressed last: who presses its own colour tells the other what to do next. Telling in every other step is worth 4.
 */
const lights = () => {
  let colours: [number, number] = [0, 0];
  let pressed: [number, number] = [0, 0];
  const eye = (own: number, before: number) => [Number(own === 0), Number(own === 1), before];
  const look = () => ({ agents: { a: eye(colours[0], pressed[1]), b: eye(colours[1], pressed[0]) } });
  return defineEnv({
    groups: { agents: { agents: ['a', 'b'], observation: box([3]), action: discrete(2) } },
    reset: (stream) => {
      colours = [stream.int(2), stream.int(2)];
      pressed = [0, 0];
      return look();
    },
    step: ({ agents: { a, b } }) => {
      pressed = [a, b];
      const reward = Number(a === colours[1]) + Number(b === colours[0]) - 1;
      return {
        observations: look(),
        rewards: { agents: { a: reward, b: reward } },
        terminated: false,
        truncated: false,
      };
    },
  });
};
const world = () => vectorize(() => pipe(lights(), timeLimit(8)), { numEnvs: 16 });

const env = world();
const runtime = await fastestRuntime();
const settings = { hidden: [32, 32], discount: 0.9, learningRateActor: 0.003, learningRateCritic: 0.003 };
const learners = {
  'joint critics': maddpg(env.groups, { runtime, ...settings, critic: 'joint' }),
  'own critics': maddpg(env.groups, { runtime, ...settings, critic: 'own' }),
};

const scores: Scores[] = [];
const curves: ReturnType<typeof curveOfSeeds>[] = [];
for (const [name, learner] of Object.entries(learners)) {
  const runs: SeededCurve[] = [];
  for (const seed of SEEDS) {
    const returnOf = async (state: ReturnType<typeof learner.init>) => {
      const policies = learner.policies(state, 'exploit');
      const { returns } = await evaluate({
        env: world(),
        policies,
        rng: rng(seed).split('evaluation'),
        episodes: EPISODES,
      });
      return returns.agents.mean;
    };
    const points: [number, number][] = [];
    const buffer = replay(env.groups, { capacity: 20_000 });
    for await (const { state, steps } of offPolicy({
      env,
      learner,
      buffer,
      rng: rng(seed),
      steps: STEPS,
      updateEvery: 16,
    })) {
      if (steps >= ((points.length + 1) * STEPS) / MARKS) points.push([steps, await returnOf(state)]);
    }
    runs.push({ seed, points });
  }
  scores.push({ name, tasks: { lights: runs.map(({ seed, points }) => ({ seed, score: points.at(-1)![1] })) } });
  curves.push(curveOfSeeds(name, runs));
}

const [joint, own] = scores as [Scores, Scores];
const results = scores.map((one) => aggregate(one));
const comparison = compareRuns(joint, own);
for (const result of results) console.log(formatResult(result));
console.log(formatComparison(comparison));

const curve = learningCurve({
  title: 'Two lights: return per agent',
  subtitle: 'interquartile mean over seeds, 95 % bootstrap intervals',
  xLabel: 'environment steps',
  yLabel: 'return',
  series: curves,
  lines: [{ y: 4, label: 'tell, then press' }],
});
const report = runReport({
  title: 'Joint or own critics?',
  summary: `Verdict after ${STEPS} environment steps: ${verdictOf(comparison)}.`,
  commands: ['npx tsx examples/compare-runs.ts'],
  settings: {
    steps: STEPS,
    episodes: EPISODES,
    runtime: runtime.name,
    hidden: settings.hidden.join(', '),
    discount: 0.9,
  },
  sections: [
    { kind: 'picture', title: 'Learning', svg: curve },
    { kind: 'results', title: 'After training', results },
    { kind: 'picture', svg: scoreChart({ panels: [{ label: 'IQM of the return', results }] }) },
    { kind: 'comparisons', title: 'Do they differ?', comparisons: [comparison] },
    { kind: 'scores', title: 'Every run', scores },
  ],
});
mkdirSync('output', { recursive: true });
writeFileSync('output/compare-runs.html', report);
console.log('output/compare-runs.html');
