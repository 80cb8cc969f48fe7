import * as tf from '@tensorflow/tfjs-core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import {
  actingPolicy,
  box,
  copyInto,
  elements,
  discrete,
  headOf,
  hybrid,
  isContiguous,
  multiDiscrete,
  noiseSource,
  outputSizeOf,
  policiesOf,
  randomPolicy,
  rng,
  scripted,
  type Acting,
  type Group,
  type GroupObservation,
  type Policy,
  type Space,
} from '../src/index.js';

const clock = { steps: 0, total: 1 };
const groupOf = <A extends Space>(action: A, n = 2) => ({
  agents: Array.from({ length: n }, (_, i) => `a${i}`) as readonly string[],
  observation: box([3]),
  action,
});
const seen = (numEnvs: number, n: number, legal?: number[][]): GroupObservation => ({
  observation: ndarray(
    Float32Array.from({ length: numEnvs * n * 3 }, (_, i) => i),
    [numEnvs, n, 3],
  ),
  active: ndarray(new Uint8Array(numEnvs * n).fill(1), [numEnvs, n]),
  ...(legal && { legal: ndarray(Uint8Array.from(legal.flat()), [numEnvs, n, legal[0]!.length]) }),
});

describe('randomPolicy', () => {
  it('stays within every space and uses all of it', async () => {
    const space = hybrid(box([2], { low: [-1, 2], high: [1, 5] }), multiDiscrete(2, 3));
    const policy = randomPolicy(groupOf(space));
    const stream = rng(1);
    const rows: number[][] = [];
    for (let i = 0; i < 200; i++) {
      const { action } = await policy.act(seen(1, 2), stream, clock);
      for (let k = 0; k < 2; k++) rows.push(Array.from(action.data.subarray(k * 4, k * 4 + 4)));
    }
    const column = (k: number) => rows.map((row) => row[k]!);
    expect(Math.min(...column(0))).toBeGreaterThanOrEqual(-1);
    expect(Math.max(...column(0))).toBeLessThanOrEqual(1);
    expect(Math.min(...column(1))).toBeGreaterThanOrEqual(2);
    expect(Math.max(...column(1))).toBeGreaterThan(4.8);
    expect(new Set(column(2))).toEqual(new Set([0, 1]));
    expect(new Set(column(3))).toEqual(new Set([0, 1, 2]));
  });

  it('chooses among legal choices only', async () => {
    const policy = randomPolicy(groupOf(discrete(4), 1));
    const chosen = new Set<number>();
    for (let i = 0; i < 100; i++) {
      const { action } = await policy.act(seen(1, 1, [[0, 1, 0, 1]]), rng(i), clock);
      chosen.add(action.get(0, 0));
    }
    expect(chosen).toEqual(new Set([1, 3]));
  });
});

describe('scripted', () => {
  it('reads one agent at a time, through any strides', async () => {
    const policy = scripted(groupOf(box([1])), ([x, , z], agent) => [x! + 10 * z! + 100 * agent]);
    const { action } = await policy.act(seen(2, 2), rng(0), clock);
    expect([...action.data]).toEqual([20, 153, 86, 219]);
    const straight = seen(2, 2);
    const turned = { ...straight, observation: straight.observation.step(1, 1, -1) };
    const back = await policy.act(turned, rng(0), clock);
    expect([...back.action.data]).toEqual([2, 135, 68, 201]);
  });
});

it('scripted shows the mask where there is one', async () => {
  const policy = scripted(groupOf(discrete(3)), (_seen, _agent, _rng, legal) => legal?.indexOf(1) ?? 2);
  const masks = [
    [0, 0, 1],
    [0, 1, 1],
  ];
  const act = async (seen: GroupObservation) => [...(await policy.act(seen, rng(0), clock)).action.data];
  expect(await act(seen(1, 2, masks))).toEqual([2, 1]);
  expect(await act(seen(1, 2))).toEqual([2, 2]);
});

