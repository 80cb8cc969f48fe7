import * as tf from '@tensorflow/tfjs-core';
import {
  box,
  discrete,
  evaluate,
  offPolicy,
  rng,
  type Batch,
  type Discrete,
  type Groups,
  type GroupsActing,
  type Learner,
  type VecEnv,
} from '@troupe/core';
import { replay } from '@troupe/buffers';
import { markovGame, nonMonotone, tabularTeam, tabularWorld, twoStep } from '@troupe/classic-control';
import { flat } from '@troupe/networks';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import { dqn } from '../src/dqn/dqn.js';
import { qmix, vdn } from '../src/team/decomposition.js';
import { monotoneMixer } from '../src/team/mixer.js';

const onnx = runtimes[1]![1];

const trained = async <G extends Groups, S>(
  make: (numEnvs: number) => VecEnv<G>,
  learn: (groups: G) => Learner<G, S, Batch<G>>,
  {
    steps,
    seed = 0,
    updateEvery = 4,
  }: { readonly steps: number; readonly seed?: number; readonly updateEvery?: number },
) => {
  const env = make(8);
  const learner = learn(env.groups);
  const buffer = replay(env.groups, { capacity: 10_000 });
  let state: S | undefined;
  for await (const progress of offPolicy({ env, learner, buffer, rng: rng(seed), steps, batchSize: 64, updateEvery })) {
    state = progress.state;
  }
  return { env, learner, state: state!, policies: learner.policies(state!, 'exploit') };
};
const returnOf = async <G extends Groups, S>(...args: Parameters<typeof trained<G, S>>): Promise<number> => {
  const { env, policies } = await trained(...args);
  const { returns } = await evaluate({ env, policies, rng: rng(9), episodes: 100 });
  const means = Object.values(returns as Record<string, { readonly mean: number }>).map(({ mean }) => mean);
  return means.reduce((a, b) => a + b, 0) / means.length;
};

describe.each(runtimes)('the mixing network, %s', (_name, runtime) => {
  const sizes = { team: 'agents', agents: 3, state: 4 };
  const mixer = flat(monotoneMixer(sizes, { embed: 32, hypernetwork: [64] }));

  it('has as many weights as the paper says', () => {
    // W₁: 4·64 + 64 + 64·96 + 96; b₁: 4·32 + 32; W₂: 4·64 + 64 + 64·32 + 32; b₂: 4·32 + 32 + 32 + 1.
    expect(mixer.size).toBe(256 + 64 + 6144 + 96 + 160 + 256 + 64 + 2048 + 32 + 128 + 32 + 32 + 1);
  });

  it('grows with the value of every agent, in every state', async () => {
    const stream = rng(1);
    const rows = 200;
    const normals = (n: number) => ndarray(stream.fillNormal(new Float32Array(rows * n)), [rows, n]);
    const theta = ndarray(mixer.init(rng(0)), [mixer.size]);
    const { slopes } = await evaluateIn(
      runtime,
      ({ theta, values, state }) => ({
        slopes: tf.grad((x: tf.Tensor) =>
          tf.sum(mixer.apply(theta as tf.Tensor1D, { values: x as tf.Tensor2D, state: state as tf.Tensor2D })),
        )(values!),
      }),
      { theta, values: normals(3), state: normals(4) },
    );
    expect(Math.min(...slopes!)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...slopes!)).toBeGreaterThan(0.01);
    // States change the mixture: slopes of one agent differ between rows.
    expect(new Set(slopes!.filter((_, i) => i % 3 === 0).map((x) => x.toFixed(4))).size).toBeGreaterThan(100);
  });

  it("has its best joint choice where every agent's own best is, over all joint choices", async () => {
    const stream = rng(2);
    const theta = ndarray(mixer.init(rng(3)), [mixer.size]);
    for (let trial = 0; trial < 5; trial++) {
      const own = Array.from({ length: 3 }, () => Array.from({ length: 4 }, () => stream.normal()));
      const state = Array.from({ length: 4 }, () => stream.normal());
      const joint = Array.from({ length: 64 }, (_, j) => [j >> 4, (j >> 2) & 3, j & 3]);
      const { total } = await evaluateIn(
        runtime,
        ({ theta, values, state }) => ({
          total: mixer.apply(theta as tf.Tensor1D, { values: values as tf.Tensor2D, state: state as tf.Tensor2D }),
        }),
        {
          theta,
          values: array(joint.map((choice) => choice.map((a, i) => own[i]![a]!))),
          state: array(joint.map(() => state)),
        },
      );
      const best = joint[total!.indexOf(Math.max(...total!))]!;
      best.forEach((a, i) => expect(own[i]![a]).toBe(Math.max(...own[i]!)));
    }
  });
});

