import ndarray from 'ndarray';
import { describe, expect, it, vi } from 'vitest';
import {
  bootstrapMean,
  box,
  defineSingleAgentEnv,
  discrete,
  evaluate,
  independent,
  offPolicy,
  only,
  onPolicy,
  randomPolicy,
  rng,
  scripted,
  vectorize,
  type Batch,
  type Buffer,
  type Clock,
  type Learner,
  type Policies,
  type Rollout,
  type Snapshot,
  type VecEnv,
  type VecStep,
} from '../src/index.js';

/** Counts down from 3, or from 5 in odd environments; truncated at the end, with the steps left as observation. */
const countdown = (saves = true) => {
  let [left, made] = [0, 0];
  return defineSingleAgentEnv({
    observation: box([1]),
    action: discrete(3),
    reset: (stream) => {
      made += 1;
      left = 3 + stream.int(3);
      return [left];
    },
    step: (action) => {
      left -= 1;
      return { observation: [left], reward: action, terminated: left === 0 && made % 2 === 0, truncated: left === 0 };
    },
    ...(saves && {
      save: () => ({ left, made }),
      load: (saved: unknown) => ({ left, made } = saved as { left: number; made: number }),
    }),
  });
};
type G = ReturnType<typeof countdown>['groups'];
type State = { readonly seen: number; readonly weights: Float32Array };

/** Adds up what it is given, so that any difference between two runs shows in its state; acts by state and stream. */
const counter = <X>(read: (experience: X) => Batch<G>): Learner<G, State, X> => ({
  init: (stream) => ({ seen: 0, weights: Float32Array.of(stream.uniform()) }),
  policies: (state) => {
    let [now, memory] = [state, 0];
    return {
      agent: {
        act: ({ active }, stream) => {
          memory += 1;
          const choose = () => (stream.int(3) + Math.floor(now.weights[0]! * 7) + memory) % 3;
          return { action: ndarray(Int32Array.from({ length: active.size }, choose), [...active.shape]) };
        },
        update: (next) => (now = next),
        save: () => memory,
        load: (saved) => (memory = saved as number),
      },
    };
  },
  update: (state, experience, stream) => {
    const { groups, last } = read(experience);
    let sum = stream.uniform();
    for (let row = 0; row < last.length; row++) {
      const { observation, reward, discount, next, action } = groups.agent;
      sum += observation.get(row, 0, 0) + 3 * reward.get(row, 0) + 5 * discount.get(row, 0);
      sum += 7 * next.observation.get(row, 0, 0) + 11 * action.get(row, 0) + 13 * last[row]!;
    }
    const seen = state.seen + last.length;
    return [{ seen, weights: Float32Array.of((state.weights[0]! + sum) % 1) }, { sum }];
  },
});

/** Keeps the last 50 rows in order, and can be saved. */
const recent = (): Buffer<Batch<G>> => {
  let rows: number[][] = [];
  const view = (data: number[]) => ndarray(Float32Array.from(data), [data.length, 1]);
  return {
    get size() {
      return rows.length;
    },
    capacity: 50,
    add({ groups: { agent }, last }) {
      last.forEach((ended, i) =>
        rows.push([
          agent.observation.get(i, 0, 0),
          agent.action.get(i, 0),
          agent.reward.get(i, 0),
          agent.discount.get(i, 0),
          agent.next.observation.get(i, 0, 0),
          ended,
        ]),
      );
      rows = rows.slice(-50);
    },
    sample(n, stream) {
      const picked = Array.from({ length: n }, () => rows[stream.int(rows.length)]!);
      const column = (k: number) => picked.map((row) => row[k]!);
      const active = ndarray(new Uint8Array(n).fill(1), [n, 1]);
      const observed = (k: number) => ({ observation: ndarray(Float32Array.from(column(k)), [n, 1, 1]), active });
      return {
        groups: {
          agent: {
            ...observed(0),
            action: ndarray(Int32Array.from(column(1)), [n, 1]),
            reward: view(column(2)),
            discount: view(column(3)),
            next: observed(4),
            extras: {},
          },
        },
        last: Uint8Array.from(column(5)),
        env: new Int32Array(n),
      };
    },
    save: () => rows,
    load: (saved) => (rows = saved as number[][]),
  };
};

