import fc from 'fast-check';
import { pipe } from 'fp-ts/lib/function.js';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  agentIds,
  box,
  defineEnv,
  defineSingleAgentEnv,
  discrete,
  emptyActions,
  hybrid,
  mapObservations,
  mapRewards,
  multiDiscrete,
  repeatAction,
  rng,
  scaleRewards,
  schema,
  shareReward,
  timeLimit,
  vectorize,
  type Box,
  type Env,
  type Group,
} from '../src/index.js';

/** Everyone sees the step and is rewarded by what they did; b dies at step 3. */
const tag = () => {
  let t = 0;
  const seen = () => ({
    chasers: { c0: [t, 0], c1: [t, 1] },
    runners: t < 3 ? { a: [t], b: [t] } : { a: [t] },
  });
  return defineEnv({
    groups: {
      chasers: { agents: ['c0', 'c1'], observation: box([2], { low: 0, high: 9 }), action: box([1]) },
      runners: { agents: { max: 2 }, observation: box([1]), action: discrete(4) },
    },
    stateSpace: box([1]),
    reset: () => ((t = 0), seen()),
    step({ chasers, runners }) {
      t += 1;
      return {
        observations: seen(),
        rewards: {
          chasers: { c0: chasers.c0[0]!, c1: chasers.c1[0]! },
          runners: Object.fromEntries(Object.entries(runners).map(([id, action]) => [id, action! * 10])),
        },
        terminated: t === 6,
        truncated: false,
      };
    },
    legal: () => ({ chasers: { c0: [], c1: [] }, runners: { a: [1, 1, t < 2 ? 1 : 0, 1], b: [1, 1, 1, 1] } }),
    state: () => [t],
    render: () => ({ view: { left: t, bottom: 0, width: 1, height: 1 }, shapes: [] }),
    save: () => t,
    load: (saved) => void (t = saved as number),
    close: () => void (t = -1),
  });
};
const act = (c0: number, c1: number, a: number, b?: number) => ({
  chasers: { c0: new Float32Array([c0]), c1: new Float32Array([c1]) },
  runners: b === undefined ? { a } : { a, b },
});

describe('every wrapper', () => {
  type T = ReturnType<typeof tag>['groups'];
  const all: readonly [string, (env: Env<T>) => Env<T>][] = [
    ['timeLimit', timeLimit(100)],
    ['mapRewards', mapRewards<T>((rewards) => rewards)],
    ['scaleRewards', scaleRewards(2)],
    ['shareReward', shareReward('chasers')],
    ['repeatAction', repeatAction(1)],
    ['mapObservations', mapObservations('chasers', box([2], { low: 0, high: 9 }), (o: ArrayLike<number>) => o)],
    ['agentIds', agentIds('chasers')],
  ];

  it.each(all)('%s passes on legal, state, render, save, load and close, also from a prototype', (_, wrapper) => {
    class Tag {
      private readonly inner = tag();
      get groups() {
        return this.inner.groups;
      }
      get stateSpace() {
        return this.inner.stateSpace!;
      }
      reset(r: Parameters<Env<T>['reset']>[0]) {
        return this.inner.reset(r);
      }
      step(actions: Parameters<Env<T>['step']>[0]) {
        return this.inner.step(actions);
      }
      legal() {
        return this.inner.legal!();
      }
      state() {
        return this.inner.state!();
      }
      render() {
        return this.inner.render!();
      }
      save() {
        return this.inner.save!();
      }
      load(saved: unknown) {
        this.inner.load!(saved);
      }
      close() {
        this.inner.close!();
      }
    }
    const env = wrapper(new Tag());
    env.reset(rng(0));
    env.step(act(0, 0, 0, 0));
    const saved = structuredClone(env.save!());
    env.step(act(0, 0, 0, 0));
    expect(env.state!()).toEqual([2]);
    expect(env.stateSpace).toEqual(box([1]));
    expect(env.legal!().runners['a']).toEqual([1, 1, 0, 1]);
    expect(env.render!().view.left).toBe(2);
    env.load!(saved);
    expect(env.state!()).toEqual([1]);
    env.close!();
    expect(env.state!()).toEqual([-1]);
  });

  it.each(all)('%s has no save, legal or state where the environment has none', (_, wrapper) => {
    const { save: _s, load: _l, legal: _g, state: _t, stateSpace: _p, render: _r, close: _c, ...bare } = tag();
    expect(Object.keys(wrapper(bare)).sort()).toEqual(['groups', 'reset', 'step']);
  });
});

