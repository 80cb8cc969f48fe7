import { describe as describeSettings, rng, type Fields } from '@troupe/core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import {
  adversarySettings,
  cryptoSettings,
  pushSettings,
  referenceSettings,
  simple,
  simpleAdversary,
  simpleCrypto,
  simplePush,
  simpleReference,
  simpleSettings,
  simpleSpeakerListener,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
  speakerListenerSettings,
  spreadSettings,
  tagSettings,
  turnByTurn,
  worldCommSettings,
} from '../src/index.js';

const body = (position: readonly number[], velocity: readonly number[] = [0, 0], letters = 2) => ({
  position,
  velocity,
  message: new Array<number>(letters).fill(0),
});
const still = (x: number, y: number, letters = 2) => body([x, y], [0, 0], letters);
const at = (x: number, y: number) => ({ position: [x, y] });
const choices = (...values: readonly number[]) => ndarray(Int32Array.from(values), [1, values.length]);
/** Nobody does anything: `n` agents in each of `numEnvs` environments. */
const idle = (n: number, numEnvs = 1) => ndarray(new Int32Array(numEnvs * n), [numEnvs, n]);

describe('the arguments of the reference', () => {
  // By our names of them, with the reference's defaults as text.
  const shared = { maxCycles: '25', continuous: 'false' };
  const neighbors = { agentNeighbors: 'null', landmarkNeighbors: 'null' };
  const expected: readonly (readonly [Fields, Readonly<Record<string, string>>])[] = [
    [simpleSettings, {}],
    [adversarySettings, { ...neighbors, good: '2' }],
    [cryptoSettings, {}],
    [pushSettings, {}],
    [referenceSettings, { localRatio: '0.5', factored: 'false' }],
    [speakerListenerSettings, {}],
    [spreadSettings, { ...neighbors, agents: '3', localRatio: '0.5', terminateOnSuccess: 'false', curriculum: 'null' }],
    [
      tagSettings,
      {
        ...neighbors,
        good: '1',
        adversaries: '3',
        obstacles: '2',
        terminateOnSuccess: 'false',
        curriculum: 'null',
      },
    ],
    [worldCommSettings, { good: '2', adversaries: '4', obstacles: '1', food: '2', forests: '2' }],
  ];
  it('are all there, with its defaults, and no others but numEnvs, version and walls', () => {
    for (const [settings, own] of expected) {
      const table = describeSettings(settings).map(({ name, initial }) => [name, initial]);
      const ours = { numEnvs: '1', version: "'mpe2'", walls: 'null' };
      expect(Object.fromEntries(table)).toEqual({ ...shared, ...ours, ...own });
    }
  });

  it.each<readonly [(options: never) => unknown, Readonly<Record<string, unknown>>, string]>([
    [simple, { maxCycles: 0 }, 'maxCycles: expected an integer > 0, got 0'],
    [simple, { localRatio: 0.5 }, 'localRatio: unknown setting'],
    [simplePush, { good: 2 }, 'good: unknown setting'],
    [simpleCrypto, { continuous: 1 }, 'continuous: expected true or false, got 1'],
    [simpleAdversary, { good: 0 }, 'good: expected an integer > 0, got 0'],
    [simpleAdversary, { agentNeighbors: 0 }, 'agentNeighbors: expected an integer > 0, or null, got 0'],
    [simpleReference, { localRatio: -0.1 }, 'localRatio: expected a number in [0, 1], got -0.1'],
    [simpleSpread, { landmarkNeighbors: 1.5 }, 'landmarkNeighbors: expected an integer > 0, or null, got 1.5'],
    [simpleSpread, { curriculum: true }, 'curriculum: expected one of 0 | 1, or null, got true'],
    [simpleTag, { good: 0 }, 'good: expected an integer > 0, got 0'],
    [simpleTag, { adversaries: 0 }, 'adversaries: expected an integer > 0, got 0'],
    [simpleTag, { obstacles: -1 }, 'obstacles: expected an integer >= 0, got -1'],
    [simpleTag, { curriculum: 3 }, 'curriculum: expected one of 0 | 1 | 2, or null, got 3'],
    [simpleTag, { terminateOnSuccess: 1 }, 'terminateOnSuccess: expected true or false, got 1'],
    [simpleWorldComm, { good: 0 }, 'good: expected an integer > 0, got 0'],
    [simpleWorldComm, { adversaries: 0 }, 'adversaries: expected an integer > 0, got 0'],
    [simpleWorldComm, { forests: 0.5 }, 'forests: expected an integer >= 0, got 0.5'],
  ])('are refused by name where they cannot be: %o %o', (make, wrong, message) => {
    expect(() => make(wrong as never)).toThrow(message);
  });
});

