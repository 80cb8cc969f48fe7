import * as tf from '@tensorflow/tfjs-core';
import { box, discrete, multiDiscrete, rng, type Batch, type Network } from '@troupe/core';
import { initialWeight } from '@troupe/networks';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { dqn, type DqnOptions, type DqnState } from '../src/index.js';
import { batchOf, type RowOf } from './rows.js';

const CLOCK = { steps: 0, total: 1 };
const solo = (width: number, choices: number) => ({
  agent: { agents: ['agent'] as const, observation: box([width]), action: discrete(choices) },
});
const pair = { agents: { agents: ['a', 'b'] as const, observation: box([2]), action: discrete(2) } };
const values = (state: DqnState, group: string, part: 'theta' | 'target'): Float32Array => {
  const { data, offset, size } = leavesOf(state.carry)[group]![part] as ndarray.NdArray<Float32Array>;
  return data.subarray(offset, offset + size);
};
/** A table as a network: one-hot state [S] → [A], so that θ is Q row by row. */
const table = ({ inputs, outputs }: { inputs: number; outputs: number }): Network<tf.Tensor, tf.Tensor> => ({
  init: (stream) => ({ q: initialWeight([inputs, outputs], 'zeros', stream) }),
  apply: ({ q }, x) => tf.matMul(x, q as tf.Tensor2D),
});
/** Steps of 1 on (y − q)²: Q(s, a) moves by 2 (y − Q) · learningRate · coefficient. */
const sgd: DqnOptions = {
  network: table,
  optimiser: 'sgd',
  learningRate: 0.25,
  loss: 'squared',
  maxGradNorm: null,
  discount: 0.5,
};