const make = (saves = true): VecEnv<G> => vectorize(() => countdown(saves), { numEnvs: 4 });
const off = (steps: number, more: object = {}) =>
  offPolicy({
    env: make(),
    learner: counter((batch: Batch<G>) => batch),
    buffer: recent(),
    rng: rng(1),
    steps,
    batchSize: 8,
    updateEvery: 6,
    warmup: 20,
    ...more,
  });
const on = (steps: number, more: object = {}) =>
  onPolicy({
    env: make(),
    learner: counter((rollout: Rollout<G>) => rollout.batch),
    rng: rng(1),
    steps,
    horizon: 7,
    ...more,
  });

describe('offPolicy', () => {
  it('updates as often as it says, from the warm-up on', async () => {
    const counts: number[][] = [];
    for await (const { steps, updates } of off(60)) counts.push([steps, updates]);
    expect(counts.at(-1)).toEqual([60, 7]); // at 20, 26, 32, 38, 44, 50, 56
    for (const [steps, updates] of counts) expect(updates).toBe(steps! < 20 ? 0 : Math.floor((steps! - 20) / 6) + 1);
  });

  it('does several updates per step where fewer than numEnvs steps lie between them', async () => {
    let last = 0;
    for await (const { updates } of off(40, { updateEvery: 1 })) last = updates;
    expect(last).toBe(21);
  });

  it('accounts for every episode: lengths, returns and where they were played', async () => {
    const lengths: number[] = [];
    for await (const { episodes } of off(400)) for (const e of episodes) lengths.push(e.length);
    expect(lengths.length).toBeGreaterThan(80);
    expect(new Set(lengths)).toEqual(new Set([3, 4, 5]));
  });

  it('hands the errors of each update back to the buffer, by the index of the sample, and shows it the clock', async () => {
    const told: [number[], number[]][] = [];
    const clocks: (Clock | undefined)[] = [];
    const inner = recent();
    const buffer: Buffer<Batch<G>> = {
      ...inner,
      add: (rows) => inner.add(rows),
      sample(n, stream, clock) {
        clocks.push(clock);
        return { ...inner.sample(n, stream), index: Int32Array.from({ length: n }, (_, b) => 100 + b) };
      },
      prioritise: (index, { data }) => told.push([[...index], [...data]]),
    };
    const plain = counter((batch: Batch<G>) => batch);
    const learner: typeof plain = {
      ...plain,
      async update(...given) {
        const [state, metrics] = await plain.update(...given);
        return [state, metrics, metrics['sum']! > 0 ? ndarray(Float32Array.of(-1, 2), [2]) : undefined];
      },
    };
    for await (const _ of off(40, { buffer, learner })) void _;
    expect(told.length).toBe(4); // updates at 20, 26, 32, 38
    expect(told[0]).toEqual([Array.from({ length: 8 }, (_, b) => 100 + b), [-1, 2]]);
    expect(clocks.map((clock) => [clock!.steps, clock!.total])).toEqual([
      [20, 40],
      [28, 40],
      [32, 40],
      [40, 40],
    ]);
  });

  it('tells the buffer that episodes were broken off, except where the environment goes on', async () => {
    const cuts = async (saves: boolean) => {
      let cut = 0;
      const buffer = () => Object.assign(recent(), { cut: () => void (cut += 1) });
      let snapshot: unknown;
      for await (const progress of off(40, { env: make(saves), buffer: buffer() })) snapshot = progress.snapshot();
      const first = cut;
      for await (const _ of off(80, { env: make(saves), buffer: buffer(), resume: snapshot })) void _;
      return [first, cut - first];
    };
    expect(await cuts(true)).toEqual([1, 0]);
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    expect(await cuts(false)).toEqual([1, 1]);
    warn.mockRestore();
  });

  it('is the same run twice with one seed, and another with another', async () => {
    const last = async (seed: number) => {
      let sum = NaN;
      for await (const { metrics } of off(200, { rng: rng(seed) })) sum = metrics['sum'] ?? NaN;
      return sum;
    };
    expect(await last(1)).toBe(await last(1));
    expect(await last(1)).not.toBe(await last(2));
  });

  it('stops when nobody listens any more', async () => {
    const run = off(1e9);
    for await (const { steps } of run) if (steps > 100) break;
    expect(await run.next()).toEqual({ done: true, value: undefined });
  });

  it('lets timers through, so that a run can be interrupted', async () => {
    let stop = false;
    setTimeout(() => (stop = true), 30);
    let steps = 0;
    for await (const progress of off(1e12)) {
      ({ steps } = progress);
      if (stop) break;
    }
    expect(steps).toBeLessThan(1e12);
  });

  it('lets scripted policies act for a group', async () => {
    const env = make();
    const one = scripted(env.groups.agent, () => 1);
    const returns: number[] = [];
    for await (const { episodes } of off(100, { policies: { agent: one } })) {
      for (const e of episodes) returns.push(e.returns.agent - e.length);
    }
    expect(new Set(returns)).toEqual(new Set([0]));
  });

  it('refuses arrays of wrong shapes and types from an environment', async () => {
    const run = { learner: counter((rollout: Rollout<G>) => rollout.batch), rng: rng(1), steps: 40, horizon: 5 };
    const given = (change: (step: VecStep<G>) => object): Promise<unknown> => {
      const env = make();
      return onPolicy({
        ...run,
        env: {
          ...env,
          step: async (actions) => ({ ...(await env.step(actions)), ...change(await env.step(actions)) }),
        },
      }).next();
    };
    await given(() => ({}));
    await expect(given(({ last }) => ({ reward: { agent: ndarray(Float32Array.from(last), [4]) } }))).rejects.toThrow(
      "VecEnv: step, group 'agent': reward: expected float32 [4, 1], got float32 [4]",
    );
    await expect(given(() => ({ last: [0, 0, 0, 0] }))).rejects.toThrow('VecEnv: step: expected last to be 4 zeros');
    await expect(given(() => ({ next: {} }))).rejects.toThrow(
      "next: expected the groups agent, got none named 'agent'",
    );
    const seen = {
      agent: { observation: ndarray(new Float32Array(8), [4, 1, 2]), active: ndarray(new Uint8Array(4), [4, 1]) },
    };
    const policies = { agent: scripted(make().groups.agent, () => 1) };
    const wrong = { ...make(), reset: () => seen };
    await expect(evaluate({ env: wrong, policies, rng: rng(1), episodes: 1 })).rejects.toThrow(
      "VecEnv: reset, group 'agent': observation: expected float32 [4, 1, 1], got float32 [4, 1, 2]",
    );
  });

  it('refuses settings that make no sense', async () => {
    await expect(off(-1).next()).rejects.toThrow('offPolicy: expected steps > 0, got -1');
    await expect(off(10, { updateEvery: 0 }).next()).rejects.toThrow('offPolicy: expected updateEvery > 0, got 0');
    await expect(off(10, { batchsize: 3 }).next()).rejects.toThrow(
      'offPolicy: batchsize: unknown setting; known: env, learner, buffer, rng, steps, batchSize',
    );
  });

  it.each([
    [{ rng: 0 }, 'expected rng to be a stream, such as rng(0), got 0'],
    [{ env: Promise.resolve() }, 'expected env to be a VecEnv (vectorize makes one), got a promise (await it)'],
    [{ env: countdown() }, 'expected env to be a VecEnv (vectorize makes one), got an object with groups, reset'],
    [{ buffer: undefined }, 'expected buffer to be a buffer, such as replay(env.groups, { capacity }), got nothing'],
    [{ policies: { agents: {} } }, "policies: expected some of agent, got 'agents'"],
    [{ policies: { agent: undefined } }, "expected a policy of group 'agent', got nothing"],
  ])('refuses parts that are missing or belong elsewhere: %j', async (part, message) => {
    await expect(off(10, part as never).next()).rejects.toThrow(`offPolicy: ${message}`);
  });
});