describe.each(runtimes)('actingPolicy, %s', (_name, runtime) => {
  /** Puts out θ for every agent, so that what is decoded is known. */
  const constant = (group: Group, theta: readonly number[]): Acting => {
    const head = headOf(group.action);
    return {
      head,
      theta: ndarray(Float32Array.from(theta), [theta.length]),
      step: (carry, input) => ({
        carry,
        output: {
          output: tf.add(
            tf.zeros([input.observation.shape[0], input.observation.shape[1]!, outputSizeOf(head)]),
            input.theta,
          ),
        },
      }),
    };
  };

  it('takes the mode, honours masks, and passes real numbers through', async () => {
    const group = groupOf(hybrid(box([1], { low: 0, high: 9 }), multiDiscrete(2, 3)), 1);
    const policy = actingPolicy({
      runtime,
      name: 'test',
      group,
      mode: 'exploit',
      state: 0,
      acting: () => constant(group, [7, 0, 1, 5, 4, 3]),
    });
    const free = await policy.act(seen(1, 1), rng(0), clock);
    expect([...free.action.data]).toEqual([7, 1, 0]);
    const masked = await policy.act(seen(1, 1, [[1, 0, 0, 1, 1]]), rng(0), clock);
    expect([...masked.action.data]).toEqual([7, 0, 1]);
  });

  it('samples choices by their probabilities and follows the state it is handed', async () => {
    const group = groupOf(discrete(3), 1);
    const policy = actingPolicy<typeof group, number>({
      runtime,
      name: 'test',
      group,
      mode: 'explore',
      state: 0,
      acting: (state) => constant(group, state === 0 ? [Math.log(1), Math.log(2), Math.log(5)] : [0, -1e9, -1e9]),
    });
    const stream = rng(3);
    const counts = [0, 0, 0];
    for (let i = 0; i < 100; i++) {
      const { action } = await policy.act(seen(40, 1), stream, clock);
      for (const a of action.data) counts[a]! += 1;
    }
    // 4000 draws with p = 1/8, 2/8, 5/8: deviations 21, 27, 31
    [500, 1000, 2500].forEach((expected, i) => expect(Math.abs(counts[i]! - expected)).toBeLessThan(110));
    policy.update?.(1);
    const { action } = await policy.act(seen(40, 1), stream, clock);
    expect(new Set(action.data)).toEqual(new Set([0]));
  });

  it('lets exploration change the actions, only while exploring', async () => {
    const group = groupOf(box([1], { low: -9, high: 9 }), 1);
    const options = { runtime, name: 'test', group, state: 0, acting: () => constant(group, [1]) };
    const explore = { perturb: (action: Float32Array | Int32Array) => (action[0]! += 2), save: () => 5 };
    const exploring = actingPolicy({ ...options, mode: 'explore', explore });
    expect((await exploring.act(seen(1, 1), rng(0), clock)).action.data[0]).toBe(3);
    expect(exploring.save?.()).toEqual({ explore: 5 });
    const greedy = actingPolicy({ ...options, mode: 'exploit', explore });
    expect((await greedy.act(seen(1, 1), rng(0), clock)).action.data[0]).toBe(1);
  });
});

describe('noiseSource', () => {
  it('fills the same arrays again, from the stream', () => {
    const draw = noiseSource();
    const shapes = { u: { kind: 'uniform', shape: [3, 2] }, z: { kind: 'normal', shape: [1000] } } as const;
    const first = draw(rng(1), shapes);
    const values = [...first['u']!.data];
    expect(values.every((x) => x >= 0 && x < 1)).toBe(true);
    const mean = first['z']!.data.reduce((a, b) => a + b) / 1000;
    expect(Math.abs(mean)).toBeLessThan(0.1);
    const second = draw(rng(2), shapes);
    expect(second['u']!.data).toBe(first['u']!.data);
    expect([...second['u']!.data]).not.toEqual(values);
    expect(draw(rng(1), { u: { kind: 'uniform', shape: [4] } })['u']!.shape).toEqual([4]);
  });
});

describe('copyInto', () => {
  it('reads what a view shows: transposed, reversed, with an offset', () => {
    const a = ndarray(
      Float32Array.from({ length: 6 }, (_, i) => i),
      [2, 3],
    );
    const read = (view: typeof a) => {
      const out = new Float32Array(view.size + 1);
      copyInto(out, 1, view);
      return [...out];
    };
    expect(isContiguous(a)).toBe(true);
    expect(read(a)).toEqual([0, 0, 1, 2, 3, 4, 5]);
    expect(isContiguous(a.transpose(1, 0))).toBe(false);
    expect(read(a.transpose(1, 0))).toEqual([0, 0, 3, 1, 4, 2, 5]);
    expect(read(a.step(-1, -1))).toEqual([0, 5, 4, 3, 2, 1, 0]);
    expect(read(a.lo(1, 1))).toEqual([0, 4, 5]);
    expect(read(a.pick(1, null))).toEqual([0, 3, 4, 5]);
  });

  it('is what `elements` needs only where they do not lie side by side', () => {
    const data = Float32Array.from({ length: 8 }, (_, i) => i);
    const rows = ndarray(data.subarray(0, 6), [2, 3]);
    expect(elements(rows)).toBe(rows.data);
    for (const window of [ndarray(data, [2, 3]), rows.lo(1, 0)]) {
      expect(elements(window).buffer).toBe(data.buffer);
      expect([...elements(window)]).toEqual([...data].slice(window.offset, window.offset + window.size));
    }
    expect([...elements(rows.transpose(1, 0))]).toEqual([0, 3, 1, 4, 2, 5]);
    expect([...elements(rows.lo(1, 1).step(1, -1))]).toEqual([5, 4]);
  });
});

describe('policies of an environment', () => {
  it('are made of its groups and their names', () => {
    const groups = {
      cats: { agents: ['tom'], observation: box([1]), action: discrete(2) },
      mice: { agents: ['jerry', 'nibbles'], observation: box([1]), action: box([2]) },
    } as const;
    const made: string[] = [];
    const policies = policiesOf(groups, (group, name) => {
      made.push(`${name} ${group.agents.join(' ')}`);
      return randomPolicy(group);
    });
    expect(made).toEqual(['cats tom', 'mice jerry nibbles']);
    const action: Policy<typeof groups.mice> = policies.mice;
    expect(Object.values(policies)).toEqual([policies.cats, action]);
  });
});
