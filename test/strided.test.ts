/**
 * Wherever arrays come in, what they show counts, not how they lie in memory: views with gaps, with axes in any order,
 * backwards, or in the middle of a larger array give what their contiguous copies give.
 */
import * as tf from '@tensorflow/tfjs-core';
import { copyBatch, replay } from '@troupe/buffers';
import {
  box,
  copyInto,
  defineEnv,
  discrete,
  emptyActions,
  evaluate,
  hybrid,
  multiDiscrete,
  offPolicy,
  onPolicy,
  randomPolicy,
  rng,
  scripted,
  sizeOf,
  timeLimit,
  vectorize,
  type Act,
  type Actions,
  type Batch,
  type Clock,
  type Draw,
  type Group,
  type Groups,
  type Learner,
  type Policies,
  type Policy,
  type Rng,
  type Rollout,
  type VecEnv,
} from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { flat, mlp } from '@troupe/networks';
import {
  chasePrey,
  fleePrey,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
  spreadAssignment,
  type ParticleEnv,
} from '@troupe/particle-world';
import { record, replayRecording } from '@troupe/report';
import { carryOf, leavesOf } from '@troupe/runtime';
import * as fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from './support/runtimes.js';

type Numbers = Float32Array | Float64Array | Int32Array | Uint8Array;
type View = ndarray.NdArray<Numbers>;
/** Hands an array over: as it is, or lying elsewhere. */
type Give = (view: View) => View;

/** How a view lies in memory: axes by `key` from the innermost, with gaps, some backwards, after `lead` numbers. */
interface Lie {
  readonly axes: readonly { readonly key: number; readonly gap: number; readonly back: boolean }[];
  readonly lead: number;
}
const axes = fc.array(fc.record({ key: fc.nat(9), gap: fc.integer({ min: 1, max: 3 }), back: fc.boolean() }), {
  minLength: 6,
  maxLength: 6,
});
const straight = Array.from({ length: 6 }, (_, i) => ({ key: 5 - i, gap: 1, back: false }));
/** Fast ways of reading take rows that lie together, or everything together, so these come often. */
const lie: fc.Arbitrary<Lie> = fc.record({
  axes: fc.oneof(
    axes,
    fc.constant(straight),
    axes.map(([first]) => [{ ...first!, key: 5 }, ...straight.slice(1)]),
  ),
  lead: fc.nat(5),
});
const lies = fc.array(lie, { minLength: 7, maxLength: 7 });

const eachIndex = (shape: readonly number[], visit: (index: readonly number[]) => void): void => {
  const walk = (index: readonly number[]): void => {
    if (index.length === shape.length) visit(index);
    else for (let i = 0; i < shape[index.length]!; i++) walk([...index, i]);
  };
  walk([]);
};

/** The same numbers lying otherwise; what lies between them is wrong everywhere. */
const strew = (view: View, { axes, lead }: Lie): View => {
  const { shape } = view;
  const order = shape.map((_, i) => i).sort((a, b) => axes[a]!.key - axes[b]!.key || b - a);
  const stride = shape.map(() => 0);
  let [step, offset] = [1, lead];
  for (const i of order) {
    step *= axes[i]!.gap;
    stride[i] = axes[i]!.back ? -step : step;
    if (axes[i]!.back) offset += step * (shape[i]! - 1);
    step *= shape[i]!;
  }
  const data = new (view.data.constructor as new (n: number) => Numbers)(lead + step + 2);
  for (let i = 0; i < data.length; i++)
    data[i] = data instanceof Uint8Array ? i % 2 : data instanceof Int32Array ? -7 : NaN;
  const out = ndarray(data, [...shape], stride, offset);
  eachIndex(shape, (index) => out.set(...index, view.get(...index)));
  return out;
};
const strewing = (how: readonly Lie[]): Give => {
  let next = 0;
  return (view) => strew(view, how[next++ % how.length]!);
};
const asIs: Give = (view) => view;
const now: Clock = { steps: 0, total: 1 };