describe('timeLimit', () => {
  it('truncates after the limit, in every episode', () => {
    const env = timeLimit(2)(tag());
    for (let episode = 0; episode < 2; episode++) {
      env.reset(rng(0));
      expect(env.step(act(0, 0, 0, 0)).truncated).toBe(false);
      expect(env.step(act(0, 0, 0, 0))).toMatchObject({ truncated: true, terminated: false });
    }
  });

  it('keeps its count in save', () => {
    const env = timeLimit(3)(tag());
    env.reset(rng(0));
    env.step(act(0, 0, 0, 0));
    env.step(act(0, 0, 0, 0));
    const saved = structuredClone(env.save!());
    const other = timeLimit(3)(tag());
    other.reset(rng(0));
    other.load!(saved);
    expect(other.step(act(0, 0, 0, 0)).truncated).toBe(true);
    expect(() => other.load!(5)).toThrow('timeLimit: load: expected what save of this wrapper gave');
  });

  it('refuses anything but an integer >= 1', () => {
    for (const limit of [0, 1.5, NaN])
      expect(() => timeLimit(limit)).toThrow(`timeLimit: expected an integer >= 1, got ${limit}`);
  });
});

describe('rewards', () => {
  it('mapRewards sees rewards and step', () => {
    const env = mapRewards<ReturnType<typeof tag>['groups']>((rewards, { terminated }) => ({
      ...rewards,
      chasers: { c0: rewards.chasers.c0 + 1, c1: terminated ? 1 : 0 },
    }))(tag());
    env.reset(rng(0));
    expect(env.step(act(2, 5, 1, 1)).rewards).toEqual({ chasers: { c0: 3, c1: 0 }, runners: { a: 10, b: 10 } });
  });

  it('scaleRewards scales every one', () => {
    const env = scaleRewards(0.5)(tag());
    env.reset(rng(0));
    expect(env.step(act(2, 5, 1, 2)).rewards).toEqual({ chasers: { c0: 1, c1: 2.5 }, runners: { a: 5, b: 10 } });
    expect(() => scaleRewards(NaN)).toThrow('scaleRewards: expected a finite number, got NaN');
  });

  it('shareReward gives the mean to those who are rewarded, and leaves other groups alone', () => {
    const env = pipe(tag(), shareReward('runners'));
    env.reset(rng(0));
    expect(env.step(act(2, 5, 1, 2)).rewards).toEqual({ chasers: { c0: 2, c1: 5 }, runners: { a: 15, b: 15 } });
    for (let t = 0; t < 2; t++) env.step(act(0, 0, 0, 0));
    expect(env.step(act(0, 0, 3)).rewards.runners).toEqual({ a: 30 });
  });

  it('a group that is not there is refused, by the compiler too', () => {
    // @ts-expect-error no such group
    expect(() => pipe(tag(), shareReward('prey'))).toThrow(
      "shareReward: expected one of the groups chasers, runners, got 'prey'",
    );
    // @ts-expect-error no such group
    expect(() => pipe(tag(), agentIds('prey'))).toThrow('agentIds: expected one of the groups');
    const map = mapObservations('prey', box([1]), () => [0]);
    // @ts-expect-error no such group
    expect(() => map(tag())).toThrow('mapObservations: expected one of the groups');
  });
});

