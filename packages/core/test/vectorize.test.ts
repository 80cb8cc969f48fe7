import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import {
  box,
  defineEnv,
  defineSingleAgentEnv,
  discrete,
  emptyActions,
  hybrid,
  multiDiscrete,
  rng,
  vectorize,
  type Env,
  type Groups,
  type Observations,
  type Rng,
  type Step,
} from '../src/index.js';

/** Counts its steps; ends after `length` of them. */
const clock = (length = 3, how: 'terminated' | 'truncated' | 'both' = 'terminated') => {
  let t = 0;
  return defineSingleAgentEnv({
    observation: box([2]),
    action: discrete(2),
    reset: () => [(t = 0), -1],
    step: (action) => {
      t += 1;
      const over = t === length;
      return {
        observation: [t, action],
        reward: 10 * t,
        terminated: over && how !== 'truncated',
        truncated: over && how !== 'terminated',
      };
    },
  });
};

const numbers = (array: ndarray.NdArray<Float32Array | Uint8Array>) => Array.from(array.data);

describe('vectorize: episodes', () => {
  it('hands out what reset and step see, in the row of the environment', () => {
    const env = vectorize(() => clock(), { numEnvs: 2 });
    expect(env.reset(rng(0)).agent.observation.shape).toEqual([2, 1, 2]);
    const actions = emptyActions(env.groups, 2);
    actions.agent.set(1, 0, 1);
    const { next, current, reward, discount, last } = env.step(actions);
    expect(numbers(next.agent.observation)).toEqual([1, 0, 1, 1]);
    expect(numbers(current.agent.observation)).toEqual([1, 0, 1, 1]);
    expect(numbers(reward.agent)).toEqual([10, 10]);
    expect(numbers(discount.agent)).toEqual([1, 1]);
    expect([...last]).toEqual([0, 0]);
  });

  it.each([
    ['terminated', 0],
    ['truncated', 1],
    ['both', 0],
  ] as const)('an episode that is %s: true successor in next, new episode in current, discount %i', (how, worth) => {
    const env = vectorize(() => clock(2, how), { numEnvs: 1 });
    env.reset(rng(0));
    env.step(emptyActions(env.groups, 1));
    const { next, current, reward, discount, last } = env.step(emptyActions(env.groups, 1));
    expect(numbers(next.agent.observation)).toEqual([2, 0]);
    expect(numbers(current.agent.observation)).toEqual([0, -1]);
    expect(numbers(reward.agent)).toEqual([20]);
    expect(numbers(discount.agent)).toEqual([worth]);
    expect([...last]).toEqual([1]);
    expect(numbers(env.step(emptyActions(env.groups, 1)).next.agent.observation)).toEqual([1, 0]);
  });

  it('keeps what step returned until the step after the next one, in two sets of arrays', () => {
    const env = vectorize(() => clock(100), { numEnvs: 1 });
    const begun = env.reset(rng(0));
    const first = env.step(emptyActions(env.groups, 1));
    expect(numbers(begun.agent.observation)).toEqual([0, -1]);
    const second = env.step(emptyActions(env.groups, 1));
    expect(numbers(first.next.agent.observation)).toEqual([1, 0]);
    expect(numbers(first.reward.agent)).toEqual([10]);
    const third = env.step(emptyActions(env.groups, 1));
    expect(third).toBe(first);
    expect(third).not.toBe(second);
    expect(second.next.agent.observation.data).not.toBe(first.next.agent.observation.data);
    expect(first.next.agent.observation.data).not.toBe(first.current.agent.observation.data);
  });
});

