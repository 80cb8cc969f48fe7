import '@tensorflow/tfjs-backend-wasm';
import { box, discrete, rng } from '@troupe/core';
import { dqn } from '@troupe/q-learning';
import { eager, type Runtime } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import { medianCall, type Benchmark, type Contestant } from './contest.js';
import { filledReplay, soloGroups } from './single-agent-rows.js';

const work = { observation: 4, actions: 2, hidden: [120, 84], batch: 128, capacity: 100_000, copyEvery: 500 };

/** The learner's own update on a fresh draw: double DQN, Huber errors, Adam, a hard copy now and then. */
const dqnContestant = (runtime: Runtime, updates: number): Contestant => {
  const groups = soloGroups(box([work.observation]), discrete(work.actions));
  const buffer = filledReplay(groups, work.capacity, work.observation, (rows, stream) =>
    Int32Array.from({ length: rows }, () => stream.int(work.actions)),
  );
  const learner = dqn(groups, {
    runtime,
    hidden: work.hidden,
    loss: 'huber',
    learningRate: 2.5e-4,
    targetEvery: work.copyEvery,
    maxGradNorm: null,
  });
  const stream = rng(1);
  const clock = { steps: 0, total: 1 };
  let state = learner.init(stream);
  const update = async () => {
    const updating = learner.update(state, buffer.sample(work.batch, stream), stream, clock);
    [state] = 'then' in updating ? await updating : updating;
  };
  return {
    runtime: runtime.name,
    config: { ...work, sampling: true, double: true },
    round: () => medianCall(updates, update),
    dispose: () => runtime.dispose(),
  };
};

/** One update of double DQN, sampling included. */
export const dqnUpdate: Benchmark = {
  name: 'dqn-update',
  about: 'one update of double DQN: observations 4, 2 actions, hidden 120-84, batch 128 drawn from 100,000 rows',
  contestants: () => [dqnContestant(onnx(), 300), dqnContestant(eager({ backend: 'wasm' }), 10)],
  peer: { args: ['dqn-update', '--n', '150'], idiomatic: ['fields/adam', 'fields/foreach'] },
};
