import { rng } from '@troupe/core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { simple, simplePush, simpleSpread, simpleTag } from '../src/index.js';

const still = (...position: readonly number[]) => ({ position, velocity: [0, 0], message: [0, 0] });
const choices = (...values: readonly number[]) => ndarray(Int32Array.from(values), [1, values.length]);

describe('motion', () => {
  it('moves with the velocity from before the step, then damps and accelerates', () => {
    const env = simple();
    env.reset(rng(1));
    env.setWorldState(0, { agents: [{ position: [0, 0], velocity: [1, -2], message: [] }] });
    env.step({ agents: choices(2) });
    // position 0 + 0.1 · (1, −2); velocity 0.75 · (1, −2) + 0.1 · (5, 0)
    expect(env.worldState(0).agents[0]).toMatchObject({ position: [0.1, -0.2], velocity: [1.25, -1.5] });
  });

  it('comes to accel · dt / damping', () => {
    const env = simple({ maxCycles: 300 });
    env.reset(rng(1));
    for (let t = 0; t < 200; t++) env.step({ agents: choices(4) });
    expect(env.worldState(0).agents[0]!.velocity[1]).toBeCloseTo(2, 12);
  });

  it('is held to the speed limit, keeping its direction', () => {
    const env = simpleTag({ adversaries: 1, obstacles: 0 });
    env.reset(rng(1));
    env.setWorldState(0, { agents: [{ ...still(0, 0), velocity: [3, 4] }, still(9, 9)] });
    env.step({ adversaries: choices(0), good: choices(0) });
    const [vx, vy] = env.worldState(0).agents[0]!.velocity;
    expect(vx).toBeCloseTo(0.6, 12);
    expect(vy).toBeCloseTo(0.8, 12);
  });
});

describe('contact', () => {
  const touch = (gap: number) => {
    const env = simplePush();
    env.reset(rng(1));
    env.setWorldState(0, { agents: [still(0.1 + gap, 0), still(0, 0)] });
    env.step({ adversary: choices(0), good: choices(0) });
    return env.worldState(0).agents.map(({ velocity }) => velocity);
  };

  it('pushes both apart with 100 per unit of deep overlap', () => {
    const [a, b] = touch(-0.05);
    expect(a![0]).toBeCloseTo(0.1 * 100 * 0.05, 12);
    expect(b).toEqual([-a![0]!, 0]);
  });

  it('is 0.1 · ln 2 at exact touch, soft outside, exactly nothing far away', () => {
    expect(touch(0)[0]![0]).toBeCloseTo(0.1 * 0.1 * Math.LN2, 12);
    expect(touch(0.003)[0]![0]).toBeCloseTo(0.1 * 0.1 * Math.log1p(Math.exp(-3)), 12);
    expect(touch(0.8)).toEqual([
      [0, 0],
      [0, 0],
    ]);
  });

  it.each([0, 1e-200])('parts discs at the same place (%s apart) along x, without NaN', (gap) => {
    const env = simplePush();
    env.reset(rng(1));
    env.setWorldState(0, { agents: [still(gap, 0), still(0, 0)] });
    env.step({ adversary: choices(0), good: choices(0) });
    const [a, b] = env.worldState(0).agents.map(({ velocity }) => velocity);
    expect(a![0]).toBeCloseTo(0.1 * 100 * 0.1, 12);
    expect([a![1], b![0], b![1]]).toEqual([0, -a![0]!, 0]);
    for (let t = 0; t < 10; t++) env.step({ adversary: choices(0), good: choices(0) });
    expect(env.worldState(0).agents[0]!.position[0]! - env.worldState(0).agents[1]!.position[0]!).toBeGreaterThan(0.1);
  });

  it('does not move obstacles', () => {
    const env = simpleTag({ obstacles: 1 });
    env.reset(rng(1));
    env.setWorldState(0, {
      agents: [still(0.1, 0), still(5, 0), still(7, 0), still(9, 0)],
      landmarks: [{ position: [0, 0] }],
    });
    env.step({ adversaries: choices(0, 0, 0), good: choices(0) });
    expect(env.worldState(0).agents[0]!.velocity[0]).toBeGreaterThan(1 - 1e-12);
    expect(env.worldState(0).landmarks[0]!.position).toEqual([0, 0]);
  });
});

describe('rewards, worked by hand', () => {
  it('of spread: own collisions and common coverage, mixed', () => {
    const env = simpleSpread({ agents: 2, localRatio: 0.25 });
    env.reset(rng(1));
    env.setWorldState(0, {
      agents: [still(0, 0), still(0.2, 0)],
      landmarks: [{ position: [0, 1] }, { position: [0.2, -2] }],
    });
    const { reward } = env.step({ agents: choices(0, 0) });
    // Nearest agents are 1 and 2 away; each overlaps one other.
    expect([...reward.agents.data]).toEqual([Math.fround(0.75 * -3 - 0.25), Math.fround(0.75 * -3 - 0.25)]);
    expect(env.benchmark(0)[0]).toEqual([-4, 1, 3, 0]);
  });

  it('of tag: 10 per touching pair for each predator, the prey pays, also for leaving', () => {
    const env = simpleTag({ obstacles: 0 });
    env.reset(rng(1));
    env.setWorldState(0, { agents: [still(0.95, 0), still(0.95, 0.1), still(-1, 0), still(0.95, 0.05)] });
    const { reward } = env.step({ adversaries: choices(0, 0, 0), good: choices(0) });
    expect([...reward.adversaries.data]).toEqual([20, 20, 20]);
    expect(reward.good.data[0]).toBeCloseTo(-20.5, 5);
    expect(env.benchmark(0)).toEqual([[1], [1], [0], [0]]);
  });
});

describe('the curriculum', () => {
  const agility = (env: ReturnType<typeof simpleTag>) => {
    env.setWorldState(0, { agents: [still(0, 0), still(3, 0), still(5, 0), still(9, 9)] });
    env.step({ adversaries: choices(0, 0, 0), good: choices(2) });
    return env.worldState(0).agents[3]!.velocity[0];
  };

  it('of tag takes effect when an episode begins', () => {
    const env = simpleTag({ curriculum: 0, obstacles: 0, maxCycles: 2 });
    env.reset(rng(1));
    expect(agility(env)).toBeCloseTo(0.2, 12);
    env.setStage(1);
    expect(env.worldState(0).stage).toBe(0);
    expect(env.step({ adversaries: choices(0, 0, 0), good: choices(0) }).last[0]).toBe(1);
    expect(env.worldState(0).stage).toBe(1);
    const other = simpleTag({ curriculum: 0, obstacles: 0, maxCycles: 2 });
    other.load(env.save());
    expect(agility(env)).toBeCloseTo(0.3, 12);
    expect(agility(other)).toBeCloseTo(0.3, 12);
  });

  it('has only the stages that it has', () => {
    expect(() => simpleTag().setStage(0)).toThrow('expected a scenario with a curriculum');
    expect(() => simpleTag({ curriculum: 0 }).setStage(3)).toThrow('expected an integer in [0, 3), got 3');
  });
});
