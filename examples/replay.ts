/** DQN with returns of three steps and prioritised replay: `npx tsx examples/replay.ts`. */
import { cartPole } from '@troupe/classic-control';
import { dqn } from '@troupe/q-learning';
import { evaluate, fastestRuntime, offPolicy, prioritised, replay, rng } from 'troupe';

const STEPS = 60_000;

const env = cartPole({ numEnvs: 8, maxSteps: 500 });
const learner = dqn(env.groups, {
  runtime: await fastestRuntime(),
  hidden: [64, 64],
  loss: 'squared',
  maxGradNorm: null,
  learningRate: 1e-3,
  learningRateEnd: 0,
  targetEvery: 50,
  epsilonFraction: 0.3,
  inputScale: [2.4, 2, 0.21, 2],
});
const buffer = replay(env.groups, { capacity: 50_000, sampler: prioritised(), steps: 3, discount: 0.99 });

let state = learner.init(rng(0));
let last = 0;
const run = { env, learner, buffer, rng: rng(0), steps: STEPS, batchSize: 128, updateEvery: 4, warmup: 1000 };
for await (const { steps, episodes, metrics, ...progress } of offPolicy(run)) {
  state = progress.state;
  const [episode] = episodes;
  if (!episode || steps - last < STEPS / 10) continue;
  last = steps;
  console.log(`${steps} steps: return ${episode.returns.agent}, value ${metrics['value']?.toFixed(1) ?? '-'}`);
}

const policies = learner.policies(state, 'exploit');
const { returns } = await evaluate({
  env: cartPole({ numEnvs: 20, maxSteps: 500 }),
  policies,
  rng: rng(1),
  episodes: 100,
});
console.log(`greedy: ${returns.agent.mean.toFixed(1)} of 500`);
