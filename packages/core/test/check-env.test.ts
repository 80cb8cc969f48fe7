import { pipe } from 'fp-ts/lib/function.js';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import {
  agentIds,
  assertEnv,
  box,
  checkEnv,
  defineEnv,
  defineSingleAgentEnv,
  discrete,
  multiDiscrete,
  repeatAction,
  shareReward,
  timeLimit,
  vectorize,
  type Actions,
  type CheckOptions,
  type Env,
  type F32,
  type JointAction,
  type JointObservation,
  type LocalVecEnv,
  type Observations,
  type Rng,
  type Rule,
  type Step,
  type U8,
  type VecStep,
} from '../src/index.js';

const groups = {
  walkers: {
    agents: ['a', 'b'],
    observation: box([2], { low: -20, high: 20 }),
    action: box([1], { low: -1, high: 1 }),
  },
  sheep: { agents: { max: 3 }, observation: box([1]), action: multiDiscrete(2, 3) },
} as const;
type G = typeof groups;

/** Walkers walk for some steps; sheep are born and die; everything optional is there. */
const meadow = (): Env<G> => {
  let stream: Rng;
  let at: Record<'a' | 'b', number> = { a: 0, b: 0 };
  let sheep: Record<string, number> = {};
  let [t, born, end] = [0, 0, 0];
  const seen = (): Observations<G> => ({
    walkers: { a: [at.a, Math.min(t, 20)], b: [at.b, Math.min(t, 20)] },
    sheep: Object.fromEntries(Object.entries(sheep).map(([id, x]) => [id, [x]])),
  });
  return {
    groups,
    stateSpace: box([2]),
    reset(r) {
      stream = r;
      [t, born, end] = [0, 1, 4 + r.int(5)];
      at = { a: r.normal(), b: r.normal() };
      sheep = { s0: r.uniform() };
      return seen();
    },
    step({ walkers, sheep: graze }): Step<G> {
      t += 1;
      for (const id of ['a', 'b'] as const) at[id] = Math.max(-20, Math.min(20, at[id] + walkers[id][0]!));
      const before = Object.keys(sheep);
      for (const id of before) {
        sheep[id]! += graze[id]![1]!;
        if (stream.uniform() < 0.2) delete sheep[id];
      }
      if (before.length < 3 && stream.uniform() < 0.5) sheep[`s${born++}`] = stream.uniform();
      return {
        observations: seen(),
        rewards: { walkers: { a: at.a, b: -at.b }, sheep: Object.fromEntries(before.map((id) => [id, 1])) },
        terminated: t === end && end % 2 === 0,
        truncated: t === end,
      };
    },
    legal: () => ({
      walkers: { a: [], b: [] },
      sheep: Object.fromEntries(Object.keys(sheep).map((id) => [id, [1, t % 2, 1, 0, 1]])),
    }),
    state: () => [at.a, at.b],
    render: () => ({
      view: { left: -20, bottom: -1, width: 40, height: 2 },
      shapes: [
        { kind: 'circle', x: at.a, y: 0, radius: 1 },
        {
          kind: 'line',
          points: [
            [0, 0],
            [at.b, 0],
          ],
          stroke: 'red',
          width: 1,
        },
      ],
    }),
    save: () => ({ at: { ...at }, sheep: { ...sheep }, counts: [t, born, end] }),
    load(saved) {
      const from = saved as { at: typeof at; sheep: typeof sheep; counts: [number, number, number] };
      at = { ...from.at };
      sheep = { ...from.sheep };
      [t, born, end] = from.counts;
    },
  };
};

/** The meadow with a step that gives something else. */
const stepping =
  (change: (step: Step<G>, actions: Actions<G>) => unknown, more: Partial<Env<G>> = {}) =>
  (): Env<G> => {
    const env = meadow();
    return { ...env, step: (actions) => change(env.step(actions), actions) as Step<G>, ...more };
  };

const chain = (length = 5) => {
  let at = 0;
  return defineSingleAgentEnv({
    observation: discrete(2 * length + 1),
    action: discrete(2),
    reset: () => (at = 0) + length,
    step: (action) => {
      at += action === 1 ? 1 : -1;
      return {
        observation: at + length,
        reward: at === length ? 1 : 0,
        terminated: Math.abs(at) === length,
        truncated: false,
      };
    },
  });
};