describe.each(runtimes)('dqn, %s', (_name, runtime) => {
  const learnt = async (
    options: DqnOptions,
    rows: readonly RowOf[],
    { theta, target, weight }: { theta: readonly number[]; target: readonly number[]; weight?: readonly number[] },
  ) => {
    const groups = solo(2, 2);
    const learner = dqn(groups, { ...sgd, runtime, ...options });
    const state = learner.init(rng(0));
    values(state, 'agent', 'theta').set(theta);
    values(state, 'agent', 'target').set(target);
    const [next, metrics, error] = await learner.update(state, batchOf(groups, rows, weight), rng(0), CLOCK);
    return { theta: [...values(next, 'agent', 'theta')], target: [...values(next, 'agent', 'target')], metrics, error };
  };
  const before = { theta: [0, 0, 5, 1], target: [0, 0, 2, 4] };
  const row: RowOf = { seen: 0, action: 1, reward: 1, next: 1 };

  it('takes the best value of the target network: 1 + ½ · 4', async () => {
    // error 3, step 2 · 3 · ¼
    const { theta, metrics, error } = await learnt({ double: 'no' }, [row], before);
    expect(theta).toEqual([0, 1.5, 5, 1]);
    expect(metrics).toMatchObject({ loss: 9, gradNorm: 6, value: 0, error: 3 });
    expect([...error!.data]).toEqual([3]);
  });

  it('lets the online network choose and the target network value: 1 + ½ · 2', async () => {
    expect((await learnt({ double: 'online' }, [row], before)).theta).toEqual([0, 1, 5, 1]);
  });

  it('counts the future by the discount of the row: 0 where it ended, γ for a row of two steps', async () => {
    expect((await learnt({ double: 'no' }, [{ ...row, discount: 0 }], before)).theta[1]).toBe(0.5);
    // 1 + ½ · ½ · 4 = 2
    expect((await learnt({ double: 'no' }, [{ ...row, discount: 0.5 }], before)).theta[1]).toBe(1);
  });

  it('chooses permitted choices only in targets, also where none is permitted', async () => {
    const only = { ...row, nextLegal: [1, 0] };
    expect((await learnt({ double: 'no' }, [only], before)).theta[1]).toBe(1);
    const forbidden = { ...row, nextLegal: [0, 1] };
    expect((await learnt({ double: 'online' }, [forbidden], before)).theta[1]).toBe(1.5);
    const over = { ...row, nextLegal: [0, 0], discount: 0 };
    expect((await learnt({ double: 'no' }, [over], before)).theta[1]).toBe(0.5);
  });

  it('weighs rows by importance and leaves out inactive ones', async () => {
    // errors 3 and 1 of two rows: each step is halved by the mean; weights 1 and ½
    const rows = [row, { ...row, action: 0, discount: 0 }];
    const weighted = await learnt({ double: 'no' }, rows, { ...before, weight: [1, 0.5] });
    expect(weighted.theta).toEqual([0.125, 0.75, 5, 1]);
    expect([...weighted.error!.data]).toEqual([3, 1]);
    const inactive = await learnt({ double: 'no' }, [row, { ...rows[1]!, active: 0, reward: 99 }], before);
    expect(inactive.theta).toEqual([0, 1.5, 5, 1]);
    expect([...inactive.error!.data]).toEqual([3, 0]);
    expect(inactive.metrics).toMatchObject({ error: 3 });
  });

  it('bends large errors: Huber', async () => {
    // error 3 beyond δ = 1: gradient 1, step ¼
    expect((await learnt({ double: 'no', loss: 'huber' }, [row], before)).theta[1]).toBe(0.25);
  });

  it('moves the target by updates or by environment steps, wholly or in part', async () => {
    const groups = solo(2, 2);
    const targets = async (options: DqnOptions, steps: readonly number[]) => {
      const learner = dqn(groups, { ...sgd, runtime, double: 'no', discount: 0, ...options });
      let state = learner.init(rng(0));
      const seen: number[] = [];
      for (const at of steps) {
        [state] = await learner.update(state, batchOf(groups, [row]), rng(0), { steps: at, total: 100 });
        seen.push(values(state, 'agent', 'target')[1]!);
      }
      return seen;
    };
    // θ goes ½, ¾, ⅞, …
    expect(await targets({ targetEvery: 2 }, [1, 2, 3, 4])).toEqual([0, 0.75, 0.75, 0.9375]);
    expect(await targets({ targetEvery: 1 }, [1, 2])).toEqual([0.5, 0.75]);
    expect(await targets({ targetEvery: 1, tau: 0.5 }, [1, 2])).toEqual([0.25, 0.5]);
    expect(await targets({ targetEvery: 2, tau: 0.5 }, [1, 2])).toEqual([0, 0.375]);
    expect(await targets({ targetEvery: 10, targetClock: 'steps' }, [8, 9, 12, 19, 40])).toEqual([0, 0, 0.875, 0.875, 0.96875]); // prettier-ignore
  });

  it('lets one of two networks learn at a time from what the other thinks', async () => {
    const groups = solo(2, 2);
    const learn = async (coin: number) => {
      const draw = () => ({ coin: ndarray(Float32Array.of(coin), [1]) });
      const learner = dqn(groups, { ...sgd, runtime, double: 'twin', targetEvery: 1, draw });
      const state = learner.init(rng(0));
      // the first prefers choice 0 in state 1, the second choice 1
      const both = [0, 0, 5, 1, 0, 0, 2, 4];
      values(state, 'agent', 'theta').set(both);
      values(state, 'agent', 'target').set(both);
      const [next] = await learner.update(state, batchOf(groups, [row]), rng(0), CLOCK);
      return [...values(next, 'agent', 'theta')];
    };
    // the first learns: it chooses 0, which the second values 2: error 2; the second learns: 1 + ½ · 1
    expect(await learn(0.9)).toEqual([0, 1, 5, 1, 0, 0, 2, 4]);
    expect(await learn(0.1)).toEqual([0, 0, 5, 1, 0, 0.75, 2, 4]);
  });

  it('gives agents weights of their own, or the same with the mean over all of their rows', async () => {
    const rows: readonly RowOf[][] = [
      [
        { seen: 0, action: 0, reward: 1, next: 0, discount: 0 },
        { seen: 0, action: 0, reward: 3, next: 0, discount: 0 },
      ],
    ];
    const learn = async (sharing: 'separate' | 'shared' | 'sharedWithIds') => {
      const learner = dqn(pair, { ...sgd, runtime, sharing });
      const [state, , error] = await learner.update(learner.init(rng(0)), batchOf(pair, rows), rng(0), CLOCK);
      expect([...error!.data]).toEqual([2]);
      return [...values(state, 'agents', 'theta')];
    };
    expect(await learn('separate')).toEqual([0.5, 0, 0, 0, 1.5, 0, 0, 0]);
    expect(await learn('shared')).toEqual([1, 0, 0, 0]);
    // two inputs of the state, then one for each agent
    expect(await learn('sharedWithIds')).toEqual([1, 0, 0, 0, 0.25, 0, 0.75, 0]);
  });

  it('divides observations by the scale', async () => {
    const learner = dqn(solo(2, 2), { ...sgd, runtime, inputScale: [0.5, 4] });
    const state = learner.init(rng(0));
    values(state, 'agent', 'theta').set([1, 0, 0, 5]);
    const policy = learner.policies(state, 'exploit').agent;
    // (1, 1) is seen as (2, ¼): values 2 and 1¼; unscaled they would be 1 and 5
    const observation = ndarray(Float32Array.of(1, 1), [1, 1, 2]);
    const { action } = await policy.act({ observation, active: ndarray(Uint8Array.of(1), [1, 1]) }, rng(0), CLOCK);
    expect([...action.data]).toEqual([0]);
    expect(() => dqn(solo(2, 2), { runtime, inputScale: [1] })).toThrow('dqn: expected inputScale to have 2 numbers');
  });

  it('acts by the best permitted value, of twins by their mean', async () => {
    const groups = solo(2, 2);
    const learner = dqn(groups, { ...sgd, runtime, double: 'twin' });
    const state = learner.init(rng(0));
    // means: state 0: (3, 2), state 1: (1, 3)
    values(state, 'agent', 'theta').set([6, 0, 0, 2, 0, 4, 2, 4]);
    const policy = learner.policies(state, 'exploit').agent;
    const observation = ndarray(Float32Array.of(1, 0, 0, 1, 1, 0), [3, 1, 2]);
    const active = ndarray(new Uint8Array(3).fill(1), [3, 1]);
    const legal = ndarray(Uint8Array.of(1, 1, 1, 1, 0, 1), [3, 1, 2]);
    const { action } = await policy.act({ observation, active, legal }, rng(0), CLOCK);
    expect([...action.data]).toEqual([0, 1, 1]);
  });
});