describe('onPolicy', () => {
  it('hands over every step once, in order, and forgets', async () => {
    const rollouts: Rollout<G>[] = [];
    const learner = counter((rollout: Rollout<G>) => {
      rollouts.push(
        structuredClone({ ...rollout, batch: { last: rollout.batch.last, env: rollout.batch.env } }) as never,
      );
      return rollout.batch;
    });
    const updates: number[] = [];
    for await (const progress of on(84, { learner })) updates.push(progress.steps);
    expect(updates).toEqual([28, 56, 84]);
    for (const { steps, numEnvs, batch } of rollouts) {
      expect([steps, numEnvs]).toEqual([7, 4]);
      expect([...batch.env]).toEqual(Array.from({ length: 28 }, (_, i) => i % 4));
    }
  });

  it('keeps true successors: the last observation of an episode is 0, what comes after is new', async () => {
    const learner = counter((rollout: Rollout<G>) => {
      const { groups, last } = rollout.batch;
      for (let row = 0; row < last.length; row++) {
        const [seen, next] = [groups.agent.observation.get(row, 0, 0), groups.agent.next.observation.get(row, 0, 0)];
        expect(next).toBe(seen - 1);
        expect(last[row]).toBe(next === 0 ? 1 : 0);
        if (row + 4 < last.length)
          expect(groups.agent.observation.get(row + 4, 0, 0) > 2 || last[row] === 0).toBe(true);
      }
      return rollout.batch;
    });
    for await (const _ of on(140, { learner }));
  });

  it('refuses settings that make no sense', async () => {
    await expect(on(0).next()).rejects.toThrow('onPolicy: expected steps > 0, got 0');
    await expect(on(10, { horizon: 1.5 }).next()).rejects.toThrow('expected horizon to be an integer >= 1, got 1.5');
    await expect(on(10, { horizn: 1 }).next()).rejects.toThrow('onPolicy: horizn: unknown setting; known: env');
    await expect(on(10, { learner: {} }).next()).rejects.toThrow(
      'onPolicy: expected learner to be a learner, got an empty object',
    );
  });
});