describe('vectorize: randomness', () => {
  const noisy = () => {
    let stream: Rng;
    let t = 0;
    return defineSingleAgentEnv({
      observation: box([1]),
      action: discrete(2),
      reset: (r) => ((t = 0), (stream = r), [r.uniform()]),
      step: () => ({ observation: [stream.uniform()], reward: 0, terminated: ++t === 3, truncated: false }),
    });
  };
  const trace = (numEnvs: number, steps: number) => {
    const env = vectorize(noisy, { numEnvs });
    const seen = [env.reset(rng(7)).agent.observation.get(1, 0, 0)];
    for (let t = 0; t < steps; t++)
      seen.push(env.step(emptyActions(env.groups, numEnvs)).current.agent.observation.get(1, 0, 0));
    return seen;
  };

  it('of an environment does not depend on how many there are', () => {
    expect(trace(5, 10)).toEqual(trace(2, 10));
  });

  it('is the stream named after the environment, continued over episodes', () => {
    const stream = rng(7).split('environment 1');
    const expected: number[] = [];
    // the reset, three steps of which the last observation is only in `next`
    for (let episode = 0; episode < 3; episode++) {
      expected.push(...[0, 0, 0].map(() => Math.fround(stream.uniform())));
      stream.uniform();
    }
    expect(trace(2, 8)).toEqual(expected);
  });
});

/** Replays a list of moments: what is observed and rewarded at each. */
const scripted = <const G extends Groups>(
  groups: G,
  moments: readonly { readonly seen: unknown; readonly rewards?: unknown; readonly end?: 'terminated' | 'truncated' }[],
  more: Partial<Env<G>> = {},
): Env<G> => {
  let t = 0;
  return defineEnv<G>({
    groups,
    reset: () => ((t = 0), moments[0]!.seen as Observations<G>),
    step: () => {
      t += 1;
      const { seen, rewards, end } = moments[t]!;
      const none = Object.fromEntries(Object.keys(groups).map((name) => [name, {}]));
      return {
        observations: seen,
        rewards: rewards ?? none,
        terminated: end === 'terminated',
        truncated: end === 'truncated',
      } as Step<G>;
    },
    ...more,
  });
};

