import { copyBatch, prioritised, replay, sequenceReplay, uniform } from '@troupe/buffers';
import {
  box,
  defineSingleAgentEnv,
  discrete,
  evaluate,
  offPolicy,
  rng,
  vectorize,
  type Batch,
  type Buffer,
  type Groups,
  type Rollout,
} from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import type ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { dqn, recurrentDqn, type DqnState, type RecurrentDqnOptions } from '../src/index.js';
import { batchOf, type RowOf } from './rows.js';

const CLOCK = { steps: 0, total: 1 };
const LENGTH = 3;

/** A cue, nothing, then the question: 1 for the choice that the cue named two steps before. */
const recall = (numEnvs: number) =>
  vectorize(
    () => {
      let [cue, time] = [0, 0];
      const look = () => [time === 0 ? 2 * cue - 1 : 0, time === LENGTH - 1 ? 1 : 0];
      return defineSingleAgentEnv({
        observation: box([2]),
        action: discrete(2),
        reset(stream) {
          [cue, time] = [stream.int(2), 0];
          return look();
        },
        step(action) {
          time += 1;
          const asked = time === LENGTH;
          return { observation: look(), reward: asked && action === cue ? 1 : 0, terminated: asked, truncated: false };
        },
      });
    },
    { numEnvs },
  );

/** Rows of moments one after another: row t · E + e. */
const joined = (moments: readonly Batch<Groups>[]): Batch<Groups> => {
  const together = (parts: readonly unknown[]): unknown => {
    const [one] = parts;
    if (one instanceof Uint8Array) return Uint8Array.from(parts.flatMap((part) => [...(part as Uint8Array)]));
    if (one instanceof Int32Array) return Int32Array.from(parts.flatMap((part) => [...(part as Int32Array)]));
    if (typeof one === 'object' && one !== null && 'stride' in one) {
      const views = parts as ndarray.NdArray<Float32Array>[];
      const data = new (views[0]!.data.constructor as Float32ArrayConstructor)(views.length * views[0]!.size);
      views.forEach((view, k) => data.set(view.data.subarray(view.offset, view.offset + view.size), k * view.size));
      return Object.assign(Object.create(Object.getPrototypeOf(views[0]!) as object), views[0], {
        data,
        shape: [views.length * views[0]!.shape[0]!, ...views[0]!.shape.slice(1)],
        offset: 0,
      }) as unknown;
    }
    return Object.fromEntries(Object.keys(one as object).map((key) => [key, together(parts.map((part) => (part as Record<string, unknown>)[key]))])); // prettier-ignore
  };
  return together(moments) as Batch<Groups>;
};

/** Whole episodes of one length, all environments in step: what a buffer of sequences is in its simplest form. */
const episodes = <G extends Groups>(): Buffer<Batch<G>, Rollout<G>> => {
  const kept: Rollout<G>[] = [];
  let going: Batch<G>[] = [];
  return {
    get size() {
      return kept.length;
    },
    capacity: 100,
    add(rows) {
      going.push(copyBatch(rows));
      if (going.length < LENGTH) return;
      kept.push({ steps: LENGTH, numEnvs: rows.last.length, batch: joined(going) as unknown as Batch<G> });
      if (kept.length > 100) kept.shift();
      going = [];
    },
    sample: (_count, stream) => kept[stream.int(kept.length)]!,
  };
};

const runtime = onnx();
const settings = { runtime, learningRate: 0.005, discount: 0.9, targetEvery: 20, epsilonEnd: 0.1 } as const;
const run = { rng: rng(0), steps: 16 * 900, batchSize: 16, warmup: 16 * 30, updateEvery: 32 };

describe('recall over two steps', () => {
  it.each([
    ['gru', {}],
    ['lstm', { cell: 'lstm' }],
    ['gru, memory stored with the rows', { start: 'stored' }],
  ] as const)('is solved with memory: %s', async (_name, change) => {
    const env = recall(16);
    const learner = recurrentDqn(env.groups, { ...settings, hidden: [16], width: 16, ...change });
    let state: DqnState | undefined;
    for await (const progress of offPolicy({ ...run, env, learner, buffer: episodes<typeof env.groups>() })) {
      state = progress.state;
    }
    const policies = learner.policies(state!, 'exploit');
    expect((await evaluate({ env, policies, rng: rng(1), episodes: 64 })).returns.agent.mean).toBe(1);
  });

  it.each([
    ['uniformly', uniform()],
    ['by priority', prioritised()],
  ])(
    'is solved from sequences drawn %s, of which shorter ones and the rows before are no part',
    async (_name, sampler) => {
      const env = recall(16);
      const learner = recurrentDqn(env.groups, { ...settings, hidden: [16], width: 16 });
      // Sequences of four rows, which no episode has; the second of an episode begins with a row that only warms up.
      const buffer = sequenceReplay(env, { capacity: 4800, length: 4, every: 2, burnIn: 2, sampler });
      let state: DqnState | undefined;
      for await (const progress of offPolicy({ ...run, env, learner, buffer, batchSize: 32 })) state = progress.state;
      const policies = learner.policies(state!, 'exploit');
      expect((await evaluate({ env, policies, rng: rng(1), episodes: 64 })).returns.agent.mean).toBe(1);
    },
  );

  it('is not without', async () => {
    const env = recall(16);
    const learner = dqn(env.groups, { ...settings, hidden: [16] });
    let state: DqnState | undefined;
    const buffer = replay(env.groups, { capacity: 4800 });
    for await (const progress of offPolicy({ ...run, env, learner, buffer, batchSize: 48 })) state = progress.state;
    const policies = learner.policies(state!, 'exploit');
    expect((await evaluate({ env, policies, rng: rng(1), episodes: 64 })).returns.agent.mean).toBeLessThan(0.7);
  });
});

