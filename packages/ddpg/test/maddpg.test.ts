import { replay } from '@troupe/buffers';
import {
  box,
  defineEnv,
  defineSingleAgentEnv,
  discrete,
  evaluate,
  hybrid,
  multiDiscrete,
  offPolicy,
  rng,
  vectorize,
  type Batch,
  type Env,
  type Groups,
} from '@troupe/core';
import { fromLayers } from '@troupe/networks';
import { leavesOf, type Runtime } from '@troupe/runtime';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import type ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { decodeMaddpg, maddpg, type MaddpgOptions, type MaddpgState } from '../src/index.js';

/** Two groups, four kinds of action, one of them with a mask: everything that a step has to encode. */
const zoo = () =>
  defineEnv({
    groups: {
      movers: { agents: ['m0', 'm1'], observation: box([3]), action: box([2], { low: [-1, 0], high: [1, 4] }) },
      choosers: { agents: ['c0'], observation: discrete(4), action: discrete(3) },
      speakers: { agents: ['s0'], observation: box([2, 2]), action: multiDiscrete(2, 3) },
      players: {
        agents: ['p0'],
        observation: box([1]),
        action: hybrid(box([1], { low: -1, high: 1 }), multiDiscrete(2)),
      },
    },
    reset: (stream) => ({
      movers: { m0: [stream.uniform(), 0, 1], m1: [1, 2, stream.uniform()] },
      choosers: { c0: stream.int(4) },
      speakers: { s0: [1, 2, 3, 4] },
      players: { p0: [0.5] },
    }),
    step: ({ movers, choosers, speakers, players }) => {
      const total = movers.m0[0]! + movers.m1[1]! + choosers.c0 + speakers.s0[0]! + players.p0[0]!;
      return {
        observations: {
          movers: { m0: [total, 0, 1], m1: [1, 2, total] },
          choosers: { c0: choosers.c0 },
          speakers: { s0: [1, total, 3, 4] },
          players: { p0: [total] },
        },
        rewards: { movers: { m0: total, m1: -total }, choosers: { c0: 1 }, speakers: { s0: 0 }, players: { p0: 1 } },
        terminated: total > 4,
        truncated: false,
      };
    },
    legal: () => ({
      movers: { m0: [], m1: [] },
      choosers: { c0: [1, 0, 1] },
      speakers: { s0: [1, 1, 1, 1, 1] },
      players: { p0: [1, 1] },
    }),
  });

/** Groups of the zoo, and rows that were really played in it. */
const rowsOf = async <G extends Groups>(make: () => Env<G>): Promise<[Groups, Batch<G>]> => {
  const env = vectorize(make, { numEnvs: 4 });
  const buffer = replay(env.groups, { capacity: 1000 });
  const learner = maddpg(env.groups, { runtime: runtimes[1]![1], hidden: [4] });
  for await (const _ of offPolicy({ env, learner, buffer, rng: rng(3), steps: 64, warmup: 65 }));
  return [env.groups, buffer.sample(16, rng(4))];
};

const updated = async (groups: Groups, batch: Batch<Groups>, runtime: Runtime, options: MaddpgOptions<Groups>) => {
  // SGD: Adam's first steps are signs of gradients, which rounding can flip where they are zero.
  const learner = maddpg(groups, { runtime, hidden: [8], optimiser: 'sgd', maxGradNorm: 1, ...options });
  let state = learner.init(rng(1));
  const before = Float32Array.from(state.carry.flat);
  const all: Record<string, number>[] = [];
  for (let i = 0; i < 3; i++) {
    const [next, metrics] = await learner.update(state, batch, rng(2), { steps: 0, total: 1 });
    state = next;
    all.push(metrics);
  }
  return { before, flat: Float32Array.from(state.carry.flat), metrics: all };
};