describe('vectorize: who lives', () => {
  const herd = { sheep: { agents: { max: 3 }, observation: box([1]), action: discrete(2) } } as const;

  it('seats a population: first free seat, kept for life, free from the step after the death', () => {
    const env = vectorize(
      () =>
        scripted(herd, [
          { seen: { sheep: { a: [1], b: [2] } } },
          { seen: { sheep: { b: [3] } }, rewards: { sheep: { a: -5, b: 1 } } },
          { seen: { sheep: { c: [4], b: [5] } } },
          { seen: { sheep: { b: [6], a: [7], c: [8] } } },
        ]),
      { numEnvs: 1 },
    );
    const noop = emptyActions(env.groups, 1);
    expect(numbers(env.reset(rng(0)).sheep.observation)).toEqual([1, 2, 0]);
    const death = env.step(noop);
    expect(numbers(death.next.sheep.observation)).toEqual([0, 3, 0]);
    expect(numbers(death.next.sheep.active)).toEqual([0, 1, 0]);
    expect(numbers(death.reward.sheep)).toEqual([-5, 1, 0]);
    expect(numbers(death.discount.sheep)).toEqual([0, 1, 0]);
    expect(numbers(env.step(noop).next.sheep.observation)).toEqual([4, 5, 0]);
    expect(numbers(env.step(noop).next.sheep.observation)).toEqual([8, 6, 7]);
  });

  it('does not give the seat of the dying to the newborn of the same step', () => {
    const env = vectorize(
      () =>
        scripted(herd, [
          { seen: { sheep: { a: [1] } } },
          { seen: { sheep: { b: [2] } }, rewards: { sheep: { b: 9 } } },
        ]),
      { numEnvs: 1 },
    );
    env.reset(rng(0));
    const { next, reward } = env.step(emptyActions(env.groups, 1));
    expect(numbers(next.sheep.observation)).toEqual([0, 2, 0]);
    expect(numbers(reward.sheep)).toEqual([0, 0, 0]); // the newborn did not act
  });

  it('names group, max and ids when no seat is free', () => {
    const env = vectorize(
      () =>
        scripted(herd, [
          { seen: { sheep: { a: [1], b: [1], c: [1] } } },
          { seen: { sheep: { b: [1], c: [1], d: [1] } } },
        ]),
      { numEnvs: 1 },
    );
    env.reset(rng(0));
    expect(() => env.step(emptyActions(env.groups, 1))).toThrow(
      "vectorize: 'step' of environment 0, group 'sheep', agent 'd': no free seat; expected at most 3 agents (max), " +
        'seats are held by a, b, c (the seat of an agent that dies is free from the next step on)',
    );
  });

  const pair = { pair: { agents: ['a', 'b'], observation: box([1]), action: box([2]) } } as const;

  it('a fixed cast keeps its order, and its dead stay dead until the episode ends', () => {
    const given: unknown[] = [];
    const env = vectorize(
      () => {
        const inner = scripted(pair, [
          { seen: { pair: { b: [2], a: [1] } } },
          { seen: { pair: { a: [3] } }, rewards: { pair: { a: 1, b: -1 } } },
          { seen: { pair: { a: [4] } }, rewards: { pair: { a: 1, b: 7 } }, end: 'truncated' },
        ]);
        return { ...inner, step: (actions) => (given.push(structuredClone(actions)), inner.step(actions)) };
      },
      { numEnvs: 1 },
    );
    expect(numbers(env.reset(rng(0)).pair.observation)).toEqual([1, 2]);
    const ones = emptyActions(env.groups, 1);
    ones.pair.data.fill(1);
    const death = env.step(ones);
    expect(numbers(death.next.pair.active)).toEqual([1, 0]);
    expect(numbers(death.reward.pair)).toEqual([1, -1]);
    expect(numbers(death.discount.pair)).toEqual([1, 0]);
    const after = env.step(ones);
    expect(numbers(after.reward.pair)).toEqual([1, 0]); // the dead do nothing that could be rewarded
    expect(numbers(after.discount.pair)).toEqual([1, 0]);
    expect(numbers(after.current.pair.active)).toEqual([1, 1]);
    expect(given).toEqual([
      { pair: { a: new Float32Array([1, 1]), b: new Float32Array([1, 1]) } },
      { pair: { a: new Float32Array([1, 1]), b: new Float32Array([0, 0]) } },
    ]);
  });

  it('refuses one of a fixed cast that comes back', () => {
    const full = { pair: { a: [1], b: [1] } };
    const env = vectorize(
      () =>
        scripted(pair, [
          { seen: full },
          { seen: { pair: { a: [1] } }, rewards: { pair: { a: 0, b: 0 } } },
          { seen: full, rewards: { pair: { a: 0, b: 0 } } },
        ]),
      { numEnvs: 1 },
    );
    env.reset(rng(0));
    env.step(emptyActions(env.groups, 1));
    expect(() => env.step(emptyActions(env.groups, 1))).toThrow(
      /'step' of .* agent 'b': expected no observation, because/,
    );
  });

  it('whatever the births and deaths, every living agent keeps one seat and sees its own observation', () => {
    const max = 4;
    const groups = { herd: { agents: { max }, observation: box([1]), action: discrete(3) } } as const;
    fc.assert(
      fc.property(
        fc.array(fc.subarray([1, 2, 3, 4, 5, 6, 7, 8], { maxLength: 2 }), { minLength: 2, maxLength: 12 }),
        (lives) => {
          const moments = lives.map((living) => ({
            seen: { herd: Object.fromEntries(living.map((id) => [`s${id}`, [id]])) },
          }));
          const env = vectorize(() => scripted(groups, moments), { numEnvs: 1 });
          let before = numbers(env.reset(rng(0)).herd.observation);
          for (const living of lives.slice(1)) {
            const { next } = env.step(emptyActions(groups, 1));
            const now = numbers(next.herd.observation);
            expect(now.filter((id) => id !== 0).sort()).toEqual([...living].sort());
            expect(numbers(next.herd.active)).toEqual(now.map((id) => (id === 0 ? 0 : 1)));
            before.forEach((id, seat) => {
              if (id !== 0 && living.includes(id)) expect(now[seat]).toBe(id);
              else if (id !== 0) expect(now[seat]).toBe(0);
            });
            before = now;
          }
        },
      ),
    );
  });
});

