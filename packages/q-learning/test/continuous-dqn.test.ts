import * as tf from '@tensorflow/tfjs-core';
import {
  box,
  defineSingleAgentEnv,
  evaluate,
  offPolicy,
  rng,
  vectorize,
  type Batch,
  type Box,
  type Network,
  type SingleAgent,
} from '@troupe/core';
import { replay } from '@troupe/buffers';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { continuousDqn, type ContinuousDqnOptions } from '../src/continuous/continuous-dqn.js';
import { crossEntropy } from '../src/maximisers/cross-entropy.js';
import { randomShooting } from '../src/maximisers/random-shooting.js';

const onnx = runtimes[1]![1];
const groups: SingleAgent<Box, Box> = {
  agent: { agents: ['agent'], observation: box([1]), action: box([1], { low: -1, high: 1 }) },
};

/** Q(s, a) = w − (a − s)². */
const parabola: Network<tf.Tensor, tf.Tensor> = {
  init: () => ({ w: ndarray(Float32Array.of(2), [1]) }),
  apply({ w }, x) {
    const [s, a] = tf.split(x, 2, 1) as [tf.Tensor, tf.Tensor];
    return tf.sub(w!, tf.square(tf.sub(a, s)));
  },
};

describe.each(runtimes)('targets, %s', (_name, runtime) => {
  it('are r + γ d max_a Q(s′, a), the maximum found by search', async () => {
    const learner = continuousDqn(groups, {
      runtime,
      network: () => parabola,
      discount: 0.5,
      maximiser: crossEntropy(),
    });
    const column = (xs: number[], ...shape: number[]) => ndarray(Float32Array.from(xs), [3, 1, ...shape]);
    const active = ndarray(new Uint8Array(3).fill(1), [3, 1]);
    const batch: Batch<typeof groups> = {
      groups: {
        agent: {
          observation: column([0.5, 0, 0], 1),
          active,
          action: column([0.5, 0.5, 0], 1),
          reward: column([1, 1, 1]),
          discount: column([1, 1, 0]),
          // Within the box the best is worth w = 2; from s′ = 1.5 it is the face, 2 − 0.25.
          next: { observation: column([-0.3, 1.5, 0], 1), active },
          extras: {},
        },
      },
      last: new Uint8Array(3),
      env: new Int32Array(3),
    };
    const [, metrics, error] = await learner.update(learner.init(rng(0)), batch, rng(1), { steps: 0, total: 1 });
    // y: 1 + 0.5·2 = 2; 1 + 0.5·1.75 = 1.875; 1. Q: 2; 2 − 0.25 = 1.75; 2.
    [0, 0.125, 1].forEach((x, i) => expect(error!.get(i)).toBeCloseTo(x, 3));
    expect(metrics['loss']).toBeCloseTo((0.125 ** 2 + 1) / 3, 3);
    expect(metrics['value']).toBeCloseTo((2 + 1.75 + 2) / 3, 4);
  });

  it('value with the target the action that the online network prefers, where double', async () => {
    const learner = continuousDqn(groups, { runtime, network: () => parabola, double: 'online', discount: 1 });
    const policies = learner.policies(learner.init(rng(0)), 'exploit');
    const observation = ndarray(Float32Array.of(0.25, -2), [2, 1, 1]);
    const active = ndarray(new Uint8Array(2).fill(1), [2, 1]);
    const { action } = await policies.agent.act({ observation, active }, rng(3), { steps: 0, total: 1 });
    expect(action.get(0, 0, 0)).toBeCloseTo(0.25, 1);
    expect(action.get(1, 0, 0)).toBeCloseTo(-1, 2);
  });
});

/** Two steps: the first action should be half of what is seen, the second has to undo it; each costs its squared error. */
const echo = () => {
  let [seen, turn] = [0, 0];
  return defineSingleAgentEnv({
    observation: box([2]),
    action: box([1], { low: -2, high: 2 }),
    reset(stream) {
      [seen, turn] = [stream.uniform() * 2 - 1, 0];
      return [seen, turn];
    },
    step([a]) {
      const reward = -((a! - (turn === 0 ? seen / 2 : -seen)) ** 2);
      turn += 1;
      return { observation: [seen, turn], reward, terminated: turn === 2, truncated: false };
    },
  });
};

const trained = async (options: ContinuousDqnOptions): Promise<number> => {
  const env = vectorize(echo, { numEnvs: 8 });
  const settings = {
    runtime: onnx,
    hidden: [32, 32],
    learningRate: 3e-3,
    discount: 0.9,
    tau: 0.02,
    explorationScale: 0.5,
  };
  const learner = continuousDqn(env.groups, { ...settings, ...options });
  const buffer = replay(env.groups, { capacity: 10_000 });
  let state = learner.init(rng(0));
  const run = { env, learner, buffer, rng: rng(0), steps: 4000, batchSize: 64, updateEvery: 4, warmup: 400 };
  for await (const progress of offPolicy(run)) state = progress.state;
  const policies = learner.policies(state, 'exploit');
  return (await evaluate({ env, policies, rng: rng(1), episodes: 200 })).returns.agent.mean;
};

describe('learning', () => {
  it.each([
    ['cross-entropy', {}],
    ['cross-entropy, double', { double: 'online' }],
    ['random shooting', { maximiser: randomShooting({ samples: 64 }) }],
  ] as const)('by %s follows what it sees', async (name, options) => {
    const result = await trained(options);
    expect(result).toBeGreaterThan(-0.05);
  });

  it('without a search fails the bar', async () => {
    const result = await trained({ maximiser: randomShooting({ samples: 1 }) });
    expect(result).toBeLessThan(-0.5);
  });
});

it('refuses what makes no sense, by name', () => {
  const endless = { agent: { ...groups.agent, action: box([1]) } };
  expect(() => continuousDqn(endless, { runtime: onnx })).toThrow("continuousDqn: expected finite bounds for the actions of group 'agent', got an unbounded box"); // prettier-ignore
  expect(() => continuousDqn(groups, { runtime: onnx, hidden: [0] })).toThrow('continuousDqn: hidden: expected a list of integers > 0, got [0]'); // prettier-ignore
});