describe('maddpg', () => {
  const variants: readonly MaddpgOptions<Groups>[] = [
    {},
    { targetAction: 'sample', othersActions: 'sample', relaxation: 'soft', maxGradNorm: null },
    { targetAction: 'soft', othersActions: 'current', clipScope: 'tensor', targetMoves: 'afterEach' },
    { critic: 'own', rewardScaling: 'standardise', targetEvery: 2, tau: 1 },
    { critic: { choosers: 'own' }, rewardScaling: 'deviation', outputPenalty: 0, activation: 'tanh' },
  ];
  it.each(variants.map((options) => [JSON.stringify(options), options] as const))(
    'computes the same in both runtimes: %s',
    async (_name, options) => {
      const [groups, batch] = await rowsOf(zoo);
      const [eagerly, compiled] = [
        await updated(groups, batch, runtimes[0]![1], options),
        await updated(groups, batch, runtimes[1]![1], options),
      ];
      expect(compiled.flat.every(Number.isFinite)).toBe(true);
      expect(compiled.flat).not.toEqual(compiled.before);
      eagerly.flat.forEach((x, i) =>
        expect(Math.abs(compiled.flat[i]! - x)).toBeLessThanOrEqual(1e-5 * Math.max(1, Math.abs(x))),
      );
      for (const key in eagerly.metrics[2]) {
        const [a, b] = [eagerly.metrics[2][key]!, compiled.metrics[2]![key]!];
        expect(Math.abs(a - b), key).toBeLessThanOrEqual(2e-5 * Math.max(1, Math.abs(a)));
      }
    },
  );

  it('gives rows of the dead no weight in any loss', async () => {
    const [groups, batch] = await rowsOf(zoo);
    const dead = batch as unknown as {
      groups: Record<string, { active: ndarray.NdArray<Uint8Array>; reward: ndarray.NdArray<Float32Array> }>;
    };
    for (let row = 0; row < 8; row++) dead.groups['movers']!.active.set(row, 1, 0);
    const options = { runtime: runtimes[1]![1] };
    const one = await updated(groups, batch, runtimes[1]![1], options);
    for (let row = 0; row < 8; row++) dead.groups['movers']!.reward.set(row, 1, 1e6);
    const other = await updated(groups, batch, runtimes[1]![1], options);
    expect(other.flat).toEqual(one.flat);
    for (let row = 8; row < 16; row++) dead.groups['movers']!.reward.set(row, 1, 1e3);
    const alive = await updated(groups, batch, runtimes[1]![1], options);
    expect(alive.flat).not.toEqual(one.flat);
  });

  it('moves targets only every so many updates, and copies with tau 1', async () => {
    const [groups, batch] = await rowsOf(zoo);
    const learner = maddpg(groups, { runtime: runtimes[1]![1], hidden: [4], targetEvery: 3, tau: 1 });
    let state = learner.init(rng(1));
    type Role = Record<string, { theta: ndarray.NdArray<Float32Array>; target: ndarray.NdArray<Float32Array> }>;
    const actor = (of: MaddpgState) => (leavesOf(of.carry) as unknown as { actor: Role }).actor['movers']!;
    const copy = ({ data, offset, size }: ndarray.NdArray<Float32Array>) => data.slice(offset, offset + size);
    const first = copy(actor(state).target);
    for (let i = 1; i <= 3; i++) {
      [state] = await learner.update(state, batch, rng(2), { steps: 0, total: 1 });
      if (i < 3) expect(copy(actor(state).target)).toEqual(first);
      else expect(copy(actor(state).target)).toEqual(copy(actor(state).theta));
    }
  });

  it('consumes the state it is given, and works on a copy of it', async () => {
    const [groups, batch] = await rowsOf(zoo);
    const learner = maddpg(groups, { runtime: runtimes[1]![1], hidden: [4] });
    const state = learner.init(rng(1));
    const kept = structuredClone(state);
    const rows = batch as unknown as Batch<Groups>;
    const [next] = await learner.update(state, rows, rng(2), { steps: 0, total: 1 });
    expect(() => state.carry.flat).toThrow('maddpg update');
    const [again] = await learner.update(kept, rows, rng(2), { steps: 0, total: 1 });
    expect(again.carry.flat).toEqual(next.carry.flat);
  });

  it('refuses what it cannot do, and says what it expected', () => {
    const groups = { a: { agents: ['x'], observation: box([1]), action: box([1]) } } as const;
    expect(() => maddpg(groups, { runtime: runtimes[1]![1] })).toThrow("finite bounds for the actions of group 'a'");
    const fine = { a: { agents: ['x'], observation: box([1]), action: discrete(2) } } as const;
    expect(() => maddpg(fine, { discount: 1.5, tau: -1 })).toThrow(
      'maddpg: discount: expected a number in [0, 1], got 1.5; tau: expected a number in [0, 1], got -1',
    );
    const networks = { actr: () => undefined } as object;
    expect(() => maddpg(fine, { networks })).toThrow("maddpg: networks: expected some of actor, critic, got 'actr'");
    expect(() => maddpg(fine, { critic: { b: 'own' } } as never)).toThrow(
      "maddpg: critic: expected some of a, got 'b'",
    );
    expect(decodeMaddpg({ hiden: [1] })).toMatchObject({ _tag: 'Left', left: [{ path: 'hiden' }] });
  });
});