describe('dqn', () => {
  const runtime = runtimes[1]![1];
  const observation = ndarray(new Float32Array(400), [200, 1, 2]);
  const seen = {
    observation,
    active: ndarray(new Uint8Array(200).fill(1), [200, 1]),
    legal: ndarray(Uint8Array.from({ length: 600 }, (_, i) => (i % 3 === 1 ? 0 : 1)), [200, 1, 3]), // prettier-ignore
  };
  const others = async (options: DqnOptions, mode: 'explore' | 'exploit', steps: number): Promise<number[]> => {
    const learner = dqn(solo(2, 3), { ...sgd, runtime, ...options });
    const state = learner.init(rng(0));
    const { action } = await learner.policies(state, mode).agent.act(seen, rng(2), { steps, total: 1000 });
    return [0, 1, 2].map((a) => action.data.filter((x) => x === a).length);
  };

  it('explores among permitted choices, less and less', async () => {
    const [, forbidden, half] = await others({ epsilonFraction: 0.5 }, 'explore', 0);
    expect(forbidden).toBe(0);
    expect(half).toBeGreaterThan(80);
    const [, , late] = await others({ epsilonFraction: 0.5, epsilonEnd: 0.1 }, 'explore', 600);
    expect(late).toBeGreaterThan(0);
    expect(late).toBeLessThan(25);
    expect(await others({}, 'exploit', 0)).toEqual([200, 0, 0]);
    expect((await others({ epsilonExploit: 1 }, 'exploit', 999))[2]).toBeGreaterThan(80);
  });

  it('draws noise for every agent in every environment while exploring, none when exploiting', async () => {
    const learner = dqn(solo(2, 2), {
      runtime,
      noisy: true,
      hidden: [8],
      epsilonStart: 0,
      epsilonEnd: 0,
      noiseStart: 2,
    });
    const state = learner.init(rng(0));
    const given = { observation: ndarray(new Float32Array(400).fill(0.5), [200, 1, 2]), active: seen.active };
    const act = async (mode: 'explore' | 'exploit', stream: ReturnType<typeof rng>) => {
      const { action } = await learner.policies(state, mode).agent.act(given, stream, CLOCK);
      return new Set(action.data).size;
    };
    expect(await act('explore', rng(0))).toBe(2);
    expect(await act('exploit', rng(0))).toBe(1);
  });

  it('wants three rows of noise per update, independent of each other', async () => {
    const asked: unknown[] = [];
    const groups = solo(2, 2);
    const learner = dqn(groups, {
      runtime,
      noisy: true,
      hidden: [3],
      draw(_stream, shapes) {
        asked.push(structuredClone(shapes));
        const { shape } = shapes['agent']!;
        return { agent: ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)).fill(1), [...shape]) };
      },
    });
    const batch: Batch<typeof groups> = batchOf(groups, [{ seen: 0, action: 1, reward: 1, next: 1 }]);
    await learner.update(learner.init(rng(0)), batch, rng(0), CLOCK);
    // inputs and outputs of both layers: 2 + 3 + 3 + 2
    expect(asked).toEqual([{ agent: { kind: 'normal', shape: [1, 3, 10] } }]);
  });

  it.each([
    [{ action: multiDiscrete(2, 2) }, {}, "dqn: expected group 'agent' to make one choice of n (discrete), got multiDiscrete"], // prettier-ignore
    [
      {},
      { distributional: true, supportLow: 2, supportHigh: 2 },
      'dqn: expected supportLow < supportHigh, got 2 and 2',
    ],
    [{}, { network: table, dueling: true }, 'dqn: expected dueling and noisy to be left to a network of your own'],
    [{}, { streamHidden: [4] }, 'dqn: expected streamHidden with dueling only, got [4]'],
    [{}, { targetEvery: 0 }, 'dqn: targetEvery: expected an integer > 0, got 0'],
  ] as const)('refuses %j with %j', (space, options, message) => {
    const groups = { agent: { ...solo(2, 2).agent, ...space } };
    expect(() => dqn(groups as never, { runtime, ...options })).toThrow(message);
  });
});
