import {
  assertEnv,
  checkEnv,
  copyInto,
  emptyActions,
  rng,
  type GroupAction,
  type Groups,
  type JointObservation,
  type VecEnv,
  type VecStep,
} from '@troupe/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parallel, type ParallelEnv } from '../src/index.js';
import { threaded } from './threads.js';
import { makeFragile, makeGathering, makeHerd, makeLater, makeTag, makeUneven } from './worlds.js';

const here = new URL('./worlds.js', import.meta.url);

const numbersOf = (frame: JointObservation<Groups>): unknown =>
  Object.entries(frame).map(([name, { observation, active, legal, state }]) => [
    name,
    [observation, active, legal, state].map((view) => {
      if (view === undefined) return null;
      const out = new Float32Array(view.size);
      copyInto(out, 0, view);
      return [view.shape, ...out];
    }),
  ]);
const stepInNumbers = ({ next, current, reward, discount, last }: VecStep<Groups>): unknown => [
  numbersOf(next),
  numbersOf(current),
  ...[reward, discount].map((views) => Object.values(views).map(({ data }) => [...data])),
  [...last],
];

/** Everything that happens in some steps under seeded actions. */
const story = async <G extends Groups>(
  env: VecEnv<G>,
  steps: number,
  begin?: JointObservation<G>,
): Promise<unknown[]> => {
  const stream = rng(3);
  const actions = emptyActions(env.groups, env.numEnvs);
  const told: unknown[] = [numbersOf(begin ?? (await env.reset(rng(1))))];
  for (let t = 0; t < steps; t++) {
    for (const { data, shape } of Object.values<GroupAction>(actions)) {
      // Choices 0 and 2 are always legal; real actions are within [-1, 1].
      for (let k = 0; k < data.length; k++) data[k] = shape.length > 2 ? stream.uniform() * 2 - 1 : 2 * stream.int(2);
    }
    told.push(stepInNumbers(await env.step(actions)));
  }
  return told;
};

const opened: ParallelEnv<Groups>[] = [];
const open = async <E extends ParallelEnv<Groups>>(env: Promise<E>): Promise<E> => {
  opened.push(await env);
  return env;
};
afterAll(() => opened.forEach((env) => env.close()));

describe('parallel', () => {
  it.each([1, 2, 3])('gives the bits of one thread with %i workers: masks, deaths, state', async (workers) => {
    const expected = await story(makeGathering({ numEnvs: 7, length: 5 }), 40);
    const env = await open(threaded(makeGathering, { numEnvs: 7, workers, settings: { length: 5 } }));
    expect(await story(env, 40)).toEqual(expected);
    // A second reset draws other children of the same stream in both.
    expect(await story(env, 10)).toEqual(await story(makeGathering({ numEnvs: 7, length: 5 }), 10));
  });

  it.each([
    ['the particle world', makeTag],
    ['a population', makeHerd],
  ] as const)('gives the bits of one thread: %s', async (_, make) => {
    const env = await open(threaded(make, { numEnvs: 5, workers: 2 }));
    expect(await story(env, 20)).toEqual(await story(make({ numEnvs: 5 }), 20));
    const stream = rng(1);
    const [first, second] = [stream, stream].map((one) => JSON.stringify(numbersOf(env.reset(one))));
    expect(first).not.toBe(second);
  });

  it('continues from what was saved, in another copy', async () => {
    const settings = { numEnvs: 4, workers: 2 };
    const [env, other] = await Promise.all([1, 2].map(() => open(threaded(makeTag, settings))));
    await story(env!, 10);
    const saved = structuredClone(env!.save!());
    const expected = await story(env!, 20, env!.load!(saved));
    expect(await story(other!, 20, other!.load!(saved))).toEqual(expected);
    expect(() => other!.load!(makeTag({ numEnvs: 4 }).reset(rng(1)))).toThrow('what save of 2 + 2 environments gave');
  });

  it('draws every environment', async () => {
    const env = await open(threaded(makeTag, { numEnvs: 5, workers: 2 }));
    const alone = makeTag({ numEnvs: 5 });
    env.reset(rng(1));
    alone.reset(rng(1));
    for (let e = 0; e < 5; e++) expect(env.render!(e)).toEqual(alone.render!(e));
    expect(() => env.render!(5)).toThrow('expected an environment in [0, 5), got 5');
  });

  it('refuses actions of a wrong shape before anything moves', async () => {
    const env = await open(threaded(makeTag, { numEnvs: 2, workers: 2 }));
    expect(() => env.step(emptyActions(env.groups, 2))).toThrow('expected reset or load first');
    env.reset(rng(1));
    expect(() => env.step(emptyActions(env.groups, 3))).toThrow(
      "step: group 'adversaries': expected actions [2, 3], got [3, 3]",
    );
    env.step(emptyActions(env.groups, 2));
  });
});

