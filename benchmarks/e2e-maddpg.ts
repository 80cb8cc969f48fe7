import { offPolicy, rng } from '@troupe/core';
import { replay } from '@troupe/buffers';
import { maddpg } from '@troupe/ddpg';
import { simpleSpread } from '@troupe/particle-world';
import { onnx } from '@troupe/runtime-node';
import { now } from './clock.js';
import type { Benchmark } from './contest.js';

const STEPS = 20_000;

/** The whole loop of the peer program: one environment, an update of batch 1024 per 100 steps, 20,000 steps. */
export const e2eMaddpg: Benchmark = {
  name: 'e2e-maddpg',
  about: 'acting, environment, storing, sampling and updating: 1 environment, 20,000 steps, 190 updates of batch 1024',
  contestants: () => {
    const runtime = onnx();
    const env = simpleSpread({ numEnvs: 1 });
    const learner = maddpg(env.groups, { runtime, targetAction: 'sample' });
    return [
      {
        runtime: runtime.name,
        config: { numEnvs: 1, batch: 1024, updateEvery: 100, steps: STEPS, threads: 1 },
        unit: 'environment steps',
        units: STEPS,
        async round() {
          const start = now();
          const training = offPolicy({
            env,
            learner,
            buffer: replay(env.groups, { capacity: 1_000_000 }),
            rng: rng(0),
            steps: STEPS,
            batchSize: 1024,
            warmup: 1100,
            updateEvery: 100,
          });
          let updates = 0;
          for await (const progress of training) ({ updates } = progress);
          if (updates !== 190) throw new Error(`e2e-maddpg: expected 190 updates, got ${updates}`);
          return now() - start;
        },
        dispose: () => runtime.dispose(),
      },
    ];
  },
  peer: { args: ['e2e-maddpg', '--act-with', 'numpy'], idiomatic: [] },
};
