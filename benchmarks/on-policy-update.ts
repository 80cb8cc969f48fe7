import '@tensorflow/tfjs-backend-wasm';
import { box, rng, type Rollout } from '@troupe/core';
import { eager, type Runtime } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import { happo, hatrpo, mappo, type TrpoOptions, type TrustRegionState } from '@troupe/trust-region';
import ndarray from 'ndarray';
import { medianCall, type Benchmark, type Contestant } from './contest.js';

/** Ant in two halves, as HARL feeds it: what the peer program has. */
const work = {
  agents: 2,
  observation: 113,
  state: 111,
  action: 4,
  hidden: [128, 128],
  steps: 200,
  numEnvs: 20,
  epochs: 5,
};
const ids = Array.from({ length: work.agents }, (_, i) => `agent_${i}`);
const groups = {
  agents: { agents: ids, observation: box([work.observation]), action: box([work.action]) },
};
type Groups = typeof groups;

const makers = {
  happo,
  mappo,
  /** The step of HARL, as the peer has it. */
  hatrpo: (of: Groups, options: TrpoOptions) => hatrpo(of, { ...options, stepLength: 'damped' }),
};

/** Of the initial policies' actions, whose means are near 0. */
const DEVIATION = 0.3655;

/** A rollout of noise: actions as the initial policies draw them, one step in 200 terminal. */
const randomRollout = (): Rollout<Groups> => {
  const stream = rng(7);
  const [rows, n] = [work.steps * work.numEnvs, work.agents];
  const normals = (scale: number, ...shape: number[]) =>
    ndarray(
      stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))).map((x) => scale * x),
      shape,
    );
  const active = ndarray(new Uint8Array(rows * n).fill(1), [rows, n]);
  const last = Uint8Array.from({ length: rows }, () => (stream.uniform() < 0.005 ? 1 : 0));
  const each = (of: (row: number) => number) =>
    ndarray(
      Float32Array.from({ length: rows * n }, (_, i) => of(Math.floor(i / n))),
      [rows, n],
    );
  const seen = () => ({
    observation: normals(1, rows, n, work.observation),
    active,
    state: normals(1, rows, work.state),
  });
  const rewards = normals(1, rows);
  const values = normals(0.1, rows);
  const action = normals(DEVIATION, rows, n, work.action);
  const logProb = ndarray(
    Float32Array.from({ length: rows * n }, (_, i) => {
      const own = action.data.subarray(i * work.action, (i + 1) * work.action);
      return own.reduce((sum, a) => sum - (a / DEVIATION) ** 2 / 2 - Math.log(DEVIATION * Math.sqrt(2 * Math.PI)), 0);
    }),
    [rows, n],
  );
  return {
    steps: work.steps,
    numEnvs: work.numEnvs,
    batch: {
      groups: {
        agents: {
          ...seen(),
          action,
          reward: each((row) => rewards.data[row]!),
          discount: each((row) => 1 - last[row]!),
          next: seen(),
          // As they are stored when acting.
          extras: { value: each((row) => values.data[row]!), logProb },
        },
      },
      last,
      env: Int32Array.from({ length: rows }, (_, i) => i % work.numEnvs),
    },
  };
};

const contestant = (runtime: Runtime, algorithm: keyof typeof makers): Contestant => {
  const learner = makers[algorithm](groups, {
    runtime,
    hidden: work.hidden,
    stateSpace: box([work.state]),
    values: 'team',
    criticEpochs: work.epochs,
  });
  const rollout = randomRollout();
  const start: TrustRegionState = learner.init(rng(1));
  return {
    runtime: runtime.name,
    config: { ...work, ...(runtime.name.startsWith('onnx') && { threads: 1 }) },
    // The same work every time: from the same weights.
    round: () =>
      medianCall(runtime.name.startsWith('onnx') ? 3 : 1, () =>
        learner.update(structuredClone(start), rollout, rng(2), { steps: 0, total: 1 }),
      ),
    dispose: () => runtime.dispose(),
  };
};

const benchmark = (algorithm: keyof typeof makers, about: string, idiomatic: readonly string[]): Benchmark => ({
  name: `${algorithm}-update`,
  about: `one update of ${algorithm.toUpperCase()}: Ant in 2 halves, observations 113, state 111, 4000 rows, hidden 128-128, ${about}`,
  // Eagerly, the products of HATRPO take a minute.
  contestants: () => [
    contestant(onnx(), algorithm),
    ...(algorithm === 'hatrpo' ? [] : [contestant(eager({ backend: 'wasm' }), algorithm)]),
  ],
  peer: { args: [`${algorithm}-update`, '--n', '3'], idiomatic, forms: true },
});

/** The updates of the on-policy learners for many agents. */
export const onPolicyUpdates: readonly Benchmark[] = [
  benchmark('happo', '5 epochs, agents one after another', ['plain/adam', 'plain/foreach']),
  benchmark('mappo', '5 epochs, one actor for both', ['plain/adam', 'plain/foreach']),
  benchmark('hatrpo', '10 iterations of conjugate gradients, agents one after another', ['plain/double']),
];