describe('the contract', () => {
  const copies: ParallelEnv<Groups>[] = [];
  beforeAll(async () => {
    for (let k = 0; k < 14; k++) copies.push(await threaded(makeGathering, { numEnvs: 2, workers: 2 }));
  }, 120_000);
  afterAll(() => copies.forEach((env) => env.close()));

  it('is kept', async () => {
    await assertEnv(() => copies.pop()!);
  });

  it('is what is checked: a share that is left behind is found', async () => {
    const env = await open(threaded(makeGathering, { numEnvs: 2, workers: 2 }));
    const late = {
      ...env,
      step: (actions: Parameters<typeof env.step>[0]) => {
        const step = env.step(actions);
        return { ...step, last: step.last.map((last, e) => (e === 1 ? 0 : last)) };
      },
    };
    expect(await checkEnv(late)).not.toEqual([]);
  });
});

describe('what goes wrong in a worker', () => {
  it('is thrown as an error of the same kind, and is over after reset', async () => {
    const env = await open(threaded(makeFragile, { numEnvs: 3, workers: 2, settings: { at: 'step' } }));
    const actions = emptyActions(env.groups, 3);
    env.reset(rng(1));
    env.step(actions);
    let caught: unknown;
    try {
      env.step(actions);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(TypeError);
    expect((caught as Error).message).toContain('tired of stepping');
    expect(() => env.step(actions)).toThrow('expected reset or load first, after an error');
    env.reset(rng(1));
    env.step(actions);
  });

  it('says where: the worker, its environments, the stack there', async () => {
    const env = await open(threaded(makeTag, { numEnvs: 4, workers: 2 }));
    env.reset(rng(1));
    const actions = emptyActions(env.groups, 4);
    actions.good!.data[3] = 9;
    let caught: unknown;
    try {
      env.step(actions);
    } catch (error) {
      caught = error;
    }
    expect(caught).toBeInstanceOf(RangeError);
    expect((caught as Error).message).toMatch(
      /^parallel: worker 1, environments 2 to 3 .*: step: group 'good', agent 'agent_0', environment 1: expected an integer in \[0, 5\), got 9$/,
    );
    expect(((caught as Error).cause as Error).stack).toMatch(/actions\.[jt]s:\d+/);
  });

  it('is told when the environments cannot be made', async () => {
    const two = { numEnvs: 2, workers: 2 };
    const failing: readonly (readonly [() => Promise<unknown>, string])[] = [
      [() => threaded(makeFragile, { numEnvs: 2, workers: 2, settings: { at: 'make' } }), 'no room for one'],
      [() => threaded(makeFragile, { numEnvs: 4, workers: 3, settings: { at: 'make' } }), 'no room for one'],
      [() => threaded(makeTag, { ...two, exportName: 'makeTags' }), "a function 'makeTags', got exports: makeF"],
      [() => threaded(makeTag, { ...two, exportName: 'notAFunction' }), "a function 'notAFunction'"],
      [() => threaded(makeUneven, { numEnvs: 3, workers: 2 }), 'environments as in the thread that asked'],
      [() => parallel(makeTag, { ...two, from: new URL('./nowhere.js', here) }), 'nowhere.js'],
    ];
    for (const [made, message] of failing) await expect(made()).rejects.toThrow(message);
  });

  it('is told when it does not answer', async () => {
    const settings = { at: 'hang' } as const;
    const env = await threaded(makeFragile, { numEnvs: 3, workers: 2, settings, timeout: 500 });
    env.reset(rng(1));
    expect(() => env.step(emptyActions(env.groups, 3))).toThrow(/^parallel: worker 1, .*: no answer within 500 ms/);
    expect(() => env.reset(rng(1))).toThrow('expected nothing but close after a worker did not answer');
    env.close();
  });

  it('is told when worlds answer later', async () => {
    const env = await open(threaded(makeLater, { numEnvs: 2, workers: 2 }));
    env.reset(rng(1));
    expect(() => env.step(emptyActions(env.groups, 2))).toThrow("expected 'step' to answer at once, got a promise");
  });
});

describe('the end', () => {
  it('comes with close, and only once', async () => {
    const env = await threaded(makeTag, { numEnvs: 2, workers: 2 });
    env.reset(rng(1));
    env.close();
    env.close();
    expect(() => env.reset(rng(1))).toThrow('expected an open environment, got a closed one');
    expect(() => env.step(emptyActions(env.groups, 2))).toThrow('expected an open environment, got a closed one');
  });
});

it.each([
  [{ numEnvs: 0 }, 'expected numEnvs to be an integer >= 1, got 0'],
  [{ numEnvs: 2, workers: 3 }, 'expected workers to be an integer in [1, 2], got 3'],
  [{ numEnvs: 2, workers: 1.5 }, 'expected workers to be an integer in [1, 2], got 1.5'],
  [{ numEnvs: 2, timeout: 0 }, 'expected timeout > 0, got 0'],
  [{ numEnvs: 2, from: './worlds.js' }, "expected 'from' to be a URL such as"],
])('refuses %o', async (options, message) => {
  await expect(parallel(makeTag, { from: here, ...options })).rejects.toThrow(message);
});

it('refuses functions without a name', async () => {
  const maker = (() => makeTag)();
  const nameless = [({ numEnvs }: { numEnvs: number }) => maker({ numEnvs })][0]!;
  await expect(parallel(nameless, { from: here, numEnvs: 2 })).rejects.toThrow(
    "expected a named function or 'exportName'",
  );
});