describe('vectorize: spaces', () => {
  const every = {
    d: { agents: ['x'], observation: discrete(5), action: discrete(4) },
    m: { agents: ['x'], observation: multiDiscrete(2, 3), action: multiDiscrete(3, 4) },
    b: { agents: ['x'], observation: box([2, 2]), action: box([2, 2]) },
    h: { agents: ['x'], observation: hybrid(box([1]), multiDiscrete(3)), action: hybrid(box([2]), multiDiscrete(5)) },
  } as const;
  const seen = { d: { x: 4 }, m: { x: [1, 2] }, b: { x: [1, 2, 3, 4] }, h: { x: [0.5, 2] } };
  const rewards = { d: { x: 0 }, m: { x: 0 }, b: { x: 0 }, h: { x: 0 } };

  const recording = () => {
    const given: unknown[] = [];
    const inner = scripted(
      every,
      Array.from({ length: 9 }, () => ({ seen, rewards })),
    );
    const env = vectorize(() => ({ ...inner, step: (a) => (given.push(structuredClone(a)), inner.step(a)) }), {
      numEnvs: 1,
    });
    env.reset(rng(0));
    return { env, given };
  };

  it('hands numbers and arrays of the exact types to the author', () => {
    const { env, given } = recording();
    const actions = emptyActions(env.groups, 1);
    actions.d.data[0] = 3;
    actions.m.data.set([2, 3]);
    actions.b.data.set([1, 2, 3, 4]);
    actions.h.data.set([0.25, -1, 4]);
    env.step(actions);
    expect(given).toEqual([
      {
        d: { x: 3 },
        m: { x: new Int32Array([2, 3]) },
        b: { x: new Float32Array([1, 2, 3, 4]) },
        h: { x: new Float32Array([0.25, -1, 4]) },
      },
    ]);
  });

  it('reads actions of any strides and offset as what they show', () => {
    const { env, given } = recording();
    const actions = emptyActions(env.groups, 1);
    const wide = new Float32Array([0, 1, 0, 2, 0, 3, 0, 4]);
    // [1, 1, 2, 2], columns first: element (i, j) at 1 + 2 i + 4 j
    const b = ndarray(wide, [1, 1, 2, 2], [8, 8, 2, 4], 1);
    const h = ndarray(new Float32Array([2, 0.5, -0.5]), [1, 1, 3], [3, 3, -1], 2);
    env.step({ ...actions, b, h });
    expect(given[0]).toMatchObject({
      b: { x: new Float32Array([1, 3, 2, 4]) },
      h: { x: new Float32Array([-0.5, 0.5, 2]) },
    });
    env.step(actions);
    expect(given[1]).toMatchObject({ b: { x: new Float32Array(4) }, h: { x: new Float32Array(3) } });
  });

  it.each([
    [
      'shape',
      { b: ndarray(new Float32Array(4), [1, 1, 4]) },
      "actions of group 'b': expected shape [1, 1, 2, 2], got [1, 1, 4]",
    ],
    ['type', { d: ndarray(new Float32Array(1), [1, 1]) }, "actions of group 'd': expected int32, got float32"],
    ['nothing', { d: undefined }, "actions of group 'd': expected an ndarray [1, 1], got nothing"],
    [
      'choice',
      { d: ndarray(new Int32Array([4]), [1, 1]) },
      "group 'd', agent 'x': expected an integer in [0, 4), got 4",
    ],
    [
      'head',
      { m: ndarray(new Int32Array([0, -1]), [1, 1, 2]) },
      "group 'm', agent 'x': expected an integer in [0, 4) in component 1, got -1",
    ],
    [
      'not a number',
      { b: ndarray(new Float32Array([0, NaN, 0, 0]), [1, 1, 2, 2]) },
      "group 'b', agent 'x': expected a finite float32 in component 1, got NaN",
    ],
    [
      'half a button',
      { h: ndarray(new Float32Array([0, 0, 0.5]), [1, 1, 3]) },
      "group 'h', agent 'x': expected an integer in [0, 5) in component 2, got 0.5",
    ],
  ])('refuses actions: %s', (_, wrong, message) => {
    const { env } = recording();
    expect(() => env.step({ ...emptyActions(env.groups, 1), ...wrong } as never)).toThrow(message);
  });
});