/** Every array of a structure handed over by `give`; what is one array in two places stays one. */
const given = <T>(tree: T, give: Give): T => {
  const known = new Map<unknown, unknown>();
  const walk = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null || ArrayBuffer.isView(node)) return node;
    if (!known.has(node)) {
      const made =
        'stride' in node ? give(node as View) : Object.fromEntries(Object.entries(node).map(([k, v]) => [k, walk(v)]));
      known.set(node, made);
    }
    return known.get(node);
  };
  return walk(tree) as T;
};

/** What the arrays of a structure show, copied. */
const shown = (tree: unknown): unknown => {
  if (ArrayBuffer.isView(tree)) return Array.from(tree as Float32Array);
  if (typeof tree !== 'object' || tree === null) return tree;
  if (!('stride' in tree)) return Object.fromEntries(Object.entries(tree).map(([key, node]) => [key, shown(node)]));
  const view = tree as View;
  const values: number[] = [];
  eachIndex(view.shape, (index) => values.push(view.get(...index)));
  return { shape: [...view.shape], values };
};

/** `run` gives the same whatever the arrays that it hands over look like. */
const honours = async (run: (give: Give) => unknown, numRuns = 40): Promise<void> => {
  const expected = shown(await run(asIs));
  await fc.assert(
    fc.asyncProperty(lies, async (how) => {
      expect(shown(await run(strewing(how)))).toEqual(expected);
    }),
    { numRuns, seed: 7, endOnFailure: true },
  );
};

// ── a world with every kind of action, masks, a state and a picture ─────────
type Rewards = Readonly<Record<string, number>>;
const world = () => {
  let stream = rng(0);
  let heard: Readonly<Record<string, readonly number[]>> = {};
  let steps = 0;
  const noise = (n: number, id: string) =>
    Array.from({ length: n }, (_, i) => stream.normal() + 10 * (heard[id]?.[i] ?? 0) * (i + 1));
  const look = () => ({
    boxes: { a: noise(6, 'a'), b: noise(6, 'b') },
    choices: { c: noise(2, 'c'), d: noise(2, 'd'), e: noise(2, 'e') },
    several: { f: noise(3, 'f') },
    mixed: { g: noise(4, 'g'), h: noise(4, 'h') },
  });
  /** A mask that leaves at least one choice to every head. */
  const mask = (...counts: readonly number[]) =>
    counts.flatMap((n) => {
      const must = stream.int(n);
      return Array.from({ length: n }, (_, i) => (i === must ? 1 : stream.int(2)));
    });
  return defineEnv({
    groups: {
      boxes: { agents: ['a', 'b'], observation: box([2, 3]), action: box([2, 2], { low: -1, high: 1 }) },
      choices: { agents: ['c', 'd', 'e'], observation: box([2]), action: discrete(5) },
      several: { agents: ['f'], observation: box([3]), action: multiDiscrete(3, 4) },
      mixed: {
        agents: ['g', 'h'],
        observation: box([4]),
        action: hybrid(box([2], { low: -1, high: 1 }), multiDiscrete(2, 3)),
      },
    },
    stateSpace: box([5]),
    reset(from) {
      [stream, heard, steps] = [from, {}, 0];
      return look();
    },
    step(actions) {
      const one = (action: number | ArrayLike<number>) => (typeof action === 'number' ? [action] : Array.from(action));
      const all = Object.values(actions as Actions<Groups>).flatMap((group) => Object.entries(group));
      heard = Object.fromEntries(all.map(([id, action]) => [id, one(action!)]));
      steps += 1;
      const reward = (...ids: readonly string[]): Rewards =>
        Object.fromEntries(ids.map((id) => [id, heard[id]!.reduce((sum, x, i) => sum + x * (i + 1), 0)]));
      return {
        observations: look(),
        rewards: {
          boxes: reward('a', 'b'),
          choices: reward('c', 'd', 'e'),
          several: reward('f'),
          mixed: reward('g', 'h'),
        },
        terminated: stream.int(8) === 0,
        truncated: false,
      };
    },
    legal: () => ({
      boxes: { a: [], b: [] },
      choices: { c: mask(5), d: mask(5), e: mask(5) },
      several: { f: mask(3, 4) },
      mixed: { g: mask(2, 3), h: mask(2, 3) },
    }),
    state: () => noise(5, 'a'),
    render: () => ({
      view: { left: 0, bottom: 0, width: 1, height: 1 },
      shapes: [{ kind: 'circle', x: heard['a']?.[0] ?? 0, y: steps, radius: 1 }],
    }),
  });
};
const worlds = (numEnvs = 3) => vectorize(() => timeLimit(6)(world()), { numEnvs });
const { groups } = worlds(1);
type World = typeof groups;