describe('checkEnv finds nothing wrong', () => {
  it.each<readonly [string, () => Promise<readonly unknown[]>]>([
    ['in a world with everything', () => checkEnv(meadow)],
    ['in one instance of it', () => checkEnv(meadow())],
    ['with other seeds and more episodes', () => checkEnv(meadow, { seed: 5, episodes: 20 })],
    ['in a world without randomness', () => checkEnv(() => chain())],
    ['when told so', () => checkEnv(() => chain(), { random: false })],
    [
      'in wrapped worlds',
      () => checkEnv(() => pipe(meadow(), timeLimit(3), shareReward('walkers'), agentIds('walkers'), repeatAction(2))),
    ],
    ['in many environments at once', () => checkEnv(() => vectorize(meadow, { numEnvs: 3 }))],
    ['in one vectorized instance', () => checkEnv(vectorize(meadow, { numEnvs: 3 }))],
    ['in a world without end, when told so', () => checkEnv(() => pipe(meadow(), endlessly), { endless: true })],
  ])('%s', async (_, check) => {
    expect(await check()).toEqual([]);
  });
});

/** No end of its own. */
function endlessly(env: Env<G>): Env<G> {
  return { ...env, step: (actions) => ({ ...env.step(actions), terminated: false, truncated: false }) };
}

/** The meadow of two environments, with what it hands out changed. */
const vec = (change: (env: LocalVecEnv<G>) => Partial<LocalVecEnv<G>>) => (): LocalVecEnv<G> => {
  const env = vectorize(meadow, { numEnvs: 2 });
  return { ...env, ...change(env) };
};
const vecStep = (change: (step: VecStep<G>, actions: JointAction<G>) => VecStep<G>) =>
  vec((env) => ({ step: (actions) => change(env.step(actions), actions) }));
const clone = <T>(node: T): T => {
  if (typeof node !== 'object' || node === null) return node;
  if (ArrayBuffer.isView(node)) return (node as unknown as Float32Array).slice() as T;
  if ('stride' in node) {
    const { data, shape, stride, offset } = node as unknown as ndarray.NdArray<Float32Array>;
    return ndarray(data.slice(), [...shape], [...stride], offset) as T;
  }
  return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, clone(child as unknown)])) as T;
};