describe('vectorize: masks and state', () => {
  const groups = {
    ones: { agents: { max: 2 }, observation: box([1]), action: multiDiscrete(2, 3) },
    free: { agents: ['f'], observation: box([1]), action: box([1]) },
  } as const;
  const world = (mask: (t: number) => ArrayLike<number> = (t) => (t === 0 ? [1, 0, 1, 1, 0] : [0, 1, 0, 0, 1])) => {
    let t = 0;
    return defineEnv({
      groups,
      stateSpace: box([2, 1]),
      reset: () => ((t = 0), { ones: { a: [0] }, free: { f: [0] } }),
      step: () => {
        t += 1;
        return {
          observations: { ones: { a: [t] }, free: { f: [t] } },
          rewards: { ones: {}, free: { f: 0 } },
          terminated: t === 2,
          truncated: false,
        };
      },
      legal: () => ({ ones: { a: mask(t) } }),
      state: () => [t, -t],
    });
  };

  it('come with next and current; nobody has every choice; a group without choices has no mask', () => {
    const env = vectorize(() => world(), { numEnvs: 1 });
    expect(env.stateSpace).toEqual(box([2, 1]));
    const begun = env.reset(rng(0));
    expect(numbers(begun.ones.legal!)).toEqual([1, 0, 1, 1, 0, 1, 1, 1, 1, 1]);
    expect(begun.free.legal).toBeUndefined();
    expect(begun.ones.state).toBe(begun.free.state);
    expect(begun.ones.state!.shape).toEqual([1, 2, 1]);
    const { next } = env.step(emptyActions(env.groups, 1));
    expect(numbers(next.ones.legal!).slice(0, 5)).toEqual([0, 1, 0, 0, 1]);
    const end = env.step({ ...emptyActions(env.groups, 1), ones: ndarray(Int32Array.of(1, 2, 0, 0), [1, 2, 2]) });
    expect(numbers(end.next.ones.state!)).toEqual([2, -2]);
    expect(numbers(end.current.ones.state!)).toEqual([0, -0]);
    expect(numbers(end.current.ones.legal!).slice(0, 5)).toEqual([1, 0, 1, 1, 0]);
  });

  it.each([
    [[1, 1, 0, 0, 0], 'expected at least one permitted choice in head 1, got none'],
    [[1, 1, 1], 'expected a mask of 5 numbers, got 3'],
    [[1, 1, 0.5, 0, 1], 'expected 0 or 1 in component 2 of a mask, got 0.5'],
  ])('refuses the mask %j', (mask, message) => {
    const env = vectorize(() => world(() => mask), { numEnvs: 1 });
    expect(() => env.reset(rng(0))).toThrow(`vectorize: 'legal' of environment 0, group 'ones', agent 'a': ${message}`);
  });

  it('a choice that is not permitted now is refused', () => {
    const env = vectorize(() => world(), { numEnvs: 1 });
    const choose = (...choices: number[]) => ({
      ...emptyActions(env.groups, 1),
      ones: ndarray(Int32Array.of(...choices, 1, 2), [1, 2, 2]), // what nobody chooses in the second seat counts for nothing
    });
    env.reset(rng(0));
    const message =
      "step: action of environment 0, group 'ones', agent 'a': expected a choice that 'legal' permits now";
    expect(() => env.step(choose(1, 0))).toThrow(`${message} in head 0, got 1`);
    expect(() => env.step(choose(0, 2))).toThrow(`${message} in head 1, got 2`);
    env.step(choose(0, 1));
    expect(() => env.step(choose(1, 1))).toThrow(`${message} in head 1, got 1`);
    env.step(choose(1, 2));
    env.step(choose(0, 1)); // another episode
  });

  it('a task that has terminated may permit nothing: next then permits everything', () => {
    const env = vectorize(() => world((t) => (t === 2 ? [0, 0, 0, 1, 0] : [1, 0, 1, 1, 0])), { numEnvs: 1 });
    env.reset(rng(0));
    env.step(emptyActions(env.groups, 1));
    const { next, current, last } = env.step(emptyActions(env.groups, 1));
    expect([...last]).toEqual([1]);
    expect(numbers(next.ones.legal!).slice(0, 5)).toEqual([1, 1, 0, 1, 0]);
    expect(numbers(current.ones.legal!).slice(0, 5)).toEqual([1, 0, 1, 1, 0]);
    // cut by the clock, the future still has value: then something must be permitted
    const cut = () => {
      const inner = world((t) => (t === 1 ? [0, 0, 0, 1, 0] : [1, 0, 1, 1, 0]));
      return { ...inner, step: (a: Parameters<typeof inner.step>[0]) => ({ ...inner.step(a), truncated: true }) };
    };
    const short = vectorize(cut, { numEnvs: 1 });
    short.reset(rng(0));
    expect(() => short.step(emptyActions(short.groups, 1))).toThrow('expected at least one permitted choice in head 0');
  });

  it('refuses a wrong state, and state without its space', () => {
    expect(() => vectorize(() => ({ ...world(), state: () => [1] }), { numEnvs: 1 }).reset(rng(0))).toThrow(
      "vectorize: 'state' of environment 0: expected 2 numbers, got 1",
    );
    const { stateSpace: _, ...bare } = world();
    expect(() => vectorize(() => bare, { numEnvs: 1 })).toThrow(
      "expected 'state' and 'stateSpace' together, got 'state' alone",
    );
  });
});