/** An environment whose every array is handed over by `give`. */
const givenEnv = <G extends Groups>(env: VecEnv<G>, give: Give): VecEnv<G> => ({
  groups: env.groups,
  numEnvs: env.numEnvs,
  reset: async (stream) => given(await env.reset(stream), give),
  step: async (actions) => given(await env.step(actions), give),
  ...(env.render && { render: (e: number) => env.render!(e) }),
});

/** Policies whose actions and extras are handed over by `give`. */
const givenPolicies = <G extends Groups>(of: G, give: Give, inner?: Policies<G>): Policies<G> =>
  Object.fromEntries(
    Object.entries(of).map(([name, group]) => {
      const policy = inner?.[name] ?? randomPolicy(group);
      const act: Policy['act'] = (seen, stream, clock) => {
        const { action } = policy.act(seen, stream, clock) as Act;
        const [e, n] = action.shape as [number, number];
        const extras = { note: ndarray(stream.fillNormal(new Float32Array(e * n * 2)), [e, n, 2]) };
        return given({ action, extras }, give);
      };
      return [name, { act } satisfies Policy];
    }),
  ) as unknown as Policies<G>;

/** A learner that only looks at what it is given. */
const looking = <X>(look: (experience: X) => void): Learner<World, number, X> => ({
  init: () => 0,
  policies: () => givenPolicies(groups, asIs),
  update(updates, experience) {
    look(experience);
    return [updates + 1, {}];
  },
});

/** Rows as a buffer gives them, after some steps at random. */
const rowsOf = async (count: number, seed: number): Promise<Batch<World>> => {
  let rows: Batch<World> | undefined;
  const learner = looking((batch: Batch<World>) => (rows = copyBatch(batch)));
  const buffer = replay(groups, { capacity: 200 });
  const run = { env: worlds(), learner, buffer, rng: rng(seed), steps: 90, warmup: 90, batchSize: count };
  for await (const { steps } of offPolicy(run)) expect(steps).toBeLessThanOrEqual(90);
  return rows!;
};

it('the views that are tried lie in every way there is', () => {
  const row = ndarray(
    Float32Array.from({ length: 24 }, (_, i) => i),
    [2, 3, 4],
  );
  const seen = new Set<string>();
  for (const how of fc.sample(lies, { numRuns: 40, seed: 7 }).flat()) {
    const { stride, offset, data } = strew(row, how);
    const [a, b, c] = stride.map(Math.abs) as [number, number, number];
    if (stride.some((s) => s < 0)) seen.add('backwards');
    if (offset > 0) seen.add('offset');
    if (a < b || b < c || a < c) seen.add('transposed');
    if (c > 1) seen.add('gaps');
    if (c === 1 && b === 4 && a !== 12) seen.add('rows together');
    if (stride.join() === '12,4,1') seen.add('contiguous');
    expect(shown(strew(row, how))).toEqual(shown(row));
    if (data.length > 30) expect(data.some(Number.isNaN)).toBe(true);
  }
  expect([...seen].sort()).toEqual(['backwards', 'contiguous', 'gaps', 'offset', 'rows together', 'transposed']);
});