let shared = 0;
const cases: readonly (readonly [Rule, string, () => Env<G> | LocalVecEnv<G>, CheckOptions?])[] = [
  ['groups', 'a group is missing', stepping((s) => ({ ...s, observations: { walkers: s.observations.walkers } }))],
  ['groups', 'a group is unknown', stepping((s) => ({ ...s, rewards: { ...s.rewards, cows: {} } }))],
  [
    'agents',
    'an id is unknown',
    stepping((s) => ({ ...s, observations: { ...s.observations, walkers: { ...s.observations.walkers, c: [0, 0] } } })),
  ],
  [
    'agents',
    'too many are born',
    stepping((s) => ({
      ...s,
      observations: { ...s.observations, sheep: { p: [0], q: [0], r: [0], s: [0] } },
      rewards: { ...s.rewards, sheep: {} },
    })),
  ],
  [
    'agents',
    'the dead of a cast come back',
    vec(() => {
      const env = vectorize(meadow, { numEnvs: 2 });
      let flip = 0;
      return {
        reset: (r) => ((flip = 0), env.reset(r)),
        step(actions) {
          const step = env.step(actions);
          flip += 1;
          for (const e of [0, 1]) {
            if (flip % 2 === 1) {
              step.discount.walkers.set(e, 0, 0);
              step.next.walkers.active.set(e, 0, 0);
              if (step.last[e] === 0) step.current.walkers.active.set(e, 0, 0);
            }
          }
          return step;
        },
      };
    }),
  ],
  [
    'observation',
    'of the wrong length',
    stepping((s) => ({ ...s, observations: { ...s.observations, walkers: { a: [1], b: [1, 1] } } })),
  ],
  [
    'observation',
    'not a number',
    stepping((s) => ({ ...s, observations: { ...s.observations, walkers: { a: [NaN, 0], b: [1, 1] } } })),
  ],
  [
    'observation',
    'not a number, in arrays',
    vecStep(
      (s) => (
        s.next.walkers.observation.set(0, 1, 0, Infinity),
        s.current.walkers.observation.set(0, 1, 0, Infinity),
        s
      ),
    ),
  ],
  [
    'bounds',
    'an observation outside of its space',
    stepping((s) => ({
      ...s,
      observations: { ...s.observations, walkers: { ...s.observations.walkers, b: [0, 20.5] } },
    })),
  ],
  [
    'bounds',
    'a state outside of its space',
    () => ({ ...meadow(), stateSpace: box([2], { low: -20, high: [20, -20] }) }),
  ],
  ['reward', 'not a number', stepping((s) => ({ ...s, rewards: { ...s.rewards, walkers: { a: NaN, b: 0 } } }))],
  ['reward', 'missing', stepping((s) => ({ ...s, rewards: { ...s.rewards, walkers: { a: 0 } } }))],
  ['reward', 'infinite, in arrays', vecStep((s) => (s.reward.walkers.set(1, 1, -Infinity), s))],
  ['ending', 'not true or false', stepping((s) => ({ ...s, truncated: 0 }))],
  [
    'legal',
    'no choice is legal',
    () => ({ ...meadow(), legal: () => ({ walkers: { a: [], b: [] }, sheep: { s0: [0, 0, 1, 1, 1] } }) }),
  ],
  [
    'legal',
    'no choice is legal, in arrays',
    vec((env) => {
      const none = new Map<object, U8>();
      const bare = (frame: JointObservation<G>): JointObservation<G> => {
        const legal = frame.sheep.legal!;
        if (!none.has(legal)) none.set(legal, ndarray(new Uint8Array(legal.size), [...legal.shape]));
        return { ...frame, sheep: { ...frame.sheep, legal: none.get(legal)! } };
      };
      return {
        step(actions) {
          const step = env.step(actions);
          return { ...step, next: bare(step.next), current: bare(step.current) };
        },
      };
    }),
  ],
  ['state', 'of the wrong length', () => ({ ...meadow(), state: () => [1] })],
  ['state', 'without its space', () => (({ stateSpace: _, ...env }) => env)(meadow())],
  [
    'state',
    'another array in each group',
    vec((env) => {
      const own = new Map<object, F32>();
      const other = (frame: JointObservation<G>): JointObservation<G> => {
        const { state } = frame.walkers;
        if (!own.has(state!)) own.set(state!, clone(state!));
        own.get(state!)!.data.set(state!.data);
        return { ...frame, sheep: { ...frame.sheep, state: own.get(state!)! } };
      };
      return {
        reset: (r) => other(env.reset(r)),
        step(actions) {
          const step = env.step(actions);
          return { ...step, next: other(step.next), current: other(step.current) };
        },
      };
    }),
  ],
  ['shapes', 'of rewards', vecStep((s) => ({ ...s, reward: { ...s.reward, sheep: s.reward.walkers } }))],
  [
    'shapes',
    'of masks',
    vecStep((s) => ({ ...s, next: { ...s.next, sheep: { ...s.next.sheep, legal: s.next.sheep.active } } })),
  ],
  ['shapes', 'of last', vecStep((s) => ({ ...s, last: [...s.last] as never }))],
  [
    'discount',
    'is a rate',
    vecStep((s) => {
      s.discount.walkers.data.forEach((x, i, all) => (all[i] = x * Math.fround(0.99)));
      return s;
    }),
  ],
  [
    'discount',
    '1 for the dead',
    vecStep((s) => {
      s.discount.sheep.data.fill(1);
      return s;
    }),
  ],
  [
    'discount',
    '0 in the middle of a life',
    vecStep((s) => {
      s.last.forEach((over, e) => over || s.discount.walkers.set(e, 1, 0));
      return s;
    }),
  ],
  [
    'current',
    'is not next while the episode goes on',
    vecStep((s) => {
      s.last.forEach((over, e) => over || s.current.walkers.observation.set(e, 0, 1, 0));
      return s;
    }),
  ],
  [
    'successor',
    'the end is hidden by the reset',
    vecStep((s) => {
      const { next, current } = s;
      s.last.forEach((over, e) => {
        if (!over) return;
        for (const name of ['walkers', 'sheep'] as const) {
          for (const key of ['observation', 'active', 'legal', 'state'] as const) {
            const [to, from] = [next[name][key], current[name][key]];
            if (!to || !from) continue;
            const size = to.size / 2;
            to.data.set(from.data.subarray(e * size, (e + 1) * size), e * size);
          }
        }
        for (const name of ['walkers', 'sheep'] as const) {
          const n = groups[name] === groups.sheep ? 3 : 2;
          for (let k = 0; k < n; k++) if (next[name].active.get(e, k) === 0) s.discount[name].set(e, k, 0);
        }
      });
      return s;
    }),
  ],
  [
    'two sets',
    'one set, written again by the next step',
    vec((env) => {
      let own: VecStep<G> | undefined;
      return {
        step(actions) {
          const step = env.step(actions);
          own ??= clone(step);
          const copy = (from: unknown, to: unknown): void => {
            if (ArrayBuffer.isView(from)) (to as Float32Array).set(from as Float32Array);
            else if ('stride' in (from as object))
              copy((from as { data: unknown }).data, (to as { data: unknown }).data);
            else
              for (const [key, child] of Object.entries(from as object))
                copy(child, (to as Record<string, unknown>)[key]);
          };
          copy(step, own);
          for (const frame of [own.next, own.current]) Object.assign(frame.sheep, { state: frame.walkers.state });
          return own;
        },
      };
    }),
  ],
  [
    'two sets',
    'new arrays at each step',
    vecStep((s) => {
      const made = clone(s);
      for (const frame of [made.next, made.current]) Object.assign(frame.sheep, { state: frame.walkers.state });
      return made;
    }),
  ],
  [
    'extreme actions',
    'it cannot take the highest',
    stepping((s, { walkers }) => {
      if (walkers.a[0] === 1) throw new Error('arms too short');
      return s;
    }),
  ],
  [
    'extreme actions',
    'the lowest gives nonsense',
    stepping((s, { walkers }) => ({ ...s, rewards: { ...s.rewards, walkers: { a: 1 / (walkers.a[0]! + 1), b: 0 } } })),
  ],
  ['mutates actions', 'it clips in place', stepping((s, { walkers }) => ((walkers.a[0] = 0.5), s))],
  ['mutates actions', 'it clips in place, in arrays', vecStep((s, actions) => (actions.walkers.data.fill(0.5), s))],
  [
    'keeps actions',
    'it remembers the array',
    () => {
      let before: Float32Array | undefined;
      const env = stepping((s, { walkers }) => {
        const reward = before?.[0] ?? 0;
        before = walkers.a;
        return { ...s, rewards: { ...s.rewards, walkers: { a: reward, b: 0 } } };
      })();
      return (({ save: _s, load: _l, ...bare }) => ({ ...bare, reset: (r) => ((before = undefined), env.reset(r)) }))(
        env,
      );
    },
  ],
  [
    'keeps actions',
    'it remembers the array, in arrays',
    () => {
      const env = vectorize(meadow, { numEnvs: 2 });
      let before: JointAction<G> | undefined;
      const { save: _s, load: _l, ...bare } = env;
      return {
        ...bare,
        reset: (r) => ((before = undefined), env.reset(r)),
        step(actions: JointAction<G>) {
          const step = env.step(actions);
          step.reward.walkers.set(0, 0, before?.walkers.get(0, 0, 0) ?? 0);
          before = actions;
          return step;
        },
      };
    },
  ],
  [
    'strided actions',
    'it reads memory, not views',
    vec((env) => ({
      step(actions) {
        const { walkers, sheep } = actions;
        return env.step({
          walkers: ndarray(walkers.data.slice(0, 4), [2, 2, 1]),
          sheep:
            walkers.shape[1] === 2
              ? ndarray(
                  sheep.data.slice(0, 12).map((x, i) => (i % 2 === 1 && x > 1 ? 2 : 0)), // choices that are always permitted
                  [2, 3, 2],
                )
              : sheep,
        });
      },
    })),
  ],
  [
    'wrong actions',
    'it takes what does not fit',
    vec((env) => ({
      step: (actions) =>
        env.step(
          actions.walkers.shape[1] === 2
            ? actions
            : { walkers: actions.walkers.hi(2, 2, 1), sheep: actions.sheep.hi(2, 3, 2) },
        ),
    })),
  ],
  [
    'throws',
    'in step',
    stepping(() => {
      throw new Error('out of grass');
    }),
  ],
  [
    'deterministic',
    'it draws from elsewhere',
    stepping((s) => ({ ...s, rewards: { ...s.rewards, walkers: { a: Math.random(), b: 0 } } })),
  ],
  [
    'seed',
    'it draws, and does not use it',
    () => {
      const env = chain();
      return { ...env, reset: (r: Rng) => (r.uniform(), env.reset(r)) } as never;
    },
  ],
  ['seed', 'it must not matter, and does', meadow, { random: false }],
  ['seed', 'it must matter, and does not', () => chain() as never, { random: true }],
  [
    'reset in the middle',
    'a count goes on',
    () => {
      let t = 0;
      const env = stepping((s) => {
        t = s.truncated ? 0 : t + 1;
        return { ...s, rewards: { ...s.rewards, walkers: { a: t, b: 0 } } };
      })();
      return env;
    },
  ],
  [
    'reset after the end',
    'something is left over from the episode before',
    () => {
      let [ended, left] = [false, 0];
      const env = stepping((s) => {
        const reward = left;
        ended = s.truncated;
        return { ...s, rewards: { ...s.rewards, walkers: { a: reward, b: 0 } } };
      })();
      return {
        ...env,
        reset: (r) => ((left = ended ? 1 : 0), (ended = false), env.reset(r)),
      };
    },
  ],
  [
    'independent',
    'a counter outside',
    () => {
      const env = stepping((s) => ({ ...s, rewards: { ...s.rewards, walkers: { a: shared++, b: 0 } } }))();
      return { ...env, reset: (r) => ((shared = 0), env.reset(r)) };
    },
  ],
  ['ends', 'never', () => endlessly(meadow()), { maxSteps: 50 }],
  ['save is plain', 'a function in it', () => ({ ...meadow(), save: () => ({ f: () => 1 }) })],
  [
    'save is owned',
    'the inner state itself',
    () => {
      let t = { t: 0 };
      const env = stepping((s) => ((t.t += 1), s))();
      return {
        ...env,
        save: () => ({ inner: env.save!(), t }),
        load: (saved) => (
          env.load!((saved as { inner: unknown }).inner),
          void (t = { ...(saved as { t: { t: number } }).t })
        ),
      };
    },
  ],
  [
    'save is owned',
    'load keeps what it was given',
    () => {
      let t = { t: 0 };
      const env = stepping((s) => ((t.t += 1), s))();
      return {
        ...env,
        save: () => ({ inner: env.save!(), t: { ...t } }),
        load: (saved) => (env.load!((saved as { inner: unknown }).inner), void ({ t } = saved as { t: { t: number } })),
      };
    },
  ],
  [
    'load continues',
    'it forgets the clock',
    () => {
      const env = meadow();
      return { ...env, load: (saved) => env.load!({ ...(saved as object), counts: [0, 1, 7] }) };
    },
  ],
  ['load continues', 'save without load', () => (({ load: _, ...env }) => env)(meadow())],
  [
    'render',
    'the number of shapes changes',
    () => {
      let shapes = 0;
      const env = meadow();
      return {
        ...env,
        reset: (r) => ((shapes = 0), env.reset(r)),
        render: () => ({ ...env.render!(), shapes: env.render!().shapes.slice(0, (shapes++ % 2) + 1) }),
      };
    },
  ],
  [
    'render',
    'a place that is no number',
    (): Env<G> => ({
      ...meadow(),
      render: () => ({
        view: { left: 0, bottom: 0, width: 1, height: 1 },
        shapes: [{ kind: 'line', points: [[0, NaN]], stroke: 'red', width: 1 }],
      }),
    }),
  ],
];