describe('benchmark data', () => {
  it('of adversary: squared distances to the goal, and of good agents to all landmarks before', () => {
    const env = simpleAdversary();
    env.reset(rng(1));
    env.setWorldState(0, {
      agents: [still(3, 0), still(1, 0), still(0, 2)],
      landmarks: [at(7, 7), at(0, 0)],
      goals: [1],
    });
    env.step({ adversary: idle(1), good: idle(2) });
    expect(env.benchmark(0)).toEqual([[9], [85, 1, 1], [74, 4, 4]]);
  });

  it('of crypto: what the agent said and the code of the goal', () => {
    const env = simpleCrypto();
    env.reset(rng(1));
    env.setWorldState(0, { goals: [1, 0] });
    env.step({ eve: choices(2), bob: choices(0), alice: choices(3) });
    const code = [0, 1, 0, 0];
    expect(env.benchmark(0)).toEqual([
      [0, 0, 1, 0, ...code],
      [1, 0, 0, 0, ...code],
      [0, 0, 0, 1, ...code],
    ]);
  });

  it('of speaker-listener: the reward', () => {
    const env = simpleSpeakerListener();
    env.reset(rng(1));
    env.setWorldState(0, {
      agents: [still(9, 9, 3), still(1, 2, 3)],
      landmarks: [at(5, 5), at(0, 0), at(7, 7)],
      goals: [1],
    });
    const { reward } = env.step({ speaker: idle(1), listener: idle(1) });
    expect([...reward.listener.data]).toEqual([-5]);
    expect(env.benchmark(0)).toEqual([[-5], [-5]]);
  });

  it('of spread: minus distances minus collisions, collisions, distances, landmarks covered', () => {
    const env = simpleSpread();
    env.reset(rng(1));
    env.setWorldState(0, {
      agents: [still(0, 0), still(0.25, 0), still(-0.25, 0)],
      landmarks: [at(0, 0.0625), at(0.25, 0.5), at(-2.25, 0)],
    });
    env.step({ agents: idle(3) });
    // The agent in the middle touches both others.
    expect(env.benchmark(0)).toEqual([
      [-4.5625, 2, 2.5625, 1],
      [-3.5625, 1, 2.5625, 1],
      [-3.5625, 1, 2.5625, 1],
    ]);
  });

  it('of tag and world comm: good agents that an adversary touches', () => {
    const env = simpleWorldComm({ adversaries: 2, obstacles: 0, food: 1, forests: 0 });
    env.reset(rng(1));
    env.setWorldState(0, { agents: [still(0, 0, 4), still(5, 0, 4), still(0.1, 0, 4), still(0.06, 0, 4)] });
    env.step({ leader: idle(1), adversaries: idle(1), good: idle(2) });
    expect(env.benchmark(0)).toEqual([[2], [0], [0], [0]]);
    const tag = simpleTag({ adversaries: 2, good: 2, obstacles: 0 });
    tag.reset(rng(1));
    tag.setWorldState(0, { agents: [still(0, 0), still(0, 0.1), still(0.1, 0), still(0.05, 0.05)] });
    tag.step({ adversaries: idle(2), good: idle(2) });
    expect(tag.benchmark(0)).toEqual([[2], [1], [0], [0]]);
  });

  it('of simple, push and reference is empty', () => {
    expect([simple(), simplePush(), simpleReference()].map((env) => env.benchmark(0))).toEqual([
      [[]],
      [[], []],
      [[], []],
    ]);
  });

  it('of a step that ended an episode is of what it ended in', () => {
    const env = simpleSpeakerListener({ maxCycles: 1 });
    env.reset(rng(1));
    const { reward } = env.step({ speaker: idle(1), listener: idle(1) });
    expect(env.worldState(0).cycle).toBe(0);
    expect(Math.fround(env.benchmark(0)[1]![0]!)).toBe(reward.listener.data[0]);
  });
});

describe('limits on what is seen', () => {
  it('of tag: velocity slots follow the positions, zeros for predators and empty slots', () => {
    const env = simpleTag({ adversaries: 1, good: 2, obstacles: 1, agentNeighbors: 3, landmarkNeighbors: 2 });
    const seen = env.reset(rng(1));
    env.setWorldState(0, {
      agents: [body([0, 0], [0.75, 0.75]), body([3, 0], [0.5, 0]), body([1, 0], [0, 0.25])],
      landmarks: [at(0, 2)],
    });
    const predator = [...seen.adversaries.observation.data].slice(4);
    expect(predator).toEqual([0, 2, 0, 0, 1, 0, 3, 0, 0, 0, 0, 0.25, 0.5, 0, 0, 0]);
    const prey = [...seen.good.observation.data].slice(4, 20);
    expect(prey).toEqual([-3, 2, 0, 0, -2, 0, -3, 0, 0, 0, 0, 0.25, 0, 0, 0, 0]);
  });

  it('of adversary: the goal is shown however far it is', () => {
    const env = simpleAdversary({ agentNeighbors: 1, landmarkNeighbors: 1 });
    const seen = env.reset(rng(1));
    env.setWorldState(0, {
      agents: [still(0, 0), still(1, 0), still(3, 0)],
      landmarks: [at(8, 0), at(1, 1)],
      goals: [0],
    });
    expect([...seen.good.observation.data]).toEqual([7, 0, 0, 1, -1, 0, 5, 0, -2, 1, -2, 0]);
    expect([...seen.adversary.observation.data]).toEqual([1, 1, 1, 0]);
  });
});

