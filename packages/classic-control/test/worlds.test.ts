import { checkEnv, rng, type Groups, type JointObservation, type VecStep } from '@troupe/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { cartPole, chain, pendulum, soccer, tabularTeam, tabularWorld, zeroSumGame } from '../src/index.js';
import { laneStreams, play, worlds, type Any } from './worlds.js';

/** Environment e's part of arrays whose first axis is the environment. */
const part = (data: ArrayLike<number>, e: number, numEnvs: number): number[] =>
  Array.from(data).slice((e * data.length) / numEnvs, ((e + 1) * data.length) / numEnvs);
const seenBy = (seen: JointObservation<Groups>, e: number, numEnvs: number): number[][] =>
  Object.values(seen).map(({ observation }) => part(observation.data, e, numEnvs));
const lane = (step: VecStep<Groups>, e: number, numEnvs: number): unknown => ({
  next: seenBy(step.next, e, numEnvs),
  current: seenBy(step.current, e, numEnvs),
  reward: Object.values(step.reward).map(({ data }) => part(data, e, numEnvs)),
  discount: Object.values(step.discount).map(({ data }) => part(data, e, numEnvs)),
  last: step.last[e],
});

describe.each(worlds)('%s', (name, make) => {
  it('keeps the contract of environments', async () => {
    expect(await checkEnv(() => make({ numEnvs: 3, maxSteps: 7 }))).toEqual([]);
  });

  it('has its name and, without a limit, no clock', () => {
    const env = make({ maxSteps: null });
    expect(env).toMatchObject({ name, maxSteps: null, numEnvs: 1 });
    env.reset(rng(1));
    expect(env.worldState(0).values).toHaveLength(env.stateSize);
  });

  it('plays the same in environment e however many there are', () => {
    fc.assert(
      fc.property(fc.integer(), (seed) => {
        const [few, many] = [make({ numEnvs: 1, maxSteps: 5 }), make({ numEnvs: 3, maxSteps: 5 })];
        const [mine, theirs] = [laneStreams(rng(seed), 1), laneStreams(rng(seed), 3)];
        expect(seenBy(few.reset(rng(seed)), 0, 1)).toEqual(seenBy(many.reset(rng(seed)), 0, 3));
        for (let t = 0; t < 12; t++) {
          expect(lane(few.step(play(few, mine)), 0, 1)).toEqual(lane(many.step(play(many, theirs)), 0, 3));
          expect(few.worldState(0)).toEqual(many.worldState(0));
          expect(few.finalState(0)).toEqual(many.finalState(0));
        }
      }),
      { numRuns: 5 },
    );
  });

  it('continues bit for bit from what was saved, in the middle of episodes', () => {
    const [env, other] = [make({ numEnvs: 3, maxSteps: 5 }), make({ numEnvs: 3, maxSteps: 5 })];
    const streams = laneStreams(rng(7), 3);
    env.reset(rng(3));
    for (let t = 0; t < 7; t++) env.step(play(env, streams));
    const shown = env.step(play(env, streams)).current;
    const loaded = other.load(structuredClone(env.save()));
    for (const e of [0, 1, 2]) expect(seenBy(loaded, e, 3)).toEqual(seenBy(shown, e, 3));
    for (let t = 0; t < 12; t++) {
      const actions = play(env, streams);
      const [a, b] = [env.step(actions), other.step(actions)];
      for (const e of [0, 1, 2]) {
        expect(lane(b, e, 3)).toEqual(lane(a, e, 3));
        expect(other.finalState(e)).toEqual(env.finalState(e));
      }
    }
    expect(other.save()).toEqual(env.save());
  });

  it('goes on from any state that it was in', () => {
    const [env, other] = [make({ maxSteps: 1000 }), make({ maxSteps: 1000 })];
    const streams = laneStreams(rng(7), 1);
    env.reset(rng(3));
    other.reset(rng(4));
    for (let t = 0; t < 10; t++) {
      other.load(env.save());
      other.setWorldState(0, env.worldState(0));
      const actions = play(env, streams);
      expect(lane(other.step(actions), 0, 1)).toEqual(lane(env.step(actions), 0, 1));
    }
  });

  it('hands out finite numbers and says how episodes ended', () => {
    const env = make({ numEnvs: 4, maxSteps: 20 });
    const streams = laneStreams(rng(5), 4);
    env.reset(rng(2));
    const ends = new Set<string>();
    for (let t = 0; t < 100; t++) {
      const step = env.step(play(env, streams));
      for (const { data } of [
        ...Object.values(step.reward),
        ...Object.values(step.current).map((g) => g.observation),
      ]) {
        expect(data.every((x) => Number.isFinite(x))).toBe(true);
      }
      step.last.forEach((last, e) => {
        const discounts = Object.values(step.discount).flatMap(({ data }) => part(data, e, 4));
        expect(new Set(discounts).size).toBe(1);
        if (last === 0) expect(discounts[0]).toBe(1);
        else {
          ends.add(discounts[0] === 1 ? 'truncated' : 'terminated');
          const final = env.finalState(e)!;
          expect(final.steps).toBeLessThanOrEqual(20);
          if (final.steps < 20 && name !== 'linear-quadratic-game') expect(discounts[0]).toBe(0);
          expect(env.worldState(e).steps).toBe(0);
        }
      });
    }
    expect(ends.size).toBeGreaterThan(0);
  });

  it('refuses states and environments that there are not', () => {
    const env = make({ numEnvs: 2 });
    expect(() => env.setWorldState(0, { steps: 1 })).toThrow('setWorldState: expected reset or load first');
    env.reset(rng(0));
    const before = env.worldState(0);
    expect(() => env.setWorldState(0, { values: [] })).toThrow(
      `setWorldState: ${name}: expected ${env.stateSize} finite`,
    );
    const odd = before.values.map(() => NaN);
    expect(() => env.setWorldState(0, { values: odd })).toThrow('got [NaN');
    expect(() => env.setWorldState(0, { steps: -1 })).toThrow('expected steps to be an integer >= 0, got -1');
    for (const e of [2, -1, 0.5]) {
      const message = `expected an environment in [0, 2), got ${e}`;
      expect(() => env.worldState(e)).toThrow(message);
      expect(() => env.setWorldState(e, {})).toThrow(message);
      expect(() => env.finalState(e)).toThrow(message);
      expect(() => env.render(e)).toThrow(message);
    }
    expect(env.worldState(0)).toEqual(before);
    expect(env.finalState(0)).toBeNull();
  });
});