describe('checkEnv finds exactly the rule that is broken', () => {
  it('names the array that is new at each step', async () => {
    const [problem] = await checkEnv(vecStep((s) => ({ ...s, last: s.last.slice() })));
    expect(problem!.message).toContain('expected the arrays of the step before the last to be used again');
    expect(problem!.message).toMatch(/got a new one for last$/);
  });

  it.each(cases.map(([rule, how, ...rest]) => ({ rule, how, rest })))(
    '$rule: $how',
    async ({ rule, rest: [make, options] }) => {
      const problems = await checkEnv(make as () => Env<G>, options);
      expect(
        problems.map((problem) => problem.rule),
        JSON.stringify(problems, null, 1),
      ).toEqual([rule]);
      expect(problems[0]!.message).toMatch(/expected|arms too short|out of grass|unknown/);
    },
  );

  it('for every rule that there is', () => {
    const all: Record<Rule, true> = {
      groups: true,
      agents: true,
      observation: true,
      bounds: true,
      reward: true,
      ending: true,
      legal: true,
      state: true,
      shapes: true,
      discount: true,
      current: true,
      successor: true,
      'two sets': true,
      'extreme actions': true,
      'mutates actions': true,
      'keeps actions': true,
      'strided actions': true,
      'wrong actions': true,
      throws: true,
      deterministic: true,
      seed: true,
      'reset in the middle': true,
      'reset after the end': true,
      independent: true,
      ends: true,
      'save is plain': true,
      'save is owned': true,
      'load continues': true,
      render: true,
    };
    expect(new Set(cases.map(([rule]) => rule))).toEqual(new Set(Object.keys(all)));
  });
});