describe.each(runtimes)('the target of a team, %s', (_name, runtime) => {
  const groups = {
    agents: { agents: ['a', 'b'], observation: box([1]), action: discrete(2) },
  } as const;
  /** Values (w x, −w x): the first choice is better where x > 0. */
  const network = () => ({
    init: () => ({ w: ndarray(Float32Array.of(1), [1]) }),
    apply: ({ w }: Readonly<Record<string, tf.Tensor>>, x: tf.Tensor) =>
      tf.concat([tf.mul(x, w!), tf.neg(tf.mul(x, w!))], 1),
  });
  const batch = (
    over: { readonly active?: number[]; readonly nextLegal?: number[]; readonly discount?: number[] } = {},
  ) => {
    const bytes = (xs: number[], ...shape: number[]) => ndarray(Uint8Array.from(xs), [1, 2, ...shape]);
    const floats = (xs: number[], ...shape: number[]) => ndarray(Float32Array.from(xs), [1, 2, ...shape]);
    const legal = over.nextLegal && { legal: bytes(over.nextLegal, 2) };
    return {
      groups: {
        agents: {
          observation: floats([1, 2], 1),
          active: bytes([1, 1]),
          action: ndarray(Int32Array.of(0, 1), [1, 2]),
          reward: floats([3, 5]),
          discount: floats(over.discount ?? [1, 1]),
          ...(over.nextLegal && { legal: bytes([1, 1, 1, 1], 2) }),
          next: { observation: floats([10, -20], 1), active: bytes(over.active ?? [1, 1]), ...legal },
          extras: {},
        },
      },
      last: new Uint8Array(1),
      env: new Int32Array(1),
    } satisfies Batch<typeof groups>;
  };
  const errorOf = async (given: Batch<typeof groups>, options: Parameters<typeof vdn<typeof groups>>[1] = {}) => {
    const learner = vdn(groups, { runtime, network, sharing: 'shared', discount: 0.5, ...options });
    const [, , error] = await learner.update(learner.init(rng(0)), given, rng(0), { steps: 0, total: 1 });
    return error!.get(0);
  };

  // Prediction 1 − 2 = −1; next best 10 + 20 = 30; reward 4: y = 4 + 15 = 19, error 20.
  it.each([
    ['sums the best of everybody', {}, {}, 20],
    ['takes the sum of rewards where told to', {}, { teamReward: 'sum' }, 24],
    ['honours masks: the second agent may not take its best', { nextLegal: [1, 1, 1, 0] }, {}, 4 + 0.5 * (10 - 20) + 1],
    ['counts nothing for the dead, while the others go on', { active: [1, 0], discount: [1, 0] }, {}, 4 + 5 + 1],
    ['ends where the future is worth nothing to anybody', { discount: [0, 0] }, {}, 5],
  ] as const)('%s', async (_what, over, options, error) => {
    expect(await errorOf(batch(over as never), options)).toBeCloseTo(error, 4);
  });
});

/**
 * As the two-step game, but what the second state pays is a sum: 4 for every agent that chooses 1. Worth 8 to a team, 4 + 2
 * to an agent that takes the other's random choices for given.
 */
const additive = () =>
  markovGame({
    name: 'additive-two-step',
    players: ['first', 'second'],
    states: 4,
    choices: [2, 2],
    start: 0,
    terminal: (s) => s === 3,
    outcomes: (s, [a, b]) =>
      s === 0 ? [{ next: 1 + a!, reward: 0 }] : [{ next: 3, reward: s === 1 ? 7 : 4 * (a! + b!) }],
  });

const exploring = { epsilonStart: 1, epsilonEnd: 1 };
const usual = { runtime: onnx, hidden: [32], learningRate: 5e-3, targetEvery: 40, discount: 0.99 };