describe('environments', () => {
  it('vectorize reads actions of every kind', () =>
    honours(async (give) => {
      const env = worlds();
      const policies = givenPolicies(groups, give);
      let seen = env.reset(rng(1));
      const steps: unknown[] = [];
      for (let t = 0; t < 4; t++) {
        const stream = rng(t);
        const actions = emptyActions(groups, env.numEnvs) as Record<string, unknown>;
        for (const name of Object.keys(groups) as (keyof World)[]) {
          actions[name] = (await policies[name].act(seen[name], stream, now)).action;
        }
        const step = env.step(actions as ReturnType<typeof emptyActions<World>>);
        steps.push(shown(step));
        seen = step.current;
      }
      return steps;
    }));

  const nobody = { observation: ndarray(new Float32Array(3), [3, 1]), active: ndarray(new Uint8Array(3), [3, 1]) };
  const particles: readonly (readonly [string, () => ParticleEnv<Groups>])[] = [
    ['choices', () => simpleTag({ numEnvs: 3 })],
    ['real numbers', () => simpleTag({ numEnvs: 3, continuous: true })],
    ['moves and messages', () => simpleWorldComm({ numEnvs: 3 })],
    ['real moves and messages', () => simpleWorldComm({ numEnvs: 3, continuous: true })],
  ].map(([name, make]) => [name as string, make as () => ParticleEnv<Groups>]);
  it.each(particles)('the particle world reads actions: %s', (_name, make) =>
    honours((give) => {
      const env = make();
      env.reset(rng(1));
      const steps: unknown[] = [];
      for (let t = 0; t < 3; t++) {
        const stream = rng(t);
        const actions = Object.fromEntries(
          Object.entries(env.groups).map(([name, group]) => {
            const { action } = randomPolicy(group).act(nobody, stream, now) as Act;
            const double = ndarray(Float64Array.from(action.data), [...action.shape]);
            return [name, give(t === 2 ? double : action)];
          }),
        );
        steps.push(shown(env.step(actions as Parameters<typeof env.step>[0])));
      }
      return steps;
    }, 20),
  );
});

describe('buffers', () => {
  it('replay remembers what the views show', async () => {
    const rows = [await rowsOf(5, 1), await rowsOf(5, 2), await rowsOf(5, 3)];
    await honours((give) => {
      const buffer = replay(groups, { capacity: 12 });
      for (const batch of rows) buffer.add(given(batch, give));
      return { saved: buffer.save!(), sample: buffer.sample(20, rng(1)) };
    }, 20);
  });

  it('a sample fills an out of any offset, and refuses one that is not contiguous', async () => {
    const buffer = replay(groups, { capacity: 20 });
    buffer.add(await rowsOf(20, 1));
    const expected = shown(copyBatch(buffer.sample(6, rng(1))));
    const out = await rowsOf(6, 2);
    for (let lead = 0; lead < 5; lead++) {
      const into = given(out, (view) => strew(view, { axes: straight, lead }));
      expect(shown(buffer.sample(6, rng(1), undefined, into))).toEqual(expected);
    }
    let refused = 0;
    fc.assert(
      fc.property(lies, (how) => {
        const into = given(out, strewing(how));
        const before = shown(into);
        try {
          buffer.sample(6, rng(1), undefined, into);
        } catch (error) {
          expect((error as Error).message).toMatch(
            /^replay\.sample: out: .*: expected contiguous rows in out, got strides$/,
          );
          expect(shown(into)).toEqual(before);
          refused += 1;
          return;
        }
        expect(shown(into)).toEqual(expected);
      }),
      { numRuns: 20, seed: 7 },
    );
    expect(refused).toBeGreaterThan(10);
  });

  it('copies are contiguous and show the same', async () => {
    const rows = await rowsOf(4, 1);
    await honours((give) => copyBatch(given(rows, give)), 20);
    const { observation } = rows.groups.boxes;
    await honours((give) => {
      const into = new Float32Array(observation.size + 3);
      copyInto(into, 2, give(observation));
      return into;
    });
  });
});

