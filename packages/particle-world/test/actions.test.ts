import { rng, type Box, type Discrete } from '@troupe/core';
import ndarray from 'ndarray';
import { describe, expect, expectTypeOf, it } from 'vitest';
import { simpleReference, simpleSpeakerListener, simpleSpread } from '../src/index.js';

const numbers = [1, 2, 3, 4, 0, 2];
const spread = (continuous = false) => {
  const env = simpleSpread({ numEnvs: 2, continuous });
  env.reset(rng(1));
  return env;
};
const velocities = (env: ReturnType<typeof spread>) =>
  [0, 1].flatMap((e) => env.worldState(e).agents.map(({ velocity }) => velocity));
/** Far apart, so that nobody pushes anybody. */
const apart = (env: ReturnType<typeof spread>) => {
  for (const e of [0, 1]) {
    const agents = [0, 1, 2].map((i) => ({ position: [3 * i, 0], velocity: [0, 0], message: [0, 0] }));
    env.setWorldState(e, { agents });
  }
};

describe('discrete actions', () => {
  it('are nothing, left, right, down, up', () => {
    const env = spread();
    apart(env);
    env.step({ agents: ndarray(Int32Array.from(numbers), [2, 3]) });
    expect(velocities(env)).toEqual([
      [-0.5, 0],
      [0.5, 0],
      [0, -0.5],
      [0, 0.5],
      [0, 0],
      [0.5, 0],
    ]);
  });

  it('are read through any strides and offsets', () => {
    const expected = spread();
    expected.step({ agents: ndarray(Int32Array.from(numbers), [2, 3]) });
    const views = {
      transposed: ndarray(Int32Array.from([1, 4, 2, 0, 3, 2]), [3, 2]).transpose(1, 0),
      reversed: ndarray(Int32Array.from([...numbers].reverse()), [2, 3]).step(-1, -1),
      cut: ndarray(Int32Array.from([9, 9, 9, 9, 9, 1, 2, 3, 9, 4, 0, 2]), [3, 4]).lo(1, 1),
    };
    for (const agents of Object.values(views)) {
      const env = spread();
      env.step({ agents });
      expect(velocities(env)).toEqual(velocities(expected));
    }
  });

  it.each([5, -1, 1.5, NaN, 2 ** 32])('refuse %s, and nothing has moved', (wrong) => {
    const env = spread();
    const before = [env.worldState(0), env.worldState(1)];
    const agents = ndarray(Float64Array.from([1, 1, 1, 1, wrong, 1]), [2, 3]);
    expect(() => env.step({ agents })).toThrow(
      new RangeError(
        `step: group 'agents', agent 'agent_1', environment 1: expected an integer in [0, 5), got ${wrong}`,
      ),
    );
    expect([env.worldState(0), env.worldState(1)]).toEqual(before);
  });
});

describe('continuous actions', () => {
  const step = (values: readonly number[]) => {
    const env = spread(true);
    apart(env);
    env.step({
      agents: ndarray(
        Float64Array.from({ length: 30 }, (_, k) => values[k % 5]!),
        [2, 3, 5],
      ),
    });
    return velocities(env)[0];
  };

  it('push to +x by [2] − [1] and to +y by [4] − [3]', () => {
    expect(step([0.9, 0.25, 0.5, 0.75, 0.25])).toEqual([0.125, -0.25]);
  });

  it('are clipped to [0, 1]', () => {
    expect(step([0, -3, 7, 0.5, 1e9])).toEqual([0.5, 0.25]);
    expect(step([0, Infinity, 0, 0, -Infinity])).toEqual([-0.5, 0]);
  });

  it('refuse NaN', () => {
    expect(() => step([0, 0, NaN, 0, 0])).toThrow(
      /agent 'agent_0', environment 0, component 2: expected a number, got NaN/,
    );
  });

  it('are read through any strides', () => {
    const [a, b] = [spread(true), spread(true)];
    const values = Float32Array.from({ length: 30 }, (_, k) => ((k * 7) % 11) / 11);
    const turned = ndarray(new Float32Array(30), [5, 3, 2]).transpose(2, 1, 0);
    const plain = ndarray(values, [2, 3, 5]);
    for (let e = 0; e < 2; e++) {
      for (let i = 0; i < 3; i++) for (let k = 0; k < 5; k++) turned.set(e, i, k, plain.get(e, i, k));
    }
    a.step({ agents: plain });
    b.step({ agents: turned });
    expect(velocities(b)).toEqual(velocities(a));
  });
});