describe.each([
  ['offPolicy', off],
  ['onPolicy', on],
] as const)('snapshots of %s', (_name, run) => {
  it('continue a run bit for bit, through a structured clone, in the middle of episodes', async () => {
    const sums = async (training: ReturnType<typeof run>, until = Infinity) => {
      const seen: [number, number, number][] = [];
      let snapshot: Snapshot<State> | undefined;
      for await (const progress of training) {
        seen.push([progress.steps, progress.metrics['sum'] ?? NaN, progress.episodes.length]);
        if (progress.steps >= until) {
          snapshot = progress.snapshot();
          break;
        }
      }
      return { seen, snapshot };
    };
    const whole = await sums(run(400));
    const first = await sums(run(400), 170);
    const second = await sums(run(400, { resume: structuredClone(first.snapshot) }));
    expect([...first.seen, ...second.seen]).toEqual(whole.seen);
  });

  it('are refused once the run has gone on', async () => {
    let earlier: { snapshot(): unknown; lend(): unknown } | undefined;
    let [refused, last] = [0, 0];
    for await (const progress of run(200)) {
      for (const what of ['snapshot', 'lend'] as const) {
        if (!earlier) continue;
        expect(earlier[what]).toThrow(`progress.${what}: expected to be called before the run goes on`);
        refused += 1;
      }
      expect(progress.lend()).toEqual(progress.snapshot());
      earlier = progress;
      last = progress.steps;
    }
    expect(refused).toBeGreaterThan(2);
    expect(earlier?.snapshot()).toMatchObject({ steps: last }); // nothing has happened since
  });

  it('say so where the environment cannot be saved', async () => {
    const said: string[] = [];
    const warn = console.warn;
    console.warn = (message: string) => said.push(message);
    let calls: string[] = [];
    const random = randomPolicy(make().groups.agent);
    const agent = {
      ...random,
      begin: (started: Uint8Array) => void calls.push(`begin ${started.join('')}`),
      save: () => 'what is remembered',
      load: (saved: unknown) => void calls.push(String(saved)),
    };
    try {
      let snapshot: unknown;
      for await (const progress of run(100, { env: make(false), policies: { agent } })) snapshot = progress.snapshot();
      calls = [];
      for await (const _ of run(200, { env: make(false), policies: { agent }, resume: snapshot }));
      // Episodes begin anew, whatever was remembered.
      expect(calls.slice(0, 3)).toEqual(['begin 1111', 'what is remembered', 'begin 1111']);
    } finally {
      console.warn = warn;
    }
    expect(said).toHaveLength(1);
    expect(said[0]).toContain('cannot be saved');
  });
});