const mixing = { ...usual, ...exploring, hypernetwork: [32], embed: 16 };
const budget = { steps: 3600 };

describe('the two-step game', () => {
  const world = (numEnvs: number) => tabularTeam(twoStep(), { numEnvs });
  it('is solved by QMIX', async () => {
    expect(await returnOf(world, (groups) => qmix(groups, mixing), budget)).toBe(8);
  });
  it('is solved by QMIX with weights of their own, and as two groups that are one team', async () => {
    const own = { ...mixing, sharing: 'separate' } as const;
    expect(await returnOf(world, (groups) => qmix(groups, own), budget)).toBe(8);
    const apart = (numEnvs: number) => tabularWorld(twoStep(), { numEnvs });
    expect(await returnOf(apart, (groups) => qmix(groups, { ...mixing, teams: [['first', 'second']] }), budget)).toBe(
      8,
    );
  });
  it('is beyond VDN and independent learners, who settle for 7', async () => {
    expect(await returnOf(world, (groups) => vdn(groups, { ...usual, ...exploring }), budget)).toBe(7);
    const alone = { ...usual, ...exploring, sharing: 'sharedWithIds' } as const;
    expect(await returnOf(world, (groups) => dqn(groups, alone), budget)).toBe(7);
  });
});

describe('the two-step game whose second state pays a sum', () => {
  const world = (numEnvs: number) => tabularTeam(additive(), { numEnvs });
  it('is solved by VDN and QMIX, not by agents that learn by themselves at the same budget', async () => {
    expect(await returnOf(world, (groups) => vdn(groups, { ...usual, ...exploring }), budget)).toBe(8);
    expect(await returnOf(world, (groups) => qmix(groups, mixing), budget)).toBe(8);
    const alone = { ...usual, ...exploring, sharing: 'sharedWithIds' } as const;
    expect(await returnOf(world, (groups) => dqn(groups, alone), budget)).toBe(7);
  });
});

describe('the non-monotone game', () => {
  it('is beyond QMIX, as it must be: its optimum is never the best of a monotone mixture fitted to all joint choices', async () => {
    const world = (numEnvs: number) => tabularTeam(nonMonotone(), { numEnvs });
    expect(await returnOf(world, (groups) => qmix(groups, mixing), budget)).toBeLessThan(8);
  });
});

describe('teams', () => {
  const { groups } = tabularWorld(twoStep());
  it('are the groups themselves, unless told otherwise', () => {
    const names = (learner: Learner<typeof groups, { readonly carry: object }, never>) =>
      Object.keys(leavesOf(learner.init(rng(0)).carry as never));
    expect(names(vdn(groups, { runtime: onnx }))).toEqual(['first', 'second']);
    expect(names(vdn(groups, { runtime: onnx, teams: [['first', 'second']] }))).toEqual(['first+second']);
  });
  it('are refused where they do not fit, by name', () => {
    expect(() => qmix(groups, { runtime: onnx, teams: [['first', 'third' as 'second']] })).toThrow("qmix: teams: expected groups first, second, got 'third'"); // prettier-ignore
    expect(() => vdn(groups, { runtime: onnx, teams: [['first'], ['first']] })).toThrow('vdn: teams: expected every group at most once, got first, first'); // prettier-ignore
    const real = { agent: { agents: ['agent'], observation: box([1]), action: box([1]) } } as unknown as GroupsActing<Discrete>; // prettier-ignore
    expect(() => vdn(real, { runtime: onnx })).toThrow("vdn: expected group 'agent' to make one choice of n (discrete), got box"); // prettier-ignore
  });
  it('want the state of the world where they are told of one', () => {
    const learner = qmix(groups, { runtime: onnx, stateSpace: box([3]) });
    const row = { observation: ndarray(new Float32Array(4), [1, 1, 4]) } as never;
    const batch = {
      groups: { first: { ...(row as object), next: {} }, second: row },
      last: new Uint8Array(1),
    } as never;
    expect(() => learner.update(learner.init(rng(0)), batch, rng(0), { steps: 0, total: 1 })).toThrow(
      "qmix: expected rows with the environment's state, as stateSpace says; group 'first' has none",
    );
  });
});