describe('vectorize: what authors get wrong', () => {
  const duo = {
    left: { agents: ['a', 'b'], observation: box([2]), action: discrete(2) },
    right: { agents: { max: 2 }, observation: discrete(3), action: discrete(2) },
  } as const;
  const good = { left: { a: [0, 0], b: [0, 0] }, right: { z: 1 } };
  const paid = { left: { a: 0, b: 0 }, right: {} };
  const from = "vectorize: 'step' of environment 0";
  it.each([
    [
      'length',
      { seen: { ...good, left: { a: [0], b: [0, 0] } } },
      `${from}, group 'left', agent 'a': observation: expected 2 numbers, got 1`,
    ],
    [
      'NaN',
      { seen: { ...good, left: { a: [0, NaN], b: [0, 0] } } },
      `${from}, group 'left', agent 'a': observation: expected a finite float32 in component 1, got NaN`,
    ],
    ['too large for float32', { seen: { ...good, left: { a: [1e39, 0], b: [0, 0] } } }, `in component 0, got 1e+39`],
    [
      'text',
      { seen: { ...good, left: { a: 'up', b: [0, 0] } } },
      `agent 'a': observation: expected 2 numbers, got 'up'`,
    ],
    [
      'unknown id',
      { seen: { ...good, left: { ...good.left, c: [0, 0] } } },
      `${from}, group 'left', agent 'c': unknown agent; expected a, b`,
    ],
    [
      'missing group',
      { seen: { left: good.left } },
      `${from}, group 'right': expected observations by agent, got nothing`,
    ],
    [
      'unknown group',
      { seen: { ...good, middle: {} } },
      `${from}: observations: unknown group 'middle'; expected left, right`,
    ],
    [
      'choice',
      { seen: { ...good, right: { z: 3 } } },
      `${from}, group 'right', agent 'z': observation: expected an integer in [0, 3), got 3`,
    ],
    [
      'reward NaN',
      { seen: good, rewards: { ...paid, left: { a: NaN, b: 0 } } },
      `${from}, group 'left', agent 'a': reward: expected a finite float32, got NaN`,
    ],
    [
      'reward missing',
      { seen: good, rewards: { ...paid, left: { a: 0 } } },
      `${from}, group 'left', agent 'b': reward: expected a finite float32, got nothing`,
    ],
    [
      'reward of nobody',
      { seen: good, rewards: { ...paid, right: { y: 1 } } },
      `${from}, group 'right', agent 'y': reward: unknown agent; expected z`,
    ],
    [
      'rewards missing',
      { seen: good, rewards: { left: paid.left } },
      `${from}, group 'right': expected rewards by agent, got nothing`,
    ],
  ])('%s', (_, moment, message) => {
    const env = vectorize(() => scripted(duo, [{ seen: good }, { rewards: paid, ...moment }]), { numEnvs: 1 });
    env.reset(rng(0));
    expect(() => env.step(emptyActions(env.groups, 1))).toThrow(message);
  });

  it('names reset when reset is wrong', () => {
    const env = vectorize(() => scripted(duo, [{ seen: { left: { a: [1] }, right: {} } }]), { numEnvs: 3 });
    expect(() => env.reset(rng(0))).toThrow(
      "vectorize: 'reset' of environment 0, group 'left', agent 'a': observation:",
    );
  });

  it('terminated and truncated must be booleans', () => {
    const env = vectorize(
      () => ({
        ...clock(),
        step: () => ({ observations: { agent: { agent: [0, 0] } }, rewards: { agent: { agent: 0 } } }) as never,
      }),
      { numEnvs: 1 },
    );
    env.reset(rng(0));
    expect(() => env.step(emptyActions(env.groups, 1))).toThrow(
      'expected terminated and truncated to be true or false, got nothing and nothing',
    );
  });

  it('refuses numEnvs below 1, one environment used twice, different groups, and a step before a reset', () => {
    expect(() => vectorize(() => clock(), { numEnvs: 0 })).toThrow('expected numEnvs to be an integer >= 1, got 0');
    const one = clock();
    expect(() => vectorize(() => one, { numEnvs: 2 })).toThrow(
      'expected make() to give a new environment at each call',
    );
    let size = 0;
    const growing = () => scripted({ g: { agents: ['a'], observation: box([++size]), action: discrete(2) } }, []);
    expect(() => vectorize(growing, { numEnvs: 2 })).toThrow(
      'expected the same groups in every environment, got others in environment 1',
    );
    const env = vectorize(() => clock(), { numEnvs: 1 });
    expect(() => env.step(emptyActions(env.groups, 1))).toThrow('step: expected reset (or load) to be called first');
  });

  it('refuses a number in place of ids', () => {
    const counted = () => scripted({ g: { agents: 2 as never, observation: box([1]), action: discrete(2) } }, []);
    expect(() => vectorize(counted, { numEnvs: 1 })).toThrow(
      "vectorize: group 'g': expected agents to be ids or { max }, got 2",
    );
  });

  it('who is forgotten at the reset is dead', () => {
    const forgetting = () =>
      scripted(duo, [{ seen: { left: { a: good.left.a }, right: good.right } }, { seen: good, rewards: paid }]);
    const env = vectorize(forgetting, { numEnvs: 1 });
    env.reset(rng(0));
    expect(() => env.step(emptyActions(env.groups, 1))).toThrow(
      `${from}, group 'left', agent 'b': expected no observation, because there was none the step before`,
    );
  });
});

