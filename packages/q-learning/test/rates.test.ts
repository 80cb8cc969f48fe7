import { replay } from '@troupe/buffers';
import { chain, tabularWorld, valueIteration } from '@troupe/classic-control';
import { offPolicy, rng } from '@troupe/core';
import { onnx } from '@troupe/runtime-node';
import { describe, expect, it } from 'vitest';
import { dqn, namedRates, rainbow, schemeOf, tabularQ, type LinearState } from '../src/index.js';

const game = chain();

describe('one scheme', () => {
  it('is a run, a buffer and a learner', () => {
    expect(schemeOf({ collect: 4, refresh: 100, rows: 32, remember: 5000 })).toEqual({
      run: { batchSize: 32, warmup: 32, updateEvery: 4 },
      buffer: { capacity: 5000 },
      learner: { targetEvery: 100, targetClock: 'updates', tau: 1 },
    });
    expect(() => schemeOf({ collect: 0, refresh: 1, rows: 1, remember: 1 })).toThrow(
      'schemeOf: expected collect > 0, got 0',
    );
  });

  it.each([
    ['onlineQIteration', 60_000],
    ['replayQLearning', 15_000],
    ['dqn', 160_000],
    ['fittedQIteration', 3200],
  ] as const)('%s finds Q* of the chain', async (name, steps) => {
    const { run, buffer, learner: settings } = schemeOf(namedRates[name]);
    const env = tabularWorld(game, { numEnvs: 1, maxSteps: 20 });
    const learner = tabularQ(env.groups, {
      ...settings,
      discount: 0.9,
      learningRate: 1,
      visitPower: 0.7,
      epsilonEnd: 1,
    });
    let state: LinearState | undefined;
    const memory = replay(env.groups, buffer);
    for await (const progress of offPolicy({ env, learner, buffer: memory, rng: rng(0), steps, ...run })) {
      state = progress.state;
    }
    const { q } = valueIteration(game, { discount: 0.9 });
    const found = state!.groups['agent']!.weights.data;
    for (let s = 0; s < 4; s++) {
      for (const a of [0, 1]) expect(Math.abs(found[a * 5 + s]! - q[s * 2 + a]!), `${s}, ${a}`).toBeLessThan(0.06);
    }
  });
});

it('rainbow is settings', async () => {
  const env = tabularWorld(game, { numEnvs: 4 });
  const learner = dqn(env.groups, { ...rainbow, runtime: onnx(), hidden: [16], supportLow: -1, supportHigh: 2 });
  const run = { env, learner, buffer: replay(env.groups, { capacity: 100 }), rng: rng(0), batchSize: 16 };
  let loss = NaN;
  for await (const { metrics } of offPolicy({ ...run, steps: 200 })) loss = metrics['loss'] ?? loss;
  expect(loss).toBeGreaterThan(0);
  expect(loss).toBeLessThan(Math.log(51) * 1.5);
});
