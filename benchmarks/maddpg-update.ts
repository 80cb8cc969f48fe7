import '@tensorflow/tfjs-backend-wasm';
import { box, discrete, rng, type Batch, type Groups } from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { eager, type Runtime } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { medianCall, type Benchmark, type Contestant } from './contest.js';

/** Sizes of the work, as the peer program has them. */
export interface MaddpgWork {
  readonly agents: number;
  readonly observation: number;
  readonly actions: number;
  readonly hidden: readonly number[];
  readonly batch: number;
}

export const standardWork: MaddpgWork = { agents: 3, observation: 18, actions: 5, hidden: [64, 64], batch: 1024 };

/** A fixed batch of normal observations and rewards, random actions, one row in 25 terminal. */
export const randomBatch = (groups: Groups, work: MaddpgWork): Batch<Groups> => {
  const { agents: n, observation: size, actions, batch: rows } = work;
  const stream = rng(7);
  const normals = (...shape: number[]) =>
    ndarray(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape);
  const active = ndarray(new Uint8Array(rows * n).fill(1), [rows, n]);
  return {
    groups: {
      [Object.keys(groups)[0]!]: {
        observation: normals(rows, n, size),
        active,
        action: ndarray(
          Int32Array.from({ length: rows * n }, () => stream.int(actions)),
          [rows, n],
        ),
        reward: normals(rows, n),
        discount: ndarray(
          Float32Array.from({ length: rows * n }, () => (stream.uniform() < 0.04 ? 0 : 1)),
          [rows, n],
        ),
        next: { observation: normals(rows, n, size), active },
        extras: {},
      },
    },
    last: new Uint8Array(rows),
    env: new Int32Array(rows),
  };
};

/** One whole update of all agents through the learner: noise drawn, critics, actors, targets, metrics. No sampling. */
export const maddpgContestant = (runtime: Runtime, work: MaddpgWork, updates: number, threads = 1): Contestant => {
  const groups = {
    agents: {
      agents: Array.from({ length: work.agents }, (_, i) => `agent_${i}`),
      observation: box([work.observation]),
      action: discrete(work.actions),
    },
  };
  const learner = maddpg(groups, { runtime, hidden: work.hidden, targetAction: 'sample' });
  const batch = randomBatch(groups, work) as Batch<typeof groups>;
  const stream = rng(1);
  let state = learner.init(stream);
  const update = async () => {
    const updating = learner.update(state, batch, stream, { steps: 0, total: 1 });
    [state] = 'then' in updating ? await updating : updating;
  };
  return {
    runtime: runtime.name,
    config: { ...work, ...(runtime.name.startsWith('onnx') && { threads }) },
    round: () => medianCall(updates, update),
    dispose: () => runtime.dispose(),
  };
};

/** The update that trains three agents of `simple_spread`. */
export const maddpgUpdate: Benchmark = {
  name: 'maddpg-update',
  about: 'one update of MADDPG: 3 agents, observations 18, 5 actions, hidden 64-64, batch 1024',
  contestants: () => [
    maddpgContestant(onnx(), standardWork, 40),
    maddpgContestant(eager({ backend: 'wasm' }), standardWork, 2),
  ],
  peer: { args: ['maddpg-update', '--n', '30'], idiomatic: ['loop/adam', 'loop/foreach'] },
};