describe.each(runtimes)('steps, %s', (_name, runtime) => {
  type State = { readonly w: tf.Tensor; readonly b: tf.Tensor };
  type In = { readonly x: tf.Tensor; readonly k: tf.Tensor; readonly m: tf.Tensor };
  const step = runtime.compile(
    ({ w, b }: State, { x, k, m }: In) => {
      const y = tf.add(tf.matMul(tf.reshape(x, [4, 6]), w as tf.Tensor2D), b);
      const z = tf.mul(tf.add(y, tf.cast(k, 'float32')), tf.cast(m, 'float32'));
      return { carry: { w: tf.add(w, tf.mean(z)), b: tf.sum(z, 0) }, output: { y, z } };
    },
    { name: 'strided' },
  );
  const numbers = (n: number, stream: Rng) => stream.fillNormal(new Float32Array(n));
  const tree = { w: ndarray(numbers(12, rng(1)), [6, 2]), b: ndarray(numbers(2, rng(2)), [2]) };
  const inputs = (...lead: readonly number[]) => {
    const times = lead.reduce((a, b) => a * b, 1);
    return {
      x: ndarray(numbers(times * 24, rng(3)), [...lead, 4, 2, 3]),
      k: ndarray(
        Int32Array.from({ length: times * 8 }, (_, i) => (i * 5) % 11),
        [...lead, 4, 2],
      ),
      m: ndarray(
        Uint8Array.from({ length: times * 4 }, (_, i) => ((i * i) % 3) % 2),
        [...lead, 4, 1],
      ),
    };
  };

  it('run reads inputs, and compiles once', async () => {
    const input = inputs();
    await honours(async (give) => {
      const { carry, output } = await step.run(carryOf<State>(tree), given(input, give));
      return { carry: carry.flat, output };
    });
    expect(step.info.shapes).toBe(1);
  });

  it('run follows a window that moves over one array, and turns round', async () => {
    const { k, m } = inputs();
    const film = ndarray(numbers(5 * 24, rng(4)), [5, 4, 2, 3]);
    const run = async (x: typeof film) => shown((await step.run(carryOf<State>(tree), { x, k, m })).output);
    const windows = [0, 3, 3, 1, 4].flatMap((i) => [film.pick(i), film.pick(i).step(-1, 1, -1)]);
    for (const x of windows) {
      const copy = new Float32Array(24);
      copyInto(copy, 0, x);
      expect(await run(x)).toEqual(await run(ndarray(copy, [4, 2, 3])));
      expect(await run(x)).toEqual(await run(x));
    }
    for (const [i, x] of windows.entries()) expect(await run(x)).not.toEqual(await run(windows[(i + 3) % 10]!));
  });

  it('scan reads stacked inputs', async () => {
    const input = inputs(3);
    await honours(async (give) => {
      const { carry, outputs } = await step.scan(carryOf<State>(tree), given(input, give));
      return { carry: carry.flat, outputs };
    });
  });

  it('carries take in what leaves show', async () => {
    await honours((give) => leavesOf(carryOf(given(tree, give))));
  });
});

describe.each(runtimes)('maddpg, %s', (name, runtime) => {
  let noise: Give = asIs;
  const draw: Draw = (stream, shapes) =>
    Object.fromEntries(
      Object.entries(shapes).map(([key, { shape }]) => {
        const data = stream.fillUniform(new Float32Array(shape.reduce((a, b) => a * b, 1)));
        return [key, noise(ndarray(data, [...shape])) as ndarray.NdArray<Float32Array>];
      }),
    );
  const learner = maddpg(groups, { runtime, hidden: [8], draw });

  it('update reads batches and noise', async () => {
    const batch = await rowsOf(6, 1);
    const state = structuredClone(learner.init(rng(0)));
    await honours(
      async (give) => {
        noise = give;
        const [next, metrics] = await learner.update(state, given(batch, give), rng(5), now);
        return { flat: next.carry.flat, metrics };
      },
      name === 'onnx' ? 15 : 4,
    );
  });

  it.each(['explore', 'exploit'] as const)('policies read observations and masks: %s', async (mode) => {
    const policies = learner.policies(learner.init(rng(0)), mode);
    const batch = await rowsOf(6, 1);
    for (const key of Object.keys(groups) as (keyof World)[]) {
      const { observation, active, legal } = batch.groups[key];
      await honours(
        async (give) =>
          (await policies[key].act(given({ observation, active, legal: legal! }, give), rng(3), now)).action,
        10,
      );
    }
  });
});

