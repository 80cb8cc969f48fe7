import { strict as assert } from 'node:assert';
import { onnx } from '@troupe/runtime-node';
import { fastestRuntime, maddpg, offPolicy, replay, rng, simpleSpread } from 'troupe';

assert.throws(
  () => onnx(),
  (error: Error) => {
    console.log(error.message);
    return true;
  },
);

const runtime = await fastestRuntime(); // says why it is not onnx()
assert.equal(runtime.name, 'eager');
const reasons: string[] = [];
await fastestRuntime((reason) => reasons.push(reason));
assert.equal(reasons.length, 1);

const env = simpleSpread({ numEnvs: 2 });
const learner = maddpg(env.groups, { runtime, hidden: [8] });
const buffer = replay(env.groups, { capacity: 100 });
let updates = 0;
for await (const progress of offPolicy({
  env,
  learner,
  buffer,
  rng: rng(0),
  steps: 60,
  batchSize: 16,
  updateEvery: 20,
})) {
  assert(Number.isFinite(progress.metrics['criticLoss']));
  updates = progress.updates;
}
assert.equal(updates, 3);
