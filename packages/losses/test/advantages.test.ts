import { rng } from '@troupe/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { discountedReturns, gae, normalised, type Worth } from '../src/index.js';

/** A random rollout: episodes that end by the task, by the clock, and agents that die before the others. */
const rollout = (seed: number, [steps, envs, agents]: readonly [number, number, number]): Worth => {
  const stream = rng(seed);
  const size = steps * envs * agents;
  const normals = (): Float64Array => stream.fillNormal(new Float64Array(size));
  const last = Uint8Array.from({ length: steps * envs }, () => (stream.uniform() < 0.2 ? 1 : 0));
  const discount = Float64Array.from({ length: size }, (_, i) =>
    last[Math.floor(i / agents)] === 1 ? stream.int(2) : stream.uniform() < 0.1 ? 0 : 1,
  );
  const [reward, value, nextValue] = [normals(), normals(), normals()];
  return { reward, value, nextValue, discount, last, columns: envs * agents, agents, gamma: 0.97 };
};

/** The definition, summed up anew for every row: Σ (γλ)ᵏ δ_{t+k} up to the end of the episode. */
const directSum = (x: Worth & { readonly lambda: number }): number[] => {
  const { reward, discount, last, value, nextValue, columns, agents, gamma, lambda, truncation = 'bootstrap' } = x;
  const steps = reward.length / columns;
  return Array.from({ length: reward.length }, (_, start) => {
    let [sum, weight] = [0, 1];
    for (let t = Math.floor(start / columns); t < steps; t++) {
      const i = t * columns + (start % columns);
      const over = last[Math.floor(i / agents)] === 1;
      const cut = over && discount[i] === 1;
      if (cut && truncation === 'discard') break;
      const future = cut && truncation === 'terminate' ? 0 : discount[i]!;
      sum += weight * (reward[i]! + gamma * future * nextValue[i]! - value[i]!);
      if (over || future === 0) break;
      weight *= gamma * lambda;
    }
    return sum;
  });
};

describe('generalised advantage estimation', () => {
  it('is the direct sum of discounted errors', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1e6 }),
        fc.constantFrom<Worth['truncation']>('bootstrap', 'terminate', 'discard'),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (seed, truncation, lambda) => {
          const x = { ...rollout(seed, [12, 3, 2]), lambda, ...(truncation && { truncation }) };
          const { advantage, returns } = gae(x);
          directSum(x).forEach((sum, i) => {
            expect(Math.abs(advantage[i]! - sum)).toBeLessThanOrEqual(1e-12 * Math.max(1, Math.abs(sum)));
            expect(returns[i]).toBe(advantage[i]! + x.value[i]!);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it('sums rewards where nothing is discounted or valued, and gives one-step errors with lambda 0', () => {
    const zeros = new Float64Array(3);
    const plain = { reward: [1, 2, 4], discount: [1, 1, 0], last: [0, 0, 1], columns: 1, agents: 1 };
    const none = gae({ ...plain, value: zeros, nextValue: zeros, gamma: 1, lambda: 1 });
    expect([...none.advantage]).toEqual([7, 6, 4]);
    // 1 + 0.5·3 − 2, 2 + 0.5·8 − 3, 4 − 8
    const short = gae({ ...plain, value: [2, 3, 8], nextValue: [3, 8, 99], gamma: 0.5, lambda: 0 });
    expect([...short.advantage]).toEqual([0.5, 3, -4]);
  });

  it('bootstraps a truncated episode from the final observation, or does as the reference codes', () => {
    // one environment: step 0 is cut by the clock, step 1 begins anew and the rollout ends; γ = λ = 0.5
    const x = {
      reward: [1, 1],
      discount: [1, 1],
      last: [1, 0],
      value: [10, 20],
      nextValue: [30, 40],
      columns: 1,
      agents: 1,
      gamma: 0.5,
      lambda: 0.5,
    };
    expect([...gae(x).advantage]).toEqual([1 + 15 - 10, 1 + 20 - 20]);
    expect([...gae({ ...x, truncation: 'terminate' }).advantage]).toEqual([1 - 10, 1]);
    expect([...gae({ ...x, truncation: 'discard' }).advantage]).toEqual([0, 1]);
    expect([...gae({ ...x, truncation: 'discard' }).returns]).toEqual([10, 21]);
  });

  it('agrees with discounted returns where lambda is 1', () => {
    const random = rollout(3, [20, 4, 3]);
    // within an episode the next value is that of the next row
    const nextValue = Array.from(random.nextValue, (v, i) =>
      random.last[Math.floor(i / 3)] === 1 ? v : (random.value[i + 12] ?? v),
    );
    const x = { ...random, nextValue };
    const { returns } = gae({ ...x, lambda: 1 });
    discountedReturns(x).forEach((sum, i) => expect(sum).toBeCloseTo(returns[i]!, 12));
    expect([
      ...discountedReturns({
        ...x,
        reward: [1, 1],
        discount: [1, 1],
        last: [1, 0],
        value: [7, 8],
        nextValue: [4, 6],
        columns: 1,
        agents: 1,
        gamma: 0.5,
        truncation: 'discard',
      }),
    ]).toEqual([7, 4]);
  });
});

describe('normalised advantages', () => {
  it('have mean 0 and deviation 1 over the living rows only', () => {
    // living: 1, 3 with mean 2 and population deviation 1
    const scale = 1 / (1 + 1e-5);
    expect([...normalised([1, 50, 3], [1, 0, 1])]).toEqual([-scale, 48 * scale, scale]);
    expect([...normalised([1, 3], [1, 1], { sample: true, epsilon: 0 })][1]).toBeCloseTo(1 / Math.SQRT2, 15);
    expect([...normalised([5, 6], [0, 0])]).toEqual([5e5, 6e5].map((x) => expect.closeTo(x, 3) as number));
  });
});