describe('evaluate', () => {
  it('refuses policies of other groups, and options that it does not know', async () => {
    const env = make();
    const agent = randomPolicy(env.groups.agent);
    const fine = { env, policies: { agent }, rng: rng(0), episodes: 1 };
    const others: unknown = { agents: agent };
    await expect(evaluate({ ...fine, policies: others as never })).rejects.toThrow(
      "evaluate: policies: expected some of agent, got 'agents'",
    );
    await expect(evaluate({ ...fine, policies: undefined as never })).rejects.toThrow(
      'evaluate: expected policies to be an object of policies by group, got nothing',
    );
    await expect(evaluate({ ...fine, episode: 3 } as never)).rejects.toThrow('evaluate: episode: unknown setting');
  });

  it('plays just so many episodes, the same number in each environment', async () => {
    const env = make();
    const result = await evaluate({
      env,
      policies: { agent: randomPolicy(env.groups.agent) },
      rng: rng(2),
      episodes: 10,
    });
    expect(result.episodes).toHaveLength(10);
    const played = [0, 1, 2, 3].map((e) => result.episodes.filter((episode) => episode.env === e).length);
    expect(played).toEqual([3, 3, 2, 2]);
    expect(result.returns.agent.mean).toBeCloseTo(
      result.episodes.reduce((sum, e) => sum + e.returns.agent, 0) / 10,
      12,
    );
    await expect(
      evaluate({ env, policies: { agent: randomPolicy(env.groups.agent) }, rng: rng(2), episodes: 0 }),
    ).rejects.toThrow('evaluate: expected episodes to be an integer >= 1, got 0');
  });
});

describe('bootstrapMean', () => {
  it('covers the mean of a normal sample as often as it promises', () => {
    const stream = rng(5);
    let covered = 0;
    for (let i = 0; i < 400; i++) {
      const values = Array.from({ length: 60 }, () => stream.normal());
      const { low, high } = bootstrapMean(values, { resamples: 400, rng: stream });
      if (low <= 0 && 0 <= high) covered += 1;
    }
    // 95 % of 400 is 380, deviation 4.4; the percentile interval is a little short for 60 values
    expect(covered).toBeGreaterThan(362);
    expect(covered).toBeLessThan(394);
  });

  it('is exact for a constant sample and refuses an empty one', () => {
    expect(bootstrapMean([2, 2, 2])).toEqual({ mean: 2, low: 2, high: 2, n: 3 });
    expect(() => bootstrapMean([])).toThrow('at least one value');
    expect(() => bootstrapMean([1], { level: 95 })).toThrow('a level in (0, 1), got 95');
  });
});

