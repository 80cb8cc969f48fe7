/**
 * A herd whose size changes from episode to episode: two, three or four animals look for food, in worlds as dense as
 * each other. Slots without an animal are not `active`, and weigh nothing in learning. Run: npx tsx examples/herd.ts
 */
import { foodCollect } from '@troupe/particle-world';
import { evaluate, fastestRuntime, maddpg, offPolicy, randomPolicy, replay, rng } from 'troupe';

const STEPS = 20_000;

// Each animal sees the nearest other one and the nearest food: the size of that does not depend on the herd's.
const herd = (sizes: readonly number[]) =>
  foodCollect({
    numEnvs: 16,
    tasks: sizes.map((agents) => ({ agents })),
    observe: 'flat',
    agentNeighbors: 1,
    landmarkNeighbors: 2,
  });

const env = herd([2, 3, 4]);
const learner = maddpg(env.groups, { runtime: await fastestRuntime(), critic: 'own' });
const training = offPolicy({
  env,
  learner,
  buffer: replay(env.groups, { capacity: STEPS }),
  rng: rng(0),
  steps: STEPS,
  batchSize: 256,
  updateEvery: 32,
});
let state = learner.init(rng(0));
let shown = 0;
for await (const { state: newest, steps } of training) {
  state = newest;
  if (steps - shown < STEPS / 4) continue;
  shown = steps;
  console.log(`${steps} steps`);
}

for (const [name, agents] of Object.entries({
  random: randomPolicy(env.groups.agents),
  learnt: learner.policies(state, 'exploit').agents,
})) {
  const { returns } = await evaluate({ env, policies: { agents }, rng: rng(1), episodes: 200 });
  const { mean, low, high } = returns.agents;
  console.log(`${name}: ${mean.toFixed(1)} per episode (${low.toFixed(1)} to ${high.toFixed(1)})`);
}
