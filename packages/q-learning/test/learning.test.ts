import { replay } from '@troupe/buffers';
import { chain, markovGame, tabularTeam, tabularWorld, valueIteration } from '@troupe/classic-control';
import { evaluate, offPolicy, rng, type Acting } from '@troupe/core';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { dqn, type DqnOptions, type DqnState } from '../src/index.js';

const runtime = onnx();

/** What the acting step says of one-hot states, [S, A] and more. */
const outputOf = async ({ step, theta }: Acting, states: number): Promise<number[]> => {
  const eye = ndarray(
    Float32Array.from({ length: states ** 2 }, (_, i) => (i % (states + 1) === 0 ? 1 : 0)),
    [states, 1, states],
  );
  const compiled = runtime.compile(step, { name: 'values' });
  const { output } = await compiled.run({ layout: [], flat: new Float32Array(0) }, { theta, observation: eye });
  return [...output.output.data];
};

describe('Q* of the chain, from random play', () => {
  const game = chain();
  const { q } = valueIteration(game, { discount: 0.9 });
  const settings: DqnOptions = {
    runtime,
    discount: 0.9,
    hidden: [32],
    epsilonEnd: 1,
    learningRate: 0.003,
    learningRateEnd: 0.02,
    targetEvery: 50,
  };

  it.each([
    ['DQN', { double: 'no' }],
    ['double DQN, Huber errors', { loss: 'huber' }],
    ['two networks', { double: 'twin' }],
    ['dueling, moving target', { dueling: true, streamHidden: [16], tau: 0.02, targetEvery: 1 }],
    ['distributions', { distributional: true, supportLow: -1, supportHigh: 2, atoms: 31 }],
    ['noisy layers', { noisy: true }],
  ] as const)('%s: within 0.02 everywhere', async (_name, change) => {
    const env = tabularWorld(game, { numEnvs: 32, maxSteps: 20 });
    const learner = dqn(env.groups, { ...settings, ...change });
    const run = { env, learner, buffer: replay(env.groups, { capacity: 20_000 }), rng: rng(0), batchSize: 128 };
    let state: DqnState | undefined;
    for await (const progress of offPolicy({ ...run, steps: 20_000, updateEvery: 8 })) state = progress.state;
    const found = await outputOf(learner.acting!(state!).agent, 5);
    const worst = found.slice(0, 8).reduce((most, x, i) => Math.max(most, Math.abs(x - q[i]!)), 0);
    expect(worst).toBeLessThan(0.02);
  });
});

describe('noisy layers', () => {
  /** A small reward at once, or none for five steps and then 1. */
  const deep = markovGame({
    name: 'deep',
    players: ['agent'],
    states: 6,
    choices: [2],
    terminal: (s) => s === 5,
    start: 0,
    outcomes: (s, [a]) => [{ next: a === 1 ? s + 1 : 0, reward: a === 0 ? 0.01 : s === 4 ? 1 : 0 }],
  });
  const returnOf = async (noisy: boolean, seed: number): Promise<number> => {
    const env = tabularWorld(deep, { numEnvs: 8, maxSteps: 12 });
    const learner = dqn(env.groups, {
      runtime,
      hidden: [32],
      learningRate: 0.003,
      discount: 0.95,
      epsilonStart: 0,
      epsilonEnd: 0,
      targetEvery: 50,
      noisy,
    });
    const run = { env, learner, buffer: replay(env.groups, { capacity: 5000 }), rng: rng(seed), batchSize: 64 };
    let state: DqnState | undefined;
    for await (const progress of offPolicy({ ...run, steps: 8000, updateEvery: 8 })) state = progress.state;
    const policies = learner.policies(state!, 'exploit');
    return (await evaluate({ env, policies, rng: rng(1), episodes: 10 })).returns.agent.mean;
  };

  it.each([0, 1, 2])('find the far reward without ε, which greedy play does not, seed %i', async (seed) => {
    expect(await returnOf(true, seed)).toBeGreaterThan(0.99);
    expect(await returnOf(false, seed)).toBeLessThan(0.2);
  });
});

it('distributions are learnt, not their means alone', async () => {
  // one choice that pays −1 or 1, one that pays 0.5: half of the mass at either end, all of it between
  const coin = markovGame({
    name: 'coin',
    players: ['agent'],
    states: 2,
    choices: [2],
    terminal: (s) => s === 1,
    outcomes: (_s, [a]) =>
      a === 0 ? [-1, 1].map((reward) => ({ next: 1, probability: 0.5, reward })) : [{ next: 1, reward: 0.5 }],
  });
  const env = tabularWorld(coin, { numEnvs: 16 });
  const learner = dqn(env.groups, {
    runtime,
    hidden: [],
    distributional: true,
    atoms: 5,
    supportLow: -1,
    supportHigh: 1,
    learningRate: 0.02,
    learningRateEnd: 0.05,
    epsilonEnd: 1,
  });
  let state: DqnState | undefined;
  const run = { env, learner, buffer: replay(env.groups, { capacity: 8000 }), rng: rng(0), batchSize: 256 };
  for await (const progress of offPolicy({ ...run, steps: 8000, updateEvery: 16 })) state = progress.state;
  // without hidden layers, logits of state 0 are the first row of the kernel plus the bias
  const { theta } = learner.acting!(state!).agent;
  const logits = Array.from({ length: 10 }, (_, i) => theta.get(i) + theta.get(20 + i));
  const probabilities = [0, 1].flatMap((a) => {
    const e = logits.slice(a * 5, a * 5 + 5).map(Math.exp);
    const sum = e.reduce((x, y) => x + y);
    return e.map((x) => x / sum);
  });
  const wanted = [0.5, 0, 0, 0, 0.5, 0, 0, 0, 1, 0];
  for (const [i, p] of wanted.entries()) expect(Math.abs(probabilities[i]! - p), `atom ${i}`).toBeLessThan(0.05);
});

describe('independent learners', () => {
  /** Each is paid for another choice. */
  const game = markovGame({
    name: 'opposites',
    players: ['left', 'right'],
    states: 1,
    choices: [2, 2],
    outcomes: (_s, [a, b]) => [{ next: 0, reward: [a === 0 ? 1 : 0, b === 1 ? 1 : 0] }],
  });
  const returnOf = async (sharing: NonNullable<DqnOptions['sharing']>): Promise<number> => {
    const env = tabularTeam(game, { numEnvs: 8, maxSteps: 10 });
    const learner = dqn(env.groups, { runtime, hidden: [16], learningRate: 0.01, discount: 0.5, sharing });
    let state: DqnState | undefined;
    const run = { env, learner, buffer: replay(env.groups, { capacity: 2000 }), rng: rng(0), batchSize: 64 };
    for await (const progress of offPolicy({ ...run, steps: 2400, updateEvery: 8 })) state = progress.state;
    const policies = learner.policies(state!, 'exploit');
    return (await evaluate({ env, policies, rng: rng(1), episodes: 8 })).returns.agents.mean;
  };

  it('solve their own task with weights of their own, and with shared weights and ids', async () => {
    expect(await returnOf('separate')).toBe(10);
    expect(await returnOf('sharedWithIds')).toBe(10);
  });

  it('cannot where they share weights and see the same', async () => {
    expect(await returnOf('shared')).toBe(5);
  });
});