describe('the end by success', () => {
  const hunt = (maxCycles: number) => {
    const env = simpleTag({ numEnvs: 2, maxCycles, adversaries: 2, good: 2, obstacles: 0, terminateOnSuccess: true });
    env.reset(rng(1));
    // One of two is caught, then both.
    env.setWorldState(0, { agents: [still(0, 0), still(5, 0), still(0.1, 0), still(9, 0)] });
    env.setWorldState(1, { agents: [still(0, 0), still(5, 0), still(0.1, 0), still(-0.1, 0)] });
    const { last, discount } = env.step({ adversaries: idle(2, 2), good: idle(2, 2) });
    return [[...last], [...discount.adversaries.data], [...discount.good.data]];
  };

  it('of tag takes every prey, and ends that environment alone', () => {
    expect(hunt(25)).toEqual([
      [0, 1],
      [1, 1, 0, 0],
      [1, 1, 0, 0],
    ]);
  });

  it('is truncation where time is up in the same step', () => {
    expect(hunt(1)).toEqual([
      [1, 1],
      [1, 1, 1, 1],
      [1, 1, 1, 1],
    ]);
  });

  it('of spread takes a distance below 0.1, not of 0.1', () => {
    const ends = (off: number) => {
      const env = simpleSpread({ agents: 1, terminateOnSuccess: true });
      env.reset(rng(1));
      env.setWorldState(0, { agents: [still(0, 0)], landmarks: [at(0, off)] });
      return env.step({ agents: idle(1) }).last[0];
    };
    expect([0.1, 0.0999].map(ends)).toEqual([0, 1]);
  });

  it('is off by default', () => {
    const env = simpleSpread({ agents: 1 });
    env.reset(rng(1));
    env.setWorldState(0, { agents: [still(0, 0)], landmarks: [at(0, 0)] });
    expect(env.step({ agents: idle(1) }).last[0]).toBe(0);
  });

  it('is told to everybody in turn', () => {
    const env = simpleSpread({ agents: 2, terminateOnSuccess: true });
    const turns = turnByTurn(env);
    turns.reset(rng(1));
    env.setWorldState(0, { agents: [still(0, 0), still(1, 0)], landmarks: [at(0, 0), at(1, 0)] });
    turns.act(0);
    turns.act(0);
    for (const agent of ['agent_0', 'agent_1']) {
      expect(turns.turn).toMatchObject({ agent, terminated: true, truncated: false });
      turns.act(null);
    }
    expect(turns.turn).toBeNull();
  });
});

describe('the curriculum', () => {
  it('of spread: collisions cost nothing in stage 0, one each from stage 1 on', () => {
    const env = simpleSpread({ agents: 2, curriculum: 0, localRatio: 1, maxCycles: 1 });
    env.reset(rng(1));
    const collide = (): readonly number[] => {
      env.setWorldState(0, { agents: [still(0, 0), still(0.2, 0)], landmarks: [at(0, 0), at(2, 0)] });
      return Array.from(env.step({ agents: idle(2) }).reward.agents.data, (x) => x + 0);
    };
    env.setStage(1); // from the next episode on
    expect(collide()).toEqual([0, 0]);
    expect(collide()).toEqual([-1, -1]);
  });

  it('of tag: the last stage is the game without a curriculum', () => {
    const speed = (curriculum: 0 | 1 | 2 | null) => {
      const env = simpleTag({ adversaries: 1, obstacles: 0, curriculum, maxCycles: 200 });
      env.reset(rng(1));
      env.setWorldState(0, { agents: [still(-90, 0), still(0, 0)] });
      const first = env.step({ adversaries: idle(1), good: choices(2) });
      const start = first.next.good.observation.get(0, 0, 0);
      for (let t = 0; t < 60; t++) env.step({ adversaries: idle(1), good: choices(2) });
      return [start, env.worldState(0).agents[1]!.velocity[0]!].map((x) => Number(x.toFixed(6)));
    };
    // 0.1 · accel after the first step; then, since 0.4 · accel is more, at most the cap.
    expect([0, 1, 2, null].map((stage) => speed(stage as 0))).toEqual([
      [0.2, 0.65],
      [0.3, 0.975],
      [0.4, 1.3],
      [0.4, 1.3],
    ]);
  });
});