describe.each(runtimes)('sequences, %s', (_name, own) => {
  const groups = { agent: { agents: ['agent'] as const, observation: box([2]), action: discrete(2) } };
  const thetaOf = (state: DqnState): number[] => {
    const { data, offset, size } = leavesOf(state.carry)['agent']!.theta as ndarray.NdArray<Float32Array>;
    return [...data.subarray(offset, offset + size)];
  };
  const thetaAfter = async (
    options: RecurrentDqnOptions,
    rows: readonly RowOf[],
    steps: number,
    weight?: readonly number[],
  ) => {
    const learner = recurrentDqn(groups, { runtime: own, hidden: [4], width: 3, ...options });
    const batch = batchOf(groups, rows, weight);
    const rollout = { steps, numEnvs: rows.length / steps, batch };
    const before = learner.init(rng(0));
    const start = thetaOf(before);
    const [state, metrics, error] = await learner.update(before, rollout, rng(0), CLOCK);
    const theta = thetaOf(state);
    return { theta, moved: theta.map((x, i) => x - start[i]!), metrics, error: [...error!.data] };
  };
  const row = (seen: number, action: number, reward: number, next: number, rest: Partial<RowOf> = {}): RowOf => ({ seen, action, reward, next, ...rest }); // prettier-ignore

  it('count up to their first end', async () => {
    const end = [row(0, 0, 1, 1), row(1, 1, 2, 0, { last: 1, discount: 0 })];
    const one = await thetaAfter({}, [...end, row(0, 0, 5, 1)], 3);
    const other = await thetaAfter({}, [...end, row(1, 1, -7, 0)], 3);
    expect(one.theta).toEqual(other.theta);
    expect(one.metrics['loss']).toBeCloseTo((await thetaAfter({}, end, 2)).metrics['loss']!, 5);
  });

  it('learn nothing from the burn-in but what to remember', async () => {
    const rest = [row(1, 1, 2, 0), row(0, 0, 1, 1)];
    const paid = await thetaAfter({ burnIn: 1 }, [row(0, 0, 1, 1), ...rest], 3);
    const unpaid = await thetaAfter({ burnIn: 1 }, [row(0, 1, 9, 1), ...rest], 3);
    expect(paid.theta).toEqual(unpaid.theta);
    const seen = await thetaAfter({ burnIn: 1 }, [row(1, 0, 1, 1), ...rest], 3);
    expect(seen.metrics['loss']).not.toBe(paid.metrics['loss']);
    await expect(async () => thetaAfter({ burnIn: 3 }, [row(0, 0, 1, 1), ...rest], 3)).rejects.toThrow(
      'recurrentDqn: expected sequences longer than burnIn, 3 steps, got 3 steps',
    );
  });

  it('weigh as the buffer says, row by row, and those of weight 0 are no part of the mean', async () => {
    // Two sequences of two steps: rows 0, 2 and rows 1, 3.
    const rows = [row(0, 0, 1, 1), row(1, 1, 2, 0), row(1, 1, 4, 0), row(0, 0, -3, 1)];
    const step = { optimiser: 'sgd', loss: 'squared', maxGradNorm: null, learningRate: 0.01 } as const;
    const first = await thetaAfter(step, rows, 2, [1, 0, 1, 0]);
    const second = await thetaAfter(step, rows, 2, [0, 1, 0, 1]);
    const both = await thetaAfter(step, rows, 2, [1, 0.25, 1, 0.25]);
    // Each alone is a mean over two rows, both together over four.
    both.moved.forEach((x, i) => expect(x).toBeCloseTo(0.5 * first.moved[i]! + 0.125 * second.moved[i]!, 5));
    expect(Math.max(...both.moved.map(Math.abs))).toBeGreaterThan(1e-3);
    expect(first.moved).not.toEqual(second.moved);
  });

  it('tell how wrong the values were of every row, not weighed: 0 where nothing is learnt', async () => {
    const rows = [row(0, 0, 1, 1), row(1, 1, 2, 0), row(1, 1, 4, 0), row(0, 0, -3, 1)];
    const step = { loss: 'squared', maxGradNorm: null } as const;
    const { error, metrics } = await thetaAfter(step, rows, 2);
    expect(metrics['loss']).toBeCloseTo(error.reduce((sum, e) => sum + e * e, 0) / 4, 4);
    const weighed = await thetaAfter(step, rows, 2, [0.5, 0, 0.5, 1]);
    expect(weighed.error).toEqual([error[0], 0, error[2], error[3]]);
    const [a, , c, d] = error as [number, number, number, number];
    expect(weighed.metrics['loss']).toBeCloseTo((0.5 * a * a + 0.5 * c * c + d * d) / 3, 4);
    expect(weighed.metrics['error']).toBeCloseTo((a + c + d) / 3, 5);
    const burnt = await thetaAfter({ ...step, burnIn: 1 }, rows, 2);
    expect(burnt.error).toEqual([0, 0, error[2], error[3]]);
  });
});