describe('independent and only', () => {
  type Pair = Record<'a' | 'b', G['agent']>;
  /** The counting learner for the group of this name. */
  const seen = <K extends 'a' | 'b'>(name: K): Learner<Pick<Pair, K>, State, Batch<Pick<Pair, K>>> => {
    const solo = counter((batch: Batch<G>) => batch);
    const read = (batch: Batch<Pick<Pair, K>>): Batch<G> => ({ ...batch, groups: { agent: batch.groups[name] } });
    return {
      init: (stream) => solo.init(stream),
      policies: (state) =>
        ({ [name]: solo.policies(state, 'explore').agent }) as unknown as Policies<Pick<Pair, K>, State>,
      update: (state, batch, stream, clock) => solo.update(state, read(batch), stream, clock),
    };
  };
  const pair = () => independent({ a: seen('a'), b: seen('b') });
  const batch = () => {
    const rows = (k: number) => {
      const one = ndarray(Float32Array.of(k), [1, 1]);
      const active = ndarray(Uint8Array.of(1), [1, 1]);
      const observed = { observation: ndarray(Float32Array.of(k), [1, 1, 1]), active };
      return {
        ...observed,
        action: ndarray(Int32Array.of(k), [1, 1]),
        reward: one,
        discount: one,
        next: observed,
        extras: {},
      };
    };
    return { groups: { a: rows(1), b: rows(2) }, last: Uint8Array.of(0), env: Int32Array.of(0) };
  };

  it('gives each group its own learner and names metrics by group', async () => {
    const learner = pair();
    const state = learner.init(rng(1));
    expect(state.a.weights).not.toEqual(state.b.weights);
    const [next, metrics] = await learner.update(state, batch(), rng(2), { steps: 0, total: 1 });
    expect([next.a.seen, next.b.seen]).toEqual([1, 1]);
    expect(Object.keys(metrics)).toEqual(['a/sum', 'b/sum']);
  });

  it('takes the mean size of the errors of a row, where learners have some', async () => {
    const wrong = <K extends 'a' | 'b'>(name: K, ...error: number[]): ReturnType<typeof seen<K>> => {
      const learner = seen(name);
      const view = ndarray(Float32Array.from(error), [error.length]);
      return {
        ...learner,
        async update(...given) {
          const [state, metrics] = await learner.update(...given);
          return [state, metrics, view];
        },
      };
    };
    const both = independent({ a: wrong('a', -3), b: wrong('b', 1) });
    for (const learner of [both, only(both, 'a')]) {
      const [, , error] = await learner.update(learner.init(rng(1)), batch(), rng(2), { steps: 0, total: 1 });
      expect(Array.from(error!.data)).toEqual([2]);
    }
  });

  it('says how each group acts, where all learners do', () => {
    const acting = <K extends 'a' | 'b'>(name: K): ReturnType<typeof seen<K>> => ({
      ...seen(name),
      acting: ({ weights }) => ({ [name]: { theta: ndarray(weights, [1]), head: [] } }) as never,
    });
    const both = independent({ a: acting('a'), b: acting('b') });
    const state = both.init(rng(1));
    expect(both.acting!(state).b.theta.data).toBe(state.b.weights);
    expect(independent({ a: acting('a'), b: seen('b') }).acting).toBeUndefined();
  });

  it('holds the other groups still', async () => {
    const learner = only(pair(), 'b');
    const state = learner.init(rng(1));
    const before = structuredClone(state);
    const [next] = await learner.update(state, batch(), rng(2), { steps: 0, total: 1 });
    expect(next.a).toEqual(before.a);
    expect(next.b.weights).not.toEqual(before.b.weights);
    await expect(async () =>
      only(pair(), 'c' as 'a').update(next, batch(), rng(2), { steps: 0, total: 1 }),
    ).rejects.toThrow("only: expected a state with a part 'c', got parts a, b");
  });
});