describe('vectorize: the rest of the contract', () => {
  it('draws the environment asked for, and closes all of them', () => {
    let [made, closed] = [0, 0];
    const env = vectorize(
      () => {
        const own = made++;
        return {
          ...clock(),
          render: () => ({ view: { left: own, bottom: 0, width: 1, height: 1 }, shapes: [] }),
          close: () => void closed++,
        };
      },
      { numEnvs: 3 },
    );
    expect(env.render!(2).view.left).toBe(2);
    expect(() => env.render!(3)).toThrow('expected an environment in [0, 3), got 3');
    env.close!();
    expect(closed).toBe(3);
    expect(vectorize(() => clock(), { numEnvs: 1 }).render).toBeUndefined();
    expect(vectorize(() => clock(), { numEnvs: 1 }).save).toBeUndefined();
  });

  /** A herd whose births, deaths, masks and state come from the stream that reset was given. */
  const wild = () => {
    const groups = { herd: { agents: { max: 4 }, observation: box([2]), action: discrete(3) } } as const;
    let stream: Rng;
    let living: Record<string, number> = {};
    let born = 0;
    let t = 0;
    const observations = () => ({
      herd: Object.fromEntries(Object.entries(living).map(([id, x]) => [id, [x, stream.uniform()]])),
    });
    return defineEnv({
      groups,
      stateSpace: box([1]),
      reset(r) {
        stream = r;
        born = 2;
        t = 0;
        living = { s0: r.uniform(), s1: r.uniform() };
        return observations();
      },
      step({ herd }) {
        t += 1;
        const before = Object.keys(living);
        for (const id of before) {
          if (stream.uniform() < 0.3) delete living[id];
          else living[id]! += herd[id]!;
        }
        if (before.length < 4 && stream.uniform() < 0.6) living[`s${born++}`] = stream.uniform();
        const rewards = { herd: Object.fromEntries(before.map((id) => [id, stream.normal()])) };
        return {
          observations: observations(),
          rewards,
          terminated: Object.keys(living).length === 0,
          truncated: t === 7,
        };
      },
      legal: () => ({ herd: Object.fromEntries(Object.keys(living).map((id) => [id, [1, t % 2, 1]])) }),
      state: () => [t],
      save: () => ({ living: { ...living }, born, t }),
      load(saved) {
        const from = saved as { living: Record<string, number>; born: number; t: number };
        living = { ...from.living };
        ({ born, t } = from);
      },
    });
  };
  const everything = (step: object) => structuredClone(JSON.parse(JSON.stringify(step)) as unknown);

  it('save and load continue bit for bit in the middle of episodes, in another VecEnv too', () => {
    const numEnvs = 3;
    const act = rng(3);
    const actions = Array.from({ length: 40 }, () => {
      const one = emptyActions(wild().groups, numEnvs);
      one.herd.data.forEach((_, i, all) => (all[i] = 2 * act.int(2))); // both are always permitted
      return one;
    });
    const env = vectorize(wild, { numEnvs });
    env.reset(rng(11));
    for (const one of actions.slice(0, 10)) env.step(one);
    const saved = structuredClone(env.save!());
    const expected = actions.slice(10).map((one) => everything(env.step(one)));
    const other = vectorize(wild, { numEnvs });
    for (const resumed of [other, env]) {
      const current = resumed.load!(saved);
      expect(current.herd.observation.shape).toEqual([3, 4, 2]);
      expect(actions.slice(10).map((one) => everything(resumed.step(one)))).toEqual(expected);
    }
    expect(() => vectorize(wild, { numEnvs: 2 }).load!(saved)).toThrow(
      'expected what save of 2 environments gave, got 3 environments',
    );
    expect(() => other.load!({})).toThrow('expected what save of 3 environments gave, got an empty object');
  });
});