describe('policies without weights', () => {
  it('random ones read masks, scripts read observations', async () => {
    const batch = await rowsOf(8, 1);
    for (const [name, group] of Object.entries(groups) as [keyof World, Group][]) {
      const { observation, legal } = batch.groups[name];
      const active = ndarray(
        Uint8Array.from({ length: observation.shape[0]! * observation.shape[1]! }, (_, i) => (i % 3 ? 1 : 0)),
        [observation.shape[0]!, observation.shape[1]!],
      );
      await honours(async (give) => {
        const seen: number[] = [];
        const script = scripted(group, (row) => {
          seen.push(...row);
          return group.action.kind === 'discrete' ? 1 : new Float32Array(sizeOf(group.action));
        });
        const view = given({ observation, active, legal: legal! }, give);
        await script.act(view, rng(1), now);
        return { seen, random: (await randomPolicy(group).act(view, rng(1), now)).action };
      }, 20);
    }
  });

  it('the scripts of the particle world read observations', async () => {
    const [spread, tag] = [simpleSpread({ numEnvs: 3 }), simpleTag({ numEnvs: 3, continuous: true })];
    const [here, there] = [spread.reset(rng(1)), tag.reset(rng(1))];
    await honours(async (give) => [
      (await spreadAssignment(spread.groups.agents).act(given(here.agents, give), rng(0), now)).action,
      (await chasePrey(tag.groups).act(given(there.adversaries, give), rng(0), now)).action,
      (await fleePrey(tag.groups).act(given(there.good, give), rng(0), now)).action,
    ]);
  });
});

it('networks take in weights of any strides', async () => {
  const network = mlp({ inputs: 4, hidden: [5], outputs: 3 });
  const weights = network.init(rng(1));
  await honours((give) => {
    const strewn = flat({ apply: network.apply, init: (stream) => given(network.init(stream), give) });
    return { packed: flat(network).pack(given(weights, give)), begun: strewn.init(rng(2)), entries: strewn.entries };
  });
});

describe('loops', () => {
  it('evaluate accounts for what the arrays of an environment show', () =>
    honours((give) => {
      const policies = givenPolicies(groups, give);
      return evaluate({ env: givenEnv(worlds(), give), policies, rng: rng(1), episodes: 12 });
    }, 10));

  it('recordings hold what was done, and play it again', async () => {
    const options = { seed: 3, episodes: 5 };
    await honours((give) => record(givenEnv(worlds(), give), givenPolicies(groups, give), options), 10);
    const recording = await record(worlds(), givenPolicies(groups, asIs), options);
    await honours((give) => replayRecording(givenEnv(worlds(), give), recording), 10);
  });

  it('onPolicy hands rollouts on', () =>
    honours(async (give) => {
      const seen: unknown[] = [];
      const learner = looking((rollout: Rollout<World>) => seen.push(shown(rollout)));
      const policies = givenPolicies(groups, give);
      for await (const _ of onPolicy({
        env: givenEnv(worlds(), give),
        learner,
        policies,
        rng: rng(1),
        steps: 24,
        horizon: 4,
      }));
      return seen;
    }, 10));

  it('offPolicy learns the same', () => {
    const runtime = runtimes[1]![1];
    return honours(async (give) => {
      const learner = maddpg(groups, { runtime, hidden: [8] });
      const inner = learner.policies(learner.init(rng(0)), 'explore');
      let last: unknown;
      for await (const { state, metrics } of offPolicy({
        env: givenEnv(worlds(), give),
        learner,
        buffer: replay(groups, { capacity: 40 }),
        policies: givenPolicies(groups, give, inner),
        rng: rng(1),
        steps: 60,
        batchSize: 8,
        updateEvery: 10,
      })) {
        last = { flat: Array.from(state.carry.flat), metrics };
      }
      return last;
    }, 4);
  });
});
