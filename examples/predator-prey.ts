/**
 * Two sides that learn in different ways: predators with MADDPG's joint critics, prey with DDPG's own ones. Afterwards
 * the predators hunt prey that follows a script. Run: npx tsx examples/predator-prey.ts
 */
import {
  chasePrey,
  evaluate,
  fastestRuntime,
  fleePrey,
  maddpg,
  offPolicy,
  randomPolicy,
  replay,
  rng,
  simpleTag,
} from 'troupe';

const STEPS = 200_000;

const env = simpleTag({ numEnvs: 32 });
const learner = maddpg(env.groups, { runtime: await fastestRuntime(), critic: { good: 'own' } });
const training = offPolicy({
  env,
  learner,
  buffer: replay(env.groups, { capacity: 500_000 }),
  rng: rng(0),
  steps: STEPS,
  batchSize: 1024,
  updateEvery: 100,
});
let state = learner.init(rng(0));
let shown = 0;
for await (const { state: newest, steps, metrics } of training) {
  state = newest;
  if (steps - shown >= STEPS / 5) {
    shown = steps;
    console.log(`${steps} steps, critic loss ${metrics['criticLoss']?.toFixed(2) ?? '-'}`);
  }
}

const good = fleePrey(env.groups);
const hunters = {
  random: randomPolicy(env.groups.adversaries),
  scripted: chasePrey(env.groups),
  learnt: learner.policies(state, 'exploit').adversaries,
};
for (const [name, adversaries] of Object.entries(hunters)) {
  const { returns } = await evaluate({ env, policies: { adversaries, good }, rng: rng(1), episodes: 200 });
  const { mean, low, high } = returns.adversaries;
  console.log(`${name.padEnd(9)} predators: ${mean.toFixed(1)} per episode (${low.toFixed(1)} to ${high.toFixed(1)})`);
}
