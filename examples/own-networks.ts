/**
 * Parts of your own: any tfjs-layers model as the critic, an actor written in plain tfjs, a buffer that keeps only what
 * is worth it. Run: npx tsx examples/own-networks.ts
 */
import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import ndarray from 'ndarray';
import {
  evaluate,
  fastestRuntime,
  fromLayers,
  maddpg,
  offPolicy,
  replay,
  rng,
  simpleSpread,
  type Batch,
  type Buffer,
  type Network,
} from 'troupe';

const STEPS = 60_000;

const env = simpleSpread({ numEnvs: 32 });

/** A network is a pair of pure functions: initial weights, and what they do to a tensor. */
const linearActor = (inputs: number, outputs: number): Network<tf.Tensor, tf.Tensor> => ({
  init: (stream) => ({ w: ndarray(stream.fillNormal(new Float32Array(inputs * outputs)), [inputs, outputs]) }),
  apply: ({ w }, x) => tf.matMul(x, w as tf.Tensor2D),
});

const learner = maddpg(env.groups, {
  runtime: await fastestRuntime(),
  networks: {
    actor: ({ inputs, outputs }) => linearActor(inputs, outputs),
    critic: ({ inputs }) =>
      fromLayers(
        sequential({
          layers: [
            layers.dense({ units: 64, inputShape: [inputs] }),
            layers.layerNormalization(),
            layers.activation({ activation: 'relu' }),
            layers.dense({ units: 1 }),
          ],
        }),
      ),
  },
});

/** A buffer is what adds rows and samples them: this one forgets everything when it is full. */
type Rows = Batch<typeof env.groups>;
const inner = { replay: replay(env.groups, { capacity: 20_000 }) };
const forgetful: Buffer<Rows> = {
  capacity: 20_000,
  get size() {
    return inner.replay.size;
  },
  add(rows) {
    if (inner.replay.size + rows.last.length > 20_000) inner.replay = replay(env.groups, { capacity: 20_000 });
    inner.replay.add(rows);
  },
  sample: (rows, stream, clock, out) => inner.replay.sample(Math.min(rows, inner.replay.size), stream, clock, out),
};

let state = learner.init(rng(0));
const run = {
  env,
  learner,
  buffer: forgetful,
  rng: rng(0),
  steps: STEPS,
  batchSize: 256,
  warmup: 1024,
  updateEvery: 64,
};
for await (const progress of offPolicy(run)) state = progress.state;
const { returns } = await evaluate({ env, policies: learner.policies(state, 'exploit'), rng: rng(1), episodes: 100 });
console.log(`return per agent ${returns.agents.mean.toFixed(2)} (random: about -26.5)`);
