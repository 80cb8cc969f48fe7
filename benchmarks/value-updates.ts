import { replay } from '@troupe/buffers';
import { pendulum } from '@troupe/classic-control';
import { offPolicy, rng, type Batch, type Groups, type Learner, type VecEnv } from '@troupe/core';
import { simpleSpread } from '@troupe/particle-world';
import { continuousDqn, naf, qmix } from '@troupe/q-learning';
import { onnx } from '@troupe/runtime-node';
import { medianCall, type Benchmark, type Contestant } from './contest.js';

/** A learner's own update on fresh draws of rows that it has collected by exploring. */
const contestant = async <G extends Groups, S>(
  env: VecEnv<G>,
  learner: Learner<G, S, Batch<G>>,
  work: { readonly batch: number; readonly updates: number } & Readonly<Record<string, unknown>>,
): Promise<Contestant> => {
  const buffer = replay(env.groups, { capacity: 10_000 });
  const collecting = offPolicy({ env, learner, buffer, rng: rng(0), steps: 10_000, warmup: Infinity });
  for await (const { steps } of collecting) if (steps >= 10_000) break;
  const stream = rng(1);
  const clock = { steps: 0, total: 1 };
  let state = learner.init(stream);
  const update = async () => {
    const updating = learner.update(state, buffer.sample(work.batch, stream), stream, clock);
    [state] = 'then' in updating ? await updating : updating;
  };
  return { runtime: 'onnx-node', config: { ...work, sampling: true }, round: () => medianCall(work.updates, update) };
};

/** What has no peer here: an update of a team, and of values of real actions with and without a search. */
export const valueUpdates: readonly Benchmark[] = [
  {
    name: 'qmix-update',
    about:
      'one update of QMIX: 3 agents, observations 18, 5 actions, hidden 64-64, embed 32, hypernetworks 64, batch 256',
    contestants: async () => {
      const env = simpleSpread({ numEnvs: 32 });
      return [await contestant(env, qmix(env.groups, { runtime: onnx() }), { batch: 256, updates: 30 })];
    },
  },
  {
    name: 'naf-update',
    about: 'one update of NAF: observations 3, 1 action, hidden 200-200, batch 128',
    contestants: async () => {
      const env = pendulum({ numEnvs: 32 });
      return [await contestant(env, naf(env.groups, { runtime: onnx() }), { batch: 128, updates: 50 })];
    },
  },
  {
    name: 'continuous-dqn-update',
    about:
      'one update by cross-entropy search, 64 candidates twice: observations 3, 1 action, hidden 256-256, batch 256',
    contestants: async () => {
      const env = pendulum({ numEnvs: 32 });
      return [await contestant(env, continuousDqn(env.groups, { runtime: onnx() }), { batch: 256, updates: 5 })];
    },
  },
];