const integers = (shape: readonly number[], ...values: number[]) => ndarray(Int32Array.from(values), [...shape]);

describe('actions', () => {
  it('of a wrong kind are refused before anything moved', () => {
    const env = cartPole({ numEnvs: 2 });
    expect(() => env.step({ agent: integers([2, 1], 0, 1) })).toThrow('step: expected reset or load first');
    env.reset(rng(0));
    const before = env.save();
    const any: Any = env;
    expect(() => any.step({})).toThrow("step: group 'agent': expected actions [2, 1], got none");
    expect(() => env.step({ agent: integers([2], 0, 1) })).toThrow('expected actions [2, 1], got [2]');
    expect(() => env.step({ agent: integers([2, 1], 0, 2) })).toThrow(
      "step: group 'agent', agent 'agent', environment 1: expected an integer in [0, 2), got 2",
    );
    const swing = pendulum();
    swing.reset(rng(0));
    const bad = ndarray(Float32Array.of(NaN), [1, 1, 1]);
    expect(() => swing.step({ agent: bad })).toThrow('environment 0, component 0: expected a finite number, got NaN');
    expect(env.save()).toEqual(before);
  });

  it('may lie anywhere', () => {
    const [plain, strided] = [cartPole({ numEnvs: 2 }), cartPole({ numEnvs: 2 })];
    for (const env of [plain, strided]) env.reset(rng(0));
    plain.step({ agent: integers([2, 1], 0, 1) });
    strided.step({ agent: ndarray(Int32Array.of(9, 1, 9, 0), [2, 1], [-2, 5], 3) });
    expect(strided.save()).toEqual(plain.save());
  });

  it('beyond the bounds are clipped', () => {
    const env = pendulum({ numEnvs: 2 });
    env.reset(rng(0));
    for (const e of [0, 1]) env.setWorldState(e, { values: [1, 0] });
    env.step({ agent: ndarray(Float32Array.of(2, 50), [2, 1, 1]) });
    expect(env.worldState(1)).toEqual(env.worldState(0));
  });
});

describe('what was saved', () => {
  it('is refused elsewhere', () => {
    const env = cartPole({ numEnvs: 2 });
    expect(() => env.save()).toThrow('save: expected reset or load first');
    env.reset(rng(0));
    const saved = env.save();
    expect(() => env.load(null)).toThrow('load: expected what save of cart-pole returned, got null');
    expect(() => pendulum({ numEnvs: 2 }).load(saved)).toThrow('expected a saved pendulum, got a saved cart-pole');
    expect(() => cartPole().load(saved)).toThrow('expected 4 numbers in state, got 8');
  });
});

