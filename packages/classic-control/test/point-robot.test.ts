import { evaluate, randomPolicy, rng, scripted } from '@troupe/core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { pointRobot } from '../src/index.js';

const EPISODES = 2000;

const returnOf = async (reward: 'dense' | 'sparse', toward: (x: readonly number[]) => readonly [number, number]) => {
  const env = pointRobot({ reward, showGoal: true, numEnvs: 100 });
  const policy = scripted(env.groups.agent, (seen) => {
    const [x, y, goalX, goalY] = seen;
    const target = toward([x!, y!, goalX!, goalY!]);
    return [target[0] - x!, target[1] - y!];
  });
  const { returns } = await evaluate({ env, policies: { agent: policy }, rng: rng(1), episodes: EPISODES });
  return returns.agent.mean;
};

// oracles.json, "point_robot" and "sparse_point_robot": means over 100 drawn goals, themselves off by about 0.2 (dense).
describe('point robot', () => {
  it('has the returns of the yardsticks', async () => {
    expect(Math.abs((await returnOf('dense', ([, , x, y]) => [x!, y!])) + 4.97)).toBeLessThan(0.35);
    expect(Math.abs((await returnOf('dense', () => [0, 0])) + 15.45)).toBeLessThan(0.5);
    expect(Math.abs((await returnOf('dense', ([x, y]) => [x!, y!])) + 20.36)).toBeLessThan(0.7);
    const env = pointRobot({ numEnvs: 100 });
    const policies = { agent: randomPolicy(env.groups.agent) };
    const { returns } = await evaluate({ env, policies, rng: rng(2), episodes: EPISODES });
    expect(Math.abs(returns.agent.mean + 20.98)).toBeLessThan(0.7);
  });

  it('has the returns of the yardsticks where rewards are sparse', async () => {
    expect(Math.abs((await returnOf('sparse', ([, , x, y]) => [x!, y!])) - 13.36)).toBeLessThan(0.15);
    expect(await returnOf('sparse', () => [0, 0])).toBe(0);
  });

  it.each([
    // Straight to the right: 8 steps of nothing (distance 0.2 in step 8 counts), 1 - 0.2, 1 - 0.1, then 11 times 1.
    [0, 0.8 + 0.9 + 11],
    // Straight up, the same.
    [Math.PI / 2, 12.7],
  ])('pays in the sparse task what can be counted by hand, direction %d', (angle, expected) => {
    const env = pointRobot({ reward: 'sparse', goal: [Math.cos(angle), Math.sin(angle)], radius: 0.2 + 1e-9 });
    env.reset(rng(0));
    let sum = 0;
    for (let t = 0; t < 20; t++) {
      const { values } = env.worldState(0);
      const action = ndarray(Float64Array.of(values[2]! - values[0]!, values[3]! - values[1]!), [1, 1, 2]);
      sum += env.step({ agent: action }).reward.agent.data[0]!;
    }
    expect(sum).toBeCloseTo(expected, 5);
  });

  it('keeps a goal that is given, and draws others where they should be', () => {
    const fixed = pointRobot({ goal: [0.3, -2], numEnvs: 2 });
    fixed.reset(rng(0));
    for (const e of [0, 1]) expect(fixed.worldState(e).values.slice(2)).toEqual([0.3, -2]);
    const drawn = pointRobot({ reward: 'sparse', numEnvs: 200 });
    drawn.reset(rng(0));
    for (let e = 0; e < 200; e++) {
      const [x, y, goalX, goalY] = drawn.worldState(e).values;
      expect([x, y]).toEqual([0, 0]);
      expect(Math.hypot(goalX!, goalY!)).toBeCloseTo(1, 12);
      expect(goalY).toBeGreaterThanOrEqual(0);
    }
    expect(() => pointRobot({ goal: [0, NaN] })).toThrow("goal: expected 'square', 'half circle' or [x, y], or null");
  });
});
