import {
  box,
  defineEnv,
  defineSingleAgentEnv,
  discrete,
  evaluate,
  randomPolicy,
  rng,
  vectorize,
  type Groups,
  type Policy,
  type Scene,
  type VecEnv,
} from '@troupe/core';
import fc from 'fast-check';
import * as E from 'fp-ts/lib/Either.js';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { animateScenes, decodeRecording, record, replayRecording } from '../src/index.js';
import { shortestFloat32 } from '../src/recording.js';

const sceneOf = (x: number, y: number): Scene => ({
  view: { left: -5, bottom: -5, width: 10, height: 10 },
  shapes: [{ kind: 'circle', x, y, radius: 1, fill: 'teal' }],
});

/** Two pushers and a counter in one world with noise, whose episodes have different lengths. */
const makePush = (strength = 1) =>
  vectorize(
    () => {
      let [x, y, left] = [0, 0, 0];
      let noise = rng(0);
      const seen = () => ({ pushers: { a: [x, y], b: [y, x] }, counter: { c: [left] } });
      return defineEnv({
        groups: {
          pushers: { agents: ['a', 'b'], observation: box([2]), action: box([1], { low: -1, high: 1 }) },
          counter: { agents: ['c'], observation: box([1]), action: discrete(3) },
        },
        reset(stream) {
          noise = stream;
          [x, y, left] = [stream.normal(), stream.normal(), 3 + stream.int(6)];
          return seen();
        },
        step({ pushers, counter }) {
          x += strength * pushers.a[0]! + 0.1 * noise.normal();
          y += strength * pushers.b[0]!;
          left -= counter.c;
          const rewards = { pushers: { a: x, b: y }, counter: { c: 1 } };
          return { observations: seen(), rewards, terminated: left <= 0, truncated: false };
        },
        render: () => sceneOf(x, y),
      });
    },
    { numEnvs: 3 },
  );
const randomOf = <G extends Groups>(env: VecEnv<G>) =>
  Object.fromEntries(Object.entries(env.groups).map(([name, group]) => [name, randomPolicy(group)])) as {
    [K in keyof G]: Policy<G[K]>;
  };

/** Remembers every scene that is there when somebody acts. */
const watched = <G extends Groups>(env: VecEnv<G>) => {
  const seen: Scene[][] = Array.from({ length: env.numEnvs }, () => []);
  const step: VecEnv<G>['step'] = (actions) => {
    seen.forEach((scenes, e) => scenes.push(env.render!(e)));
    return env.step(actions);
  };
  return { seen, env: { ...env, step } };
};

describe('record and replay', () => {
  it.each([1, 2, 3])('give the scenes of the recording bit for bit, seed %i', async (seed) => {
    const { seen, env } = watched(makePush());
    const recording = await record(env, randomOf(env), { seed, episodes: 7 });
    const episodes = await replayRecording(makePush(), recording);
    expect(episodes.length).toBe(7);
    expect(new Set(episodes.map(({ length }) => length)).size).toBeGreaterThan(1);
    for (const { env: e, length, scenes } of episodes) {
      expect(scenes.length).toBe(length);
      expect(scenes).toStrictEqual(seen[e]!.splice(0, length));
    }
  });

  it('survive JSON', async () => {
    const env = makePush();
    const recording = await record(env, randomOf(env), { seed: 5, episodes: 4 });
    const read = decodeRecording(JSON.parse(JSON.stringify(recording)));
    expect(read).toStrictEqual(E.right(recording));
    expect(await replayRecording(makePush(), recording)).toStrictEqual(await replayRecording(makePush(), recording));
  });

  it('play the episodes that evaluate plays with the same seed', async () => {
    const env = makePush();
    const policies = randomOf(env);
    const { episodes } = await record(env, policies, { seed: 9, episodes: 5 });
    const evaluation = await evaluate({ env, policies, rng: rng(9), episodes: 5 });
    expect(evaluation.episodes).toStrictEqual(episodes);
  });

  it('give what animateScenes takes', async () => {
    const env = makePush();
    const episodes = await replayRecording(env, await record(env, randomOf(env), { seed: 1, episodes: 2 }));
    const caption = ({ returns }: (typeof episodes)[number]): string => `return ${returns.pushers.toFixed(1)}`;
    const svg = animateScenes(episodes.map((episode) => ({ scenes: episode.scenes, caption: caption(episode) })));
    expect(svg).toContain(`return ${episodes[1]!.returns.pushers.toFixed(1)}`);
  });

  it('read actions through strides and keep what the environment was given', async () => {
    const taken: number[] = [];
    const make = () =>
      vectorize(
        () =>
          defineSingleAgentEnv({
            observation: box([1]),
            action: box([2]),
            reset: () => [0],
            step(action) {
              taken.push(...action);
              return { observation: [0], reward: action[1]!, terminated: true, truncated: false };
            },
            render: () => sceneOf(0, 0),
          }),
        { numEnvs: 2 },
      );
    // [E, N, 2] seen through a transposed memory: environment e does [e, −0].
    const action = ndarray(new Float32Array([0, 1, -0, -0]), [2, 1, 2], [1, 2, 2]);
    const recording = await record(make(), { agent: { act: () => ({ action }) } }, { seed: 1, episodes: 2 });
    expect(recording.actions).toStrictEqual([{ agent: [0, 0, 1, 0] }]);
    expect(taken.splice(0)).toStrictEqual([0, 0, 1, 0]);
    await replayRecording(make(), recording);
    expect(taken).toStrictEqual([0, 0, 1, 0]);
  });
});

