import * as tf from '@tensorflow/tfjs-core';
import type { Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import {
  actingPolicy,
  box,
  discrete,
  epsilonGreedy,
  gaussianNoise,
  hybrid,
  linearSchedule,
  multiDiscrete,
  ornsteinUhlenbeckNoise,
  outputSizeOf,
  rng,
  stochasticHeadOf,
  type Acting,
  type ActingInput,
  type Explore,
  type Group,
  type GroupObservation,
  type Space,
} from '../src/index.js';

const clock = { steps: 0, total: 100 };
const groupOf = <A extends Space>(action: A, n = 1) => ({
  agents: Array.from({ length: n }, (_, i) => `a${i}`) as readonly string[],
  observation: box([1]),
  action,
});
const seen = (numEnvs: number, n = 1, legal?: readonly number[]): GroupObservation => ({
  observation: ndarray(new Float32Array(numEnvs * n).fill(1), [numEnvs, n, 1]),
  active: ndarray(new Uint8Array(numEnvs * n).fill(1), [numEnvs, n]),
  ...(legal && { legal: ndarray(Uint8Array.from(legal), [numEnvs, n, legal.length / (numEnvs * n)]) }),
});
const rowsOf = (x: tf.Tensor): [number, number] => [x.shape[0], x.shape[1]!];

/** Puts out θ for every agent. */
const constant = (group: Group, theta: readonly number[], squash: boolean): Acting => {
  const head = stochasticHeadOf(group.action, { squash });
  return {
    head,
    theta: ndarray(Float32Array.from(theta), [theta.length]),
    step: (carry, input) => ({
      carry,
      output: { output: tf.add(tf.zeros([...rowsOf(input.observation), outputSizeOf(head)]), input.theta) },
    }),
  };
};
const logNormal = (x: number, mean: number, sd: number): number =>
  -0.5 * ((x - mean) / sd) ** 2 - Math.log(sd) - 0.5 * Math.log(2 * Math.PI);

describe.each(runtimes)('a stochastic policy, %s', (_name, runtime) => {
  const policyOf = (group: Group, theta: readonly number[], squash: boolean, mode: 'explore' | 'exploit') =>
    actingPolicy({
      runtime,
      name: 'test',
      group,
      mode,
      state: 0,
      acting: () => constant(group, theta, squash),
      remember: true,
    });

  it('draws normal numbers, clips them to the bounds, and remembers what it drew', async () => {
    const policy = policyOf(groupOf(box([2], { low: -1, high: 1 })), [0.5, -2, Math.log(0.1), 0], false, 'explore');
    const { action, extras } = await policy.act(seen(4000), rng(0), clock);
    const drawn = extras!['drawn']!;
    const column = (i: number) => Array.from({ length: 4000 }, (_, e) => drawn.get(e, 0, i));
    const mean = (xs: readonly number[]) => xs.reduce((a, b) => a + b) / xs.length;
    expect(mean(column(0))).toBeCloseTo(0.5, 2); // standard error 0.0016
    expect(Math.abs(mean(column(1)) + 2)).toBeLessThan(0.06); // standard error 0.016
    for (let e = 0; e < 50; e++) {
      const [x, y] = [drawn.get(e, 0, 0), drawn.get(e, 0, 1)];
      expect(action.get(e, 0, 0)).toBe(Math.min(1, x));
      expect(action.get(e, 0, 1)).toBe(Math.max(-1, Math.min(1, y)));
      expect(extras!['logProb']!.get(e, 0)).toBeCloseTo(logNormal(x, 0.5, 0.1) + logNormal(y, -2, 1), 4);
    }
  });

  it('squashes into the bounds, with the density in the units of [-1, 1]', async () => {
    const policy = policyOf(groupOf(box([1], { low: 2, high: 6 })), [0.2, Math.log(0.3)], true, 'explore');
    const { action, extras } = await policy.act(seen(50), rng(1), clock);
    for (let e = 0; e < 50; e++) {
      const x = extras!['drawn']!.get(e, 0, 0);
      const a = Math.tanh(x);
      expect(action.get(e, 0, 0)).toBeCloseTo(4 + 2 * a, 5);
      expect(extras!['logProb']!.get(e, 0)).toBeCloseTo(logNormal(x, 0.2, 0.3) - Math.log(1 - a * a), 4);
    }
  });

  it('gives the log-probability of choices, over the legal ones, and adds up the parts', async () => {
    const group = groupOf(hybrid(box([1]), multiDiscrete(2, 3)));
    const policy = policyOf(group, [0, 0, Math.log(3), 0, 5, 0, Math.log(4)], false, 'explore');
    const { action, extras } = await policy.act(seen(1, 1, [1, 1, 0, 1, 1]), rng(2), clock);
    const [x, first, second] = [0, 1, 2].map((i) => action.get(0, 0, i)) as [number, number, number];
    expect(second).not.toBe(0);
    // 3/4 and 1/4; then 1/5 and 4/5 of what is legal
    const expected = logNormal(x, 0, 1) + Math.log([0.75, 0.25][first]!) + Math.log([0, 0.2, 0.8][second]!);
    expect(extras!['logProb']!.get(0, 0)).toBeCloseTo(expected, 5);
  });

  it('takes means when it exploits, and remembers nothing', async () => {
    const policy = policyOf(groupOf(box([1], { low: 2, high: 6 })), [0.2, 0], true, 'exploit');
    const { action, extras } = await policy.act(seen(1), rng(0), clock);
    expect(action.get(0, 0, 0)).toBeCloseTo(4 + 2 * Math.tanh(0.2), 5);
    expect(extras).toBeUndefined();
  });
});

describe('stochasticHeadOf', () => {
  it('refuses to squash into bounds that are not finite', () => {
    expect(() => stochasticHeadOf(box([2], { low: [-1, -Infinity], high: 1 }), { squash: true })).toThrow(/finite/);
  });
});

describe.each(runtimes)('a policy with memory, %s', (_name, runtime) => {
  /** Counts the steps of each episode in its memory, and acts as many. */
  const counter: Acting = {
    head: stochasticHeadOf(box([1]), { squash: false }),
    theta: ndarray(new Float32Array(1), [1]),
    memory: 1,
    step: (carry, { observation, memory }) => {
      const next = tf.add(memory!, observation);
      return { carry, output: { output: tf.concat([next, tf.fill(next.shape, -20)], 2), memory: next } };
    },
  };
  const make = () =>
    actingPolicy({
      runtime,
      name: 'counter',
      group: groupOf(box([1]), 2),
      mode: 'explore',
      state: 0,
      acting: () => counter,
      remember: true,
    });

  it('begins at zero in every episode, outlives updates, and hands on the memory before the step', async () => {
    const policy = make();
    policy.begin?.(new Uint8Array([1, 1]));
    const act = async () => {
      const { action, extras } = await policy.act(seen(2, 2), rng(0), clock);
      return [[...action.data].map(Math.round), [...extras!['memory']!.data]];
    };
    expect(await act()).toEqual([
      [1, 1, 1, 1],
      [0, 0, 0, 0],
    ]);
    policy.update?.(1);
    expect((await act())[1]).toEqual([1, 1, 1, 1]);
    policy.begin?.(new Uint8Array([0, 1]));
    expect(await act()).toEqual([
      [3, 3, 1, 1],
      [2, 2, 0, 0],
    ]);
  });

  it('is saved and loaded', async () => {
    const policy = make();
    await policy.act(seen(2, 2), rng(0), clock);
    const saved = structuredClone(policy.save!());
    await policy.act(seen(2, 2), rng(0), clock);
    const other = make();
    other.load!(saved);
    const { action } = await other.act(seen(2, 2), rng(0), clock);
    expect([...action.data].map(Math.round)).toEqual([2, 2, 2, 2]);
  });
});

describe.each(runtimes)('a policy whose step wants noise, %s', (_name, runtime) => {
  const noisy = (always: boolean): Acting => ({
    head: [{ kind: 'real', low: [-9], high: [9] }],
    theta: ndarray(new Float32Array(1), [1]),
    noise: { shape: (numEnvs) => ({ kind: 'normal', shape: [numEnvs] }), always },
    step: (carry, { observation, noise }: ActingInput) => ({
      carry,
      output: { output: tf.add(tf.zerosLike(observation), tf.reshape(noise!, [-1, 1, 1])) },
    }),
  });
  const acts = async (always: boolean, mode: 'explore' | 'exploit') => {
    const group = groupOf(box([1], { low: -9, high: 9 }));
    const policy = actingPolicy({ runtime, name: 'noisy', group, mode, state: 0, acting: () => noisy(always) });
    const { action } = await policy.act(seen(3), rng(5), clock);
    return [...action.data];
  };

  it('gets it while exploring, and otherwise zeros unless it always wants it', async () => {
    const expected = [...rng(5).fillNormal(new Float32Array(3))];
    expect(await acts(false, 'explore')).toEqual(expected);
    expect(await acts(false, 'exploit')).toEqual([0, 0, 0]);
    expect(await acts(true, 'exploit')).toEqual(expected);
  });
});

describe('epsilonGreedy', () => {
  it('replaces each choice with probability ε by a uniform legal one', () => {
    const group = groupOf(multiDiscrete(2, 3), 2);
    const explore = epsilonGreedy(group, linearSchedule(1, 0.5, 0.5));
    const numEnvs = 4000;
    const legal = Uint8Array.from({ length: numEnvs * 10 }, (_, i) => [1, 1, 1, 0, 1][i % 5]!);
    const act = (steps: number) => {
      const action = new Int32Array(numEnvs * 4).fill(7);
      explore.perturb(action, numEnvs, legal, rng(3), { steps, total: 100 });
      return (part: number, value: number) =>
        action.filter((a, i) => i % 2 === part && a === value).length / (numEnvs * 2);
    };
    const all = act(0);
    expect(all(0, 7)).toBe(0);
    // deviations of about 0.0056
    expect(Math.abs(all(0, 0) - 0.5)).toBeLessThan(0.02);
    expect(all(1, 1)).toBe(0);
    expect(Math.abs(all(1, 2) - 0.5)).toBeLessThan(0.02);
    for (const steps of [50, 90]) expect(Math.abs(act(steps)(1, 7) - 0.5)).toBeLessThan(0.02);
  });

  it.each([
    ['without noise', 0, 1],
    ['with noise, of two agents', 3, 2],
  ])('spares the step where it replaces every choice, and draws the same as if it did not: %s', async (_, noisy, n) => {
    const group = groupOf(discrete(3), n);
    const acting: Acting = {
      ...constant(group, [1, 3, 2], false),
      ...(noisy > 0 && { noise: { shape: (numEnvs: number) => ({ kind: 'normal', shape: [numEnvs, noisy] }), always: false } }), // prettier-ignore
    };
    const played = async (change: Partial<Explore>, remember = false) => {
      let runs = 0;
      const counting: Runtime = {
        ...runtimes[0]![1],
        compile: (...given) => {
          const compiled = runtimes[0]![1].compile(...given);
          return { ...compiled, run: (...input) => ((runs += 1), compiled.run(...input)) };
        },
      };
      const explore = { ...epsilonGreedy(group, () => 0.5), ...change };
      const policy = actingPolicy({ runtime: counting, name: 'test', group, mode: 'explore', state: 0, acting: () => acting, choosing: 'mode', explore, remember }); // prettier-ignore
      const stream = rng(4);
      const actions: number[] = [];
      for (let t = 0; t < 400; t++) actions.push(...(await policy.act(seen(1, n), stream, clock)).action.data);
      return { actions, runs, next: stream.uniform() };
    };
    const [spared, all] = [await played({}), await played({ replaces: undefined as never })];
    expect(all.runs).toBe(400);
    // ½ of the steps for one agent, ¼ for two; deviations of about 10
    expect(Math.abs(spared.runs - 400 * (1 - 0.5 ** n))).toBeLessThan(40);
    expect(spared.actions).toEqual(all.actions);
    expect(spared.next).toBe(all.next);
    expect((await played({}, true)).runs).toBe(400); // log-probabilities are wanted of every choice
  });

  it('refuses real numbers', () => {
    expect(() => epsilonGreedy(groupOf(box([1])), () => 0)).toThrow(
      'epsilonGreedy: expected an action of choices alone, got box',
    );
  });
});

describe('noise on real numbers', () => {
  const group = groupOf(box([1], { low: 0, high: 4 }));

  it('is in half ranges and stays within the bounds', () => {
    const action = new Float32Array(4000).fill(2);
    gaussianNoise(group, () => 0.25).perturb(action, 4000, undefined, rng(0), clock);
    const deviation = Math.sqrt(action.reduce((sum, a) => sum + (a - 2) ** 2, 0) / 4000);
    expect(Math.abs(deviation - 0.5)).toBeLessThan(0.02);
    gaussianNoise(group, () => 100).perturb(action, 4000, undefined, rng(0), clock);
    expect(action.every((a) => a >= 0 && a <= 4)).toBe(true);
  });

  it('is correlated, and at rest where an episode begins', () => {
    const explore = ornsteinUhlenbeckNoise(group, () => 0.01);
    const at = () => {
      const action = new Float32Array(2).fill(2);
      explore.perturb(action, 2, undefined, rng(1), clock); // the same draws each time
      return action.map((a) => (a - 2) / 0.02);
    };
    const [first, second] = [at(), at()];
    // x' = 0.85 x + the same increment
    expect(second[0]! / first[0]!).toBeCloseTo(1.85, 2);
    explore.begin!(new Uint8Array([1, 0]));
    const third = at();
    expect(third[0]).toBeCloseTo(first[0]!, 4);
    expect(third[1]! / first[1]!).toBeCloseTo(1 + 0.85 + 0.85 ** 2, 2);
  });
});