/** Two agents see a number each and must both choose the *other's*: only the joint critic and their own rewards tell. */
const swap = () => {
  let [x, y, t] = [0, 0, 0];
  const see = () => ({ pair: { a: [x, y], b: [y, x] } });
  return defineEnv({
    groups: { pair: { agents: ['a', 'b'], observation: box([2]), action: discrete(2) } },
    reset: (stream) => {
      [x, y, t] = [stream.int(2), stream.int(2), 0];
      return see();
    },
    step: ({ pair }) => {
      const right = (pair.a === y ? 0.5 : 0) + (pair.b === x ? 0.5 : 0);
      t += 1;
      [x, y] = [1 - y, x];
      return { observations: see(), rewards: { pair: { a: right, b: right } }, terminated: false, truncated: t === 5 };
    },
  });
};

const learnSwap = async (seed: number, options: MaddpgOptions<ReturnType<typeof swap>['groups']>): Promise<number> => {
  const env = vectorize(swap, { numEnvs: 8 });
  const learner = maddpg(env.groups, { runtime: runtimes[1]![1], hidden: [32], learningRateActor: 5e-3, ...options });
  const buffer = replay(env.groups, { capacity: 5000 });
  let state = learner.init(rng(seed));
  const training = offPolicy({ env, learner, buffer, rng: rng(seed), steps: 4000, batchSize: 64, updateEvery: 8 });
  for await (const progress of training) state = progress.state;
  const policies = learner.policies(state, 'exploit');
  const { returns } = await evaluate({ env, policies, rng: rng(9), episodes: 100 });
  return returns.pair.mean;
};

describe('learning', () => {
  it('solves a coordination task that random play gets half of, the same way twice', async () => {
    const [once, again, other] = [await learnSwap(1, {}), await learnSwap(1, {}), await learnSwap(2, {})];
    expect(again).toBe(once);
    expect(once).toBeGreaterThan(4.8); // of 5; random 2.5
    expect(other).toBeGreaterThan(4.8);
  });

  it('reaches a target with real-valued actions, with any tfjs-layers critic', async () => {
    // one agent must put out −x/2 where it sees x: reward −(action + x/2)²
    const mirror = () => {
      let [x, t] = [0, 0];
      return defineSingleAgentEnv({
        observation: box([1]),
        action: box([1], { low: -1, high: 1 }),
        reset: (stream) => {
          t = 0;
          return [(x = stream.uniform() * 2 - 1)];
        },
        step: ([action]) => {
          const reward = -((action! + x / 2) ** 2);
          t += 1;
          x = -x;
          return { observation: [x], reward, terminated: false, truncated: t === 4 };
        },
      });
    };
    const env = vectorize(mirror, { numEnvs: 8 });
    const learner = maddpg(env.groups, {
      runtime: runtimes[1]![1],
      learningRateActor: 2e-3,
      discount: 0.5,
      explorationScale: 0.3,
      outputPenalty: 0,
      networks: {
        critic: ({ inputs }) =>
          fromLayers(
            sequential({
              layers: [
                layers.dense({ units: 32, activation: 'tanh', inputShape: [inputs] }),
                layers.dense({ units: 32, activation: 'tanh' }),
                layers.dense({ units: 1 }),
              ],
            }),
          ),
      },
    });
    let state = learner.init(rng(5));
    const buffer = replay(env.groups, { capacity: 5000 });
    const training = offPolicy({ env, learner, buffer, rng: rng(5), steps: 6000, batchSize: 64, updateEvery: 8 });
    for await (const progress of training) state = progress.state;
    const { returns } = await evaluate({
      env,
      policies: learner.policies(state, 'exploit'),
      rng: rng(9),
      episodes: 100,
    });
    expect(returns.agent.mean).toBeGreaterThan(-0.05); // doing nothing gives −4 · E[x²]/4 = −0.33
  });
});
