/**
 * Memory stays as it is however long a run is. After a warm-up, in which everything is compiled and every array is made,
 * it is measured again and again, each time after a collection.
 */
import * as tf from '@tensorflow/tfjs-core';
import { replay } from '@troupe/buffers';
import { evaluate, offPolicy, rng, type Clock, type MaybePromise } from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { simpleSpread } from '@troupe/particle-world';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { runtimes } from './support/runtimes.js';

setFlagsFromString('--expose_gc');
const collect = runInNewContext('gc') as () => void;

interface Memory {
  /** Bytes that JavaScript holds: objects, and arrays with what lies outside of its heap. */
  readonly held: number;
  /** Bytes that the process holds: what native code keeps as well. */
  readonly resident: number;
  readonly tensors: number;
}
const measure = async (): Promise<Memory> => {
  for (let i = 0; i < 3; i++) {
    collect();
    await new Promise((resolve) => setImmediate(resolve)); // finalisers run between tasks
  }
  const { heapUsed, external, rss } = process.memoryUsage();
  return { held: heapUsed + external, resident: rss, tensors: tf.memory().numTensors };
};

const SAMPLES = 8;

/** By how much memory grew over so many turns, after a warm-up. */
const growth = async (turns: number, turn: () => MaybePromise<unknown>, warmup = turns / 10): Promise<Memory> => {
  const play = async (count: number): Promise<void> => {
    for (let i = 0; i < count; i++) {
      const result = turn();
      if (result instanceof Promise) await result;
    }
  };
  await play(warmup);
  const samples = [await measure()];
  while (samples.length <= SAMPLES) {
    await play(turns / SAMPLES);
    samples.push(await measure());
  }
  const [first] = samples as [Memory, ...Memory[]];
  // The least of the last three: what happens to await collection at one moment is not growth; a leak is in all of them.
  const least = (what: 'held' | 'resident'): number => Math.min(...samples.slice(-3).map((sample) => sample[what]));
  return {
    held: least('held') - first.held,
    resident: least('resident') - first.resident,
    // Whenever it is looked at, not only in the end.
    tensors: Math.max(...samples.map(({ tensors }) => Math.abs(tensors - first.tensors))),
  };
};

/**
 * Compiled code and caches of the engines move by some 100 kB held and 1 MB resident, however many turns there are. The
 * smallest array that can be kept takes some 200 bytes (its buffer, its view and what refers to them), the smallest
 * object 16; three quarters of all turns lie before the samples that count. So over 100,000 turns an array kept per turn
 * is 15 MB, an object 1.2 MB, and a value that the native engine keeps (over 100 bytes) 7.5 MB resident and more held by
 * what refers to it. Over 4000 turns, as many as eager() plays in the time, an array of 100 numbers is 1.8 MB; a tensor
 * of tfjs that is not disposed of is counted.
 */
const HELD = 0.5e6;
const RESIDENT = 8e6;
const expectFlat = ({ held, resident, tensors }: Memory): void => {
  expect(tensors).toBe(0);
  expect(held).toBeLessThan(HELD);
  expect(resident).toBeLessThan(RESIDENT);
};

const now: Clock = { steps: 0, total: 1 };
const world = () => simpleSpread({ agents: 2, numEnvs: 4 });

it('a small array kept per turn is seen, in both measures, and so is a tensor', async () => {
  const kept: unknown[] = [];
  const arrays = await growth(100_000, () => void kept.push(new Float32Array(100)));
  expect(arrays.held).toBeGreaterThan(20 * HELD);
  expect(arrays.resident).toBeGreaterThan(3 * RESIDENT);
  const few = await growth(4000, () => void kept.push(new Float32Array(100)));
  expect(few.held).toBeGreaterThan(2 * HELD);
  const tensors = await growth(80, () => void kept.push(tf.scalar(1)));
  expect(tensors.tensors).toBe(80);
  tf.dispose(kept.filter((one) => one instanceof tf.Tensor) as tf.Tensor[]);
  expectFlat(await growth(100_000, () => new Float32Array(100).fill(1)));
});

describe.each(runtimes)('maddpg, %s: memory is flat over', (name, runtime) => {
  const native = name === 'onnx';
  const make = () => {
    const env = world();
    return { env, learner: maddpg(env.groups, { runtime, hidden: [16] }) };
  };

  it(`${native ? '100,000' : '4000'} updates`, async () => {
    const { env, learner } = make();
    const buffer = replay(env.groups, { capacity: 400 });
    for await (const _ of offPolicy({ env, learner, buffer, rng: rng(0), steps: 600, warmup: 600, batchSize: 32 }));
    expect(buffer.size).toBe(buffer.capacity);
    let [state, updates] = [learner.init(rng(0)), 0];
    const stream = rng(1);
    const turn = async (): Promise<void> => {
      [state] = await learner.update(state, buffer.sample(32, stream), stream, now);
      updates += 1;
    };
    expectFlat(await growth(native ? 100_000 : 4000, turn));
    expect(state.updates).toBe(updates);
    expect(state.carry.flat.every(Number.isFinite)).toBe(true);
  });

  it(`${native ? '100,000' : '4000'} acts, exploring and exploiting`, async () => {
    const { env, learner } = make();
    const state = learner.init(rng(0));
    const policies = (['explore', 'exploit'] as const).map((mode) => learner.policies(state, mode).agents);
    const { agents } = env.reset(rng(0));
    const stream = rng(1);
    let acts = 0;
    expectFlat(await growth(native ? 100_000 : 4000, () => policies[acts++ % 2]!.act(agents, stream, now)));
  });

  it('a whole run whose buffer is full', async () => {
    const { env, learner } = make();
    const buffer = replay(env.groups, { capacity: 1000 });
    const run = { env, learner, buffer, rng: rng(0), steps: 1e9, batchSize: 32, updateEvery: 16 };
    const training = offPolicy(run);
    let [steps, updates, episodes] = [0, 0, 0];
    const turn = async (): Promise<void> => {
      const { value } = await training.next();
      if (!('episodes' in value)) throw new Error('the run has ended');
      ({ steps, updates } = value);
      episodes += value.episodes.length;
    };
    while (buffer.size < buffer.capacity) await turn();
    expectFlat(await growth(native ? 50_000 : 2000, turn));
    expect(steps).toBeGreaterThan(native ? 500_000 : 20_000);
    expect(updates).toBeGreaterThan(steps / 17);
    expect(episodes).toBeGreaterThan(steps / 26);
    await training.return(learner.init(rng(0)));
  });

  it('evaluations with policies made anew', async () => {
    const { env, learner } = make();
    const state = learner.init(rng(0));
    const turn = () => evaluate({ env, policies: learner.policies(state, 'exploit'), rng: rng(1), episodes: 4 });
    expectFlat(await growth(native ? 800 : 160, turn));
  });
});