describe('the limit of steps', () => {
  it.each([
    ['cart-pole', 500],
    ['pendulum', 200],
    ['mountain-car', 200],
    ['mountain-car-continuous', 999],
    ['acrobot', 500],
    ['point-robot', 20],
  ])('of %s is %d, as in the reference', (name, limit) => {
    const make = worlds.find(([known]) => known === name)![1];
    expect(make({}).maxSteps).toBe(limit);
  });

  it('truncates, but not what has terminated', () => {
    const env = cartPole({ numEnvs: 2, maxSteps: 3 });
    env.reset(rng(0));
    for (const e of [0, 1]) env.setWorldState(e, { values: [0, 0, 0, 0], steps: 2 });
    env.setWorldState(1, { values: [2.4, 1, 0, 0] });
    const { last, discount, reward } = env.step({ agent: integers([2, 1], 0, 0) });
    expect([...last]).toEqual([1, 1]);
    expect([...discount.agent.data]).toEqual([1, 0]);
    expect([...reward.agent.data]).toEqual([1, 1]);
    expect(env.finalState(1)).toMatchObject({ steps: 3 });
  });

  it('is checked, as all settings are', () => {
    expect(() => cartPole({ maxSteps: 0 })).toThrow('cartPole: maxSteps: expected an integer > 0, or null, got 0');
    expect(() => pendulum({ numEnvs: 1.5, mass: -1 })).toThrow(/numEnvs.*1\.5.*; mass.*-1/);
    const unknown = { speed: 3 } as object;
    expect(() => cartPole(unknown)).toThrow('speed: unknown setting');
  });
});

describe('tabular worlds', () => {
  it('show the state one-hot, to everybody', () => {
    const env = tabularWorld(soccer());
    const seen = env.reset(rng(0));
    const [state] = env.worldState(0).values;
    for (const { observation } of [seen.left, seen.right]) {
      expect(observation.shape).toEqual([1, 1, 801]);
      expect(observation.data.indexOf(1)).toBe(state);
      expect(observation.data.reduce((a, b) => a + b, 0)).toBe(1);
    }
    expect(() => env.setWorldState(0, { values: [800] })).toThrow(
      'soccer: expected a state in [0, 801) that is not terminal',
    );
    expect(() => env.setWorldState(0, { values: [0.5] })).toThrow('got [0.5]');
  });

  it('pay the row and the column what the matrix says, seated apart or together', () => {
    const game = zeroSumGame([[1, 2, 3], [4, 5, 6], [7, 8, 9]]); // prettier-ignore
    const [apart, together] = [tabularWorld(game), tabularTeam(game)];
    apart.reset(rng(0));
    together.reset(rng(0));
    const one = apart.step({ row: integers([1, 1], 1), column: integers([1, 1], 2) });
    const two = together.step({ agents: integers([1, 2], 1, 2) });
    expect([one.reward.row.data[0], one.reward.column.data[0], one.last[0]]).toEqual([6, -6, 1]);
    expect([...two.reward.agents.data, ...two.discount.agents.data]).toEqual([6, -6, 0, 0]);
    const uneven = zeroSumGame([[1, 2]]);
    expect(() => tabularTeam(uneven)).toThrow('tabularTeam: expected as many choices for everybody, got [1, 2]');
  });

  it('do what their probabilities say', () => {
    const env = tabularWorld(chain(), { numEnvs: 1000, maxSteps: null });
    env.reset(rng(1));
    const began = Array.from({ length: 1000 }, (_, e) => env.worldState(e).values[0]!);
    for (const s of [0, 1, 2, 3]) {
      // 250 expected, standard deviation 13.7.
      expect(Math.abs(began.filter((x) => x === s).length - 250)).toBeLessThan(70);
    }
    for (let e = 0; e < 1000; e++) env.setWorldState(e, { values: [2] });
    env.step({ agent: integers([1000, 1], ...Array<number>(1000).fill(0)) });
    const left = began.map((_, e) => env.worldState(e).values[0]!).filter((s) => s === 1).length;
    // 900 expected, standard deviation 9.5.
    expect(Math.abs(left - 900)).toBeLessThan(48);
  });
});