describe('observations', () => {
  it('mapObservations changes space, values and type of one group', () => {
    const env = pipe(
      tag(),
      mapObservations('chasers', discrete(20), (o: ArrayLike<number>, id) => o[0]! + (id === 'c1' ? 10 : 0)),
    );
    expectTypeOf(env.groups.chasers.observation.n).toEqualTypeOf<number>();
    expectTypeOf(env.groups.chasers.action).toEqualTypeOf<Box>();
    expect(env.groups.chasers.observation).toEqual(discrete(20));
    expect(env.reset(rng(0))).toEqual({ chasers: { c0: 0, c1: 10 }, runners: { a: [0], b: [0] } });
    expect(env.step(act(0, 0, 0, 0)).observations.chasers).toEqual({ c0: 1, c1: 11 });
  });

  it('mapObservations refuses a function of numbers where arrays are observed', () => {
    const ofNumbers = mapObservations('chasers', box([1]), (o: number) => [o]);
    // @ts-expect-error a box gives arrays
    expect(ofNumbers(tag()).groups).toBeDefined();
    // @ts-expect-error the result is not a value of the space
    mapObservations('chasers', box([1]), () => 3);
  });

  it('agentIds appends who sees, and its bounds', () => {
    const env = pipe(tag(), agentIds('chasers'));
    expectTypeOf(env.groups.chasers).toExtend<Group<readonly ['c0', 'c1'], Box, Box>>();
    expect(env.groups.chasers.observation).toEqual(box([4], { low: [0, 0, 0, 0], high: [9, 9, 1, 1] }));
    expect(env.reset(rng(0)).chasers).toEqual({
      c0: new Float32Array([0, 0, 1, 0]),
      c1: new Float32Array([0, 1, 0, 1]),
    });
    // @ts-expect-error a population has no places
    expect(() => pipe(tag(), agentIds('runners'))).toThrow(
      "agentIds: expected group 'runners' to be a fixed cast, got a population",
    );
    const numbered = () =>
      defineSingleAgentEnv({
        observation: discrete(2),
        action: discrete(2),
        reset: () => 0,
        step: () => ({ observation: 0, reward: 0, terminated: true, truncated: false }),
      });
    // @ts-expect-error a number is observed, not a box
    expect(() => agentIds('agent')(numbered())).toThrow(
      "agentIds: expected group 'agent' to observe a box, got discrete",
    );
  });
});

describe('repeatAction', () => {
  it('adds up rewards and stops where the episode ends', () => {
    const env = repeatAction(4)(tag());
    env.reset(rng(0));
    const first = env.step(act(1, 2, 1, 3));
    // b dies at the third of four steps: it was rewarded three times
    expect(first.rewards).toEqual({ chasers: { c0: 4, c1: 8 }, runners: { a: 40, b: 90 } });
    expect(first.observations.chasers.c0).toEqual([4, 0]);
    const second = env.step(act(1, 2, 1));
    expect(second).toMatchObject({ terminated: true, rewards: { chasers: { c0: 2, c1: 4 }, runners: { a: 20 } } });
  });

  it('stops where an action is no longer legal', () => {
    const env = repeatAction(4)(tag());
    env.reset(rng(0));
    // a's action 2 is legal until step 2
    expect(env.step(act(1, 1, 2, 1)).rewards.chasers.c0).toBe(2);
  });

  const world = (births: number, mask: (t: number) => number[]) => {
    let t = 0;
    const seen = () => ({ g: t < births ? { a: [t] } : { a: [t], z: [t] } });
    return defineEnv({
      groups: { g: { agents: { max: 2 }, observation: box([1]), action: hybrid(box([1]), multiDiscrete(2, 2)) } },
      reset: () => ((t = 0), seen()),
      step: ({ g }) => {
        t += 1;
        return { observations: seen(), rewards: { g: { a: g['a']![0]! } }, terminated: false, truncated: false };
      },
      legal: () => ({ g: { a: mask(t), z: [1, 1, 1, 1] } }),
    });
  };

  it('stops where someone is born, and reads the masks of every head', () => {
    const run = (births: number, mask: (t: number) => number[]) => {
      const env = repeatAction(5)(world(births, mask));
      env.reset(rng(0));
      return env.step({ g: { a: new Float32Array([1, 1, 0]) } }).rewards.g['a'];
    };
    const free = () => [1, 1, 1, 1];
    expect(run(9, free)).toBe(5);
    expect(run(3, free)).toBe(3);
    expect(run(9, (t) => [1, t < 2 ? 1 : 0, 1, 1])).toBe(2); // head 0, choice 1
    expect(run(9, (t) => [1, 1, t < 4 ? 1 : 0, 1])).toBe(4); // head 1, choice 0
    expect(run(9, () => [0, 1, 1, 0])).toBe(5);
  });

  it('works under vectorize', () => {
    const env = vectorize(() => pipe(tag(), timeLimit(4), repeatAction(3)), { numEnvs: 1 });
    env.reset(rng(0));
    const noop = emptyActions(env.groups, 1);
    expect([...env.step(noop).last]).toEqual([0]);
    expect([...env.step(noop).last]).toEqual([1]);
  });

  it('refuses anything but an integer >= 1', () => {
    expect(() => repeatAction(0)).toThrow('repeatAction: expected an integer >= 1, got 0');
  });
});