describe('replay', () => {
  const recorded = async () => {
    const env = makePush();
    return record(env, randomOf(env), { seed: 1, episodes: 3 });
  };
  const other = (render: boolean, agents: readonly string[] = ['a']) =>
    vectorize(
      () =>
        defineEnv({
          groups: { pushers: { agents, observation: box([2]), action: discrete(2) } },
          reset: () => ({ pushers: Object.fromEntries(agents.map((id) => [id, [0, 0]])) }),
          step: () => ({ observations: { pushers: {} }, rewards: { pushers: {} }, terminated: true, truncated: false }),
          ...(render && { render: () => sceneOf(0, 0) }),
        }),
      { numEnvs: 3 },
    );

  it('refuses an environment that cannot draw itself', async () => {
    await expect(replayRecording(other(false), await recorded())).rejects.toThrow(
      /replayRecording: expected an environment with 'render'/,
    );
  });

  it('refuses other groups, and says how they differ', async () => {
    await expect(replayRecording(other(true), await recorded())).rejects.toThrow(
      "replayRecording: expected group 'pushers' as recorded: 2 agents (a, b) seeing box(2), acting in box(1); " +
        'the environment has: 1 agents (a) seeing box(2), acting in discrete(2)',
    );
  });

  it('refuses another number of environments', async () => {
    const recording = { ...(await recorded()), numEnvs: 2 };
    await expect(replayRecording(makePush(), recording)).rejects.toThrow(/expected 2 environments as recorded, got 3/);
  });

  it('refuses an environment in which the same actions lead elsewhere', async () => {
    await expect(replayRecording(makePush(2), await recorded())).rejects.toThrow(
      /return of 'pushers' .* in episode 0 as recorded/,
    );
  });

  it('refuses a recording whose actions were cut', async () => {
    const recording = await recorded();
    const short = { ...recording, actions: recording.actions.slice(0, 1) };
    await expect(replayRecording(makePush(), short)).rejects.toThrow(
      /expected 6 numbers for group 'pushers' in step 1, got none/,
    );
  });
});

describe('record', () => {
  it.each([
    [
      'of a wrong shape',
      ndarray(new Float32Array(6), [3, 2]),
      /expected actions \[3, 2, 1\] of group 'pushers', got \[3, 2\]/,
    ],
    [
      'that are not finite',
      ndarray(new Float32Array(6).fill(NaN), [3, 2, 1]),
      /finite actions of group 'pushers', got NaN/,
    ],
  ])('refuses actions %s', async (_, action, message) => {
    const env = makePush();
    const policies = { ...randomOf(env), pushers: { act: () => ({ action }) } };
    await expect(record(env, policies, { seed: 1, episodes: 1 })).rejects.toThrow(message);
  });
});

describe('shortestFloat32', () => {
  it('is short where it can be', () => {
    expect(shortestFloat32(Math.fround(0.1))).toBe(0.1);
    expect(Object.is(shortestFloat32(-0), 0)).toBe(true);
  });

  it('means the same float32', () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const same = Math.fround(shortestFloat32(value));
        expect(same === value).toBe(true);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('decodeRecording', () => {
  const good = {
    kind: 'troupe recording',
    version: 1,
    seed: 1,
    numEnvs: 1,
    groups: { agent: 'one' },
    stream: { key: [1, 2, 3, 4], state: [1, 2, 3, 4], splits: 0 },
    actions: [{ agent: [1] }],
    episodes: [{ env: 0, length: 1, returns: { agent: 0 } }],
  };

  it('accepts a recording', () => {
    expect(decodeRecording(good)).toStrictEqual(E.right(good));
  });

  it.each([
    ['nothing', null, /expected an object of kind/],
    ['another file', { kind: 'checkpoint' }, /expected an object of kind/],
    ['a later version', { ...good, version: 2 }, /expected version 1, got 2/],
    ['a wrong seed', { ...good, seed: 0.5 }, /seed: expected an integer, got 0.5/],
    ['no environments', { ...good, numEnvs: 0 }, /numEnvs: expected an integer >= 1, got 0/],
    ['wrong groups', { ...good, groups: { agent: 1 } }, /groups: expected an object of texts/],
    ['no stream', { ...good, stream: {} }, /stream: expected/],
    ['actions of nobody', { ...good, actions: [{ agent: [1] }, {}] }, /finite numbers for agent in step 1/],
    ['actions that are null', { ...good, actions: [{ agent: [null] }] }, /finite numbers for agent in step 0/],
    ['no list of actions', { ...good, actions: {} }, /actions: expected a list/],
    ['episodes without length', { ...good, episodes: [{ env: 0, returns: {} }] }, /episodes: expected env, length/],
    ['episodes elsewhere', { ...good, episodes: [{ env: 1, length: 1, returns: {} }] }, /every env in \[0, 1\)/],
  ])('refuses %s', (_, input, message) => {
    const read = decodeRecording(input);
    expect(E.isLeft(read) && read.left).toMatch(message);
  });
});
