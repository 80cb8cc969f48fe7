import { strict as assert } from 'node:assert';
import {
  assertEnv,
  evaluate,
  offPolicy,
  randomPolicy,
  rng,
  vectorize,
  type Metrics,
  type Policies,
} from '@troupe/core';
import { maddpg, type MaddpgState } from '@troupe/ddpg';
import { onnx } from '@troupe/runtime-node';
import * as troupe from 'troupe';
import { critic } from './critic.js';
import { flee } from './flee.js';
import { make, type Pursuit } from './pursuit.js';
import { RecentRows } from './recent-rows.js';

await assertEnv(make);
export const env = vectorize(make, { numEnvs: 16 });
export const learner = maddpg(env.groups, {
  runtime: onnx(),
  hidden: [32],
  learningRateActor: 0.003,
  learningRateCritic: 0.003,
  explorationScale: 0.3,
  critic: { hunters: 'joint', runners: 'own' },
  networks: { critic },
});

const play = async (policies: Policies<Pursuit>) => {
  const { returns } = await evaluate({ env, policies, rng: rng(2), episodes: 100 });
  return returns.hunters;
};
const hunt = (state: MaddpgState) => play({ ...learner.policies(state, 'exploit'), runners: flee });

let state = learner.init(rng(0));
const untrained = await hunt(state);
const random = await play({ hunters: randomPolicy(env.groups.hunters), runners: flee });
let [updates, episodes] = [0, 0];
let metrics: Metrics = {};
for await (const progress of offPolicy({
  env,
  learner,
  buffer: new RecentRows(4000),
  policies: { runners: flee },
  rng: rng(1),
  steps: 8000,
  batchSize: 64,
  warmup: 1000,
  updateEvery: 8,
})) {
  ({ state, updates, metrics } = progress);
  episodes += progress.episodes.length;
}
const trained = await hunt(state);
assert(Number.isFinite(metrics['hunters/ann/criticLoss']));
// Hunters that close in lose a few units until they are there; those that do not, one in each of twenty steps.
assert(trained.high > trained.low && trained.low > random.mean / 3, `random ${random.mean}, trained ${trained.mean}`);
assert(trained.low > untrained.high, `untrained ${untrained.mean}, trained ${trained.mean}`);

// The same through the package that gathers everything: one copy of each module, not two.
assert.equal(troupe.maddpg, maddpg);
const spread = troupe.simpleSpread({ numEnvs: 4 });
const together = troupe.maddpg(spread.groups, { runtime: await troupe.fastestRuntime(), hidden: [16] });
let rounds = 0;
for await (const progress of troupe.offPolicy({
  env: spread,
  learner: together,
  buffer: troupe.replay(spread.groups, { capacity: 1000 }),
  rng: troupe.rng(0),
  steps: 400,
  batchSize: 32,
  updateEvery: 40,
})) {
  assert(Number.isFinite(progress.metrics['criticLoss']));
  rounds = progress.updates;
}

console.log(
  JSON.stringify({
    runtime: (await troupe.fastestRuntime()).name,
    untrained: untrained.mean,
    random: random.mean,
    trained: trained.mean,
    updates,
    episodes,
    rounds,
  }),
);