describe('checkEnv', () => {
  it('says where, what was expected and what came', async () => {
    const [problem] = await checkEnv(
      stepping((s) => ({ ...s, observations: { ...s.observations, walkers: { a: [1], b: [1, 1] } } })),
    );
    expect(problem!.message).toBe(
      "vectorize: 'step' of environment 0, group 'walkers', agent 'a': observation: expected 2 numbers, got 1",
    );
    const [second] = await checkEnv(
      stepping((s) => ({ ...s, rewards: { ...s.rewards, walkers: { a: Math.random(), b: 0 } } })),
    );
    expect(second!.message).toMatch(
      /^expected the same seed and actions to give the same episodes, got at step 1, reward of group 'walkers', number 0: 0\.\d+ and 0\.\d+$/,
    );
  });

  it('reports several problems of what is handed out at once', async () => {
    const problems = await checkEnv(
      vecStep((s) => {
        s.reward.walkers.set(0, 0, NaN);
        s.discount.walkers.set(0, 0, 0.5);
        return s;
      }),
    );
    expect(problems.map(({ rule }) => rule).sort()).toEqual(['discount', 'reward']);
  });

  it('waits for environments that take their time', async () => {
    const slow = vec((env) => ({ step: (actions) => Promise.resolve().then(() => env.step(actions)) as never }));
    expect(await checkEnv(slow)).toEqual([]);
  });

  it('closes what it made, and not what it was given', async () => {
    let [made, closed] = [0, 0];
    const counted = () => ((made += 1), { ...meadow(), close: () => void (closed += 1) });
    await checkEnv(counted);
    expect(made).toBeGreaterThan(1);
    expect(closed).toBe(made);
    const own = counted();
    [made, closed] = [0, 0];
    await checkEnv(own);
    expect([made, closed]).toEqual([0, 0]);
  });

  it('refuses options out of range', async () => {
    await expect(checkEnv(meadow, { episodes: 0 })).rejects.toThrow(
      'checkEnv: expected episodes to be an integer >= 1, got 0',
    );
    await expect(checkEnv(meadow, { maxSteps: 1.5 })).rejects.toThrow(
      'checkEnv: expected maxSteps to be an integer >= 1, got 1.5',
    );
  });
});

describe('assertEnv', () => {
  it('throws with every problem, or does nothing', async () => {
    await expect(assertEnv(meadow)).resolves.toBeUndefined();
    const broken = stepping((s) => ({ ...s, rewards: { ...s.rewards, walkers: { a: NaN, b: 0 } } }));
    await expect(assertEnv(broken)).rejects.toThrow(
      /^checkEnv: the environment breaks the contract:\n- reward: vectorize: 'step' of/,
    );
  });

  it('takes a defineEnv world without further ado', async () => {
    const world = () => {
      let t = 0;
      return defineEnv({
        groups: { g: { agents: ['x'], observation: box([1]), action: discrete(2) } },
        reset: () => ((t = 0), { g: { x: [0] } }),
        step: ({ g }) => ({
          observations: { g: { x: [++t] } },
          rewards: { g: { x: g.x } },
          terminated: t === 3,
          truncated: false,
        }),
      });
    };
    await assertEnv(world);
  });
});