describe('schema', () => {
  const seen = schema({ position: [2], velocity: box([2], { low: -1, high: [1, 2] }), alive: [] });

  it('lays parts out one after another, with their bounds', () => {
    expect(seen.size).toBe(5);
    expect(seen.space).toEqual(
      box([5], { low: [-Infinity, -Infinity, -1, -1, -Infinity], high: [Infinity, Infinity, 1, 2, Infinity] }),
    );
    expect(seen.table).toEqual([
      { name: 'position', start: 0, end: 2, shape: [2] },
      { name: 'velocity', start: 2, end: 4, shape: [2] },
      { name: 'alive', start: 4, end: 5, shape: [] },
    ]);
    expect(seen.slice('velocity')).toBe(seen.table[1]);
    expect(seen.write({ position: [1, 2], velocity: new Float32Array([3, 4]), alive: 5 })).toEqual(
      new Float32Array([1, 2, 3, 4, 5]),
    );
    const out = new Float32Array(7);
    expect(seen.write({ position: [1, 2], velocity: [3, 4], alive: [5] }, out, 1)).toBe(out);
    expect([...out]).toEqual([0, 1, 2, 3, 4, 5, 0]);
  });

  it('read gives back what write was given', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.array(fc.integer({ min: 1, max: 3 }), { maxLength: 2 }), {
          minKeys: 1,
          maxKeys: 4,
        }),
        (parts) => {
          const one = schema(parts);
          const values = Object.fromEntries(
            one.table.map(({ name, start, end }) => [
              name,
              Float32Array.from({ length: end - start }, (_, k) => start + k),
            ]),
          );
          expect({ ...one.read(one.write(values)) }).toEqual(values);
        },
      ),
    );
  });

  it('refuses what does not fit, by the compiler too', () => {
    expect(() => schema({})).toThrow('schema: expected at least one part, got none');
    // @ts-expect-error velocity is missing
    expect(() => seen.write({ position: [1, 2], alive: 1 })).toThrow(
      "schema: write: expected 2 numbers for 'velocity', got 0",
    );
    const good = { position: [1, 2], velocity: [3, 4], alive: 5 };
    expect(() => seen.write({ ...good, position: [1] })).toThrow("expected 2 numbers for 'position', got 1");
    expect(() => seen.write({ ...good, colour: 1 } as typeof good)).toThrow(
      "expected only position, velocity, alive, got 'colour'",
    );
    expect(() => seen.write(good, new Float32Array(6), 2)).toThrow('expected room for 5 numbers from 2 on, got 6');
    // @ts-expect-error no such part
    expect(() => seen.slice('colour')).toThrow(
      "schema: slice: expected one of position, velocity, alive, got 'colour'",
    );
    expect(() => seen.read(new Float32Array(4))).toThrow('schema: read: expected 5 numbers, got 4');
  });
});