describe('words', () => {
  it('come after movement: word · 5 + move', () => {
    const env = simpleReference();
    env.reset(rng(1));
    const { next } = env.step({ agents: ndarray(Int32Array.from([7 * 5 + 2, 4]), [1, 2]) });
    const { agents } = env.worldState(0);
    expect(agents[0]).toMatchObject({ velocity: [0.5, 0], message: [0, 0, 0, 0, 0, 0, 0, 1, 0, 0] });
    expect(agents[1]).toMatchObject({ velocity: [0, 0.5], message: [1, 0, 0, 0, 0, 0, 0, 0, 0, 0] });
    expect(next.agents.observation.get(0, 1, 11 + 7)).toBe(1);
    const texts = env.render(0).shapes.flatMap((shape) => (shape.kind === 'text' ? [shape.text] : []));
    expect(texts).toEqual(['agent_0 sends H', 'agent_1 sends A']);
  });

  it('may be any numbers in [0, 1] where actions are continuous', () => {
    const env = simpleSpeakerListener({ continuous: true });
    env.reset(rng(1));
    expect(env.render(0).shapes.at(-1)).toMatchObject({ text: 'speaker_0 sends _' });
    env.step({
      speaker: ndarray(Float32Array.from([0.25, 2, 0.5]), [1, 1, 3]),
      listener: ndarray(new Float32Array(5), [1, 1, 5]),
    });
    expect(env.worldState(0).agents.map(({ message }) => message)).toEqual([
      [0.25, 1, 0.5],
      [0, 0, 0],
    ]);
    expect(env.render(0).shapes.at(-1)).toMatchObject({ text: 'speaker_0 sends [0.25 1.00 0.50]' });
  });
});

describe('what step refuses', () => {
  it('a wrong shape', () => {
    const agents = ndarray(new Int32Array(6), [3, 2]);
    expect(() => spread().step({ agents })).toThrow("step: group 'agents': expected actions [2, 3], got [3, 2]");
  });

  it('a missing group', () => {
    const env = simpleSpeakerListener();
    env.reset(rng(1));
    const speaker = ndarray(new Int32Array(1), [1, 1]);
    // @ts-expect-error the listener's actions are missing
    expect(() => env.step({ speaker })).toThrow("step: group 'listener': expected actions [1, 1], got none");
  });

  it('to begin before reset', () => {
    expect(() => simpleSpread().step({ agents: ndarray(new Int32Array(3), [1, 3]) })).toThrow(
      'step: expected reset or load first',
    );
  });
});

it('the kind of action is in the type', () => {
  expectTypeOf(simpleSpread().groups.agents.action).toEqualTypeOf<Discrete>();
  expectTypeOf(simpleSpread({ numEnvs: 2 }).groups.agents.action).toEqualTypeOf<Discrete>();
  expectTypeOf(simpleSpread({ continuous: false }).groups.agents.action).toEqualTypeOf<Discrete>();
  expectTypeOf(simpleSpread({ continuous: true }).groups.agents.action).toEqualTypeOf<Box>();
  expectTypeOf(spread().groups.agents.action).toEqualTypeOf<Box | Discrete>();
  expectTypeOf(simpleSpread().groups.agents.agents).toEqualTypeOf<readonly string[]>();
  expectTypeOf(simpleSpeakerListener().groups.listener.agents).toEqualTypeOf<readonly ['listener_0']>();
  expect(simpleSpread({ continuous: true }).groups.agents.action).toMatchObject({
    kind: 'box',
    shape: [5],
    low: 0,
    high: 1,
  });
});