describe('what is no environment', () => {
  const world = () =>
    defineSingleAgentEnv({
      observation: box([1]),
      action: discrete(2),
      reset: () => [0],
      step: () => ({ observation: [0], reward: 0, terminated: false, truncated: true }),
    });
  const played = (wrong: object) => () => {
    const env = vectorize(() => ({ ...world(), ...wrong }), { numEnvs: 1 });
    env.reset(rng(0));
    env.step(emptyActions(env.groups, 1));
  };

  it.each([
    [
      'a world instead of a function',
      () => vectorize(world() as never, { numEnvs: 1 }),
      'expected a function that makes',
    ],
    ['no reset', played({ reset: undefined }), "expected environment 0 to have a function 'reset', got nothing"],
    [
      'reset without an answer',
      played({ reset: () => undefined }),
      "'reset' of environment 0: expected observations, got",
    ],
    [
      'reset in its own time',
      played({ reset: () => Promise.resolve({}) }),
      'got a promise (environments answer at once)',
    ],
    ['step without an answer', played({ step: () => undefined }), 'rewards, terminated, truncated }, got nothing'],
    [
      'step in its own time',
      played({ step: () => Promise.resolve({}) }),
      'got a promise (environments answer at once)',
    ],
  ])('is refused: %s', (_, use, message) => {
    expect(use).toThrow(message);
  });
});
