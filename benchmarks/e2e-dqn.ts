import { join } from 'node:path';
import { replay } from '@troupe/buffers';
import { cartPole } from '@troupe/classic-control';
import { offPolicy, rng } from '@troupe/core';
import { dqn } from '@troupe/q-learning';
import { onnx } from '@troupe/runtime-node';
import { now } from './clock.js';
import type { Benchmark, Contestant } from './contest.js';

const STEPS = 20_000;

/** Learning from scratch: environment, acting, remembering, sampling and updating. */
const learning = (): Contestant => {
  const runtime = onnx();
  const env = cartPole({ numEnvs: 1, maxSteps: 500 });
  const learner = dqn(env.groups, {
    runtime,
    hidden: [120, 84],
    double: 'no',
    loss: 'squared',
    maxGradNorm: null,
    learningRate: 2.5e-4,
    targetEvery: 500,
    targetClock: 'steps',
    epsilonEnd: 0.05,
    epsilonFraction: 0.5,
  });
  const settings = { steps: STEPS, batchSize: 128, warmup: 1000, updateEvery: 10 };
  return {
    runtime: runtime.name,
    config: { ...settings, numEnvs: 1, hidden: [120, 84], capacity: 10_000, threads: 1 },
    unit: 'environment steps',
    units: STEPS,
    async round() {
      const start = now();
      const buffer = replay(env.groups, { capacity: 10_000 });
      let updates = 0;
      for await (const progress of offPolicy({ env, learner, buffer, rng: rng(0), ...settings }))
        ({ updates } = progress);
      if (updates !== 1901) throw new Error(`e2e-dqn: expected 1901 updates, got ${updates}`);
      return now() - start;
    },
    dispose: () => runtime.dispose(),
  };
};

/** The whole loop: one environment, an update of batch 128 every 10 steps. */
export const e2eDqn: Benchmark = {
  name: 'e2e-dqn',
  about:
    'DQN on CartPole-v1, acting, environment, storing, sampling and updating: 20,000 steps, 1,901 updates of batch 128',
  contestants: () => [learning()],
  peer: { args: [], idiomatic: ['plain'], program: join(import.meta.dirname, 'peers/e2e_dqn.py') },
};
