import type * as tf from '@tensorflow/tfjs-core';
import { carryOf, leavesOf, type Carry } from '@troupe/runtime';
import ndarray from 'ndarray';
import { afterAll, describe, expect, it } from 'vitest';
import { descend, rows, start, type Weights } from './support/regression.js';
import { runtimes } from './support/runtimes.js';

/** `carryOf` for trees whose types do not matter. */
const looseCarryOf = carryOf as (tree: unknown) => Carry<Loose>;
type Loose = Readonly<Record<string, tf.Tensor>>;
const f32 = (...xs: number[]) => ndarray(Float32Array.from(xs), [xs.length]);

describe('carryOf', () => {
  it('lays leaves out one after another, in the order of keys, and copies', () => {
    const source = f32(1, 2);
    const carry = looseCarryOf({
      a: source,
      b: [f32(3), { c: ndarray(Float32Array.of(4, 5, 6, 7), [2, 2]) }],
    });
    source.data[0] = 99;
    expect(Array.from(carry.flat)).toEqual([1, 2, 3, 4, 5, 6, 7]);
    expect(carry.layout).toEqual([
      { path: ['a'], shape: [2] },
      { path: ['b', '0'], shape: [1] },
      { path: ['b', '1', 'c'], shape: [2, 2] },
    ]);
  });
  it('reads views as what they show', () => {
    const turned = ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]).transpose(1, 0);
    expect(Array.from(looseCarryOf({ t: turned }).flat)).toEqual([1, 4, 2, 5, 3, 6]);
  });
  it.each<[string, unknown, RegExp]>([
    ['integers', { n: ndarray(Int32Array.of(1), [1]) }, /leaf n: expected a Float32Array, got int32/],
    ['doubles', { n: ndarray(Float64Array.of(1), [1]) }, /leaf n: expected a Float32Array.*got a Float64Array/],
    ['plain arrays of numbers', { n: [1, 2] }, /expected an ndarray.*at n\.0, got 1/],
    ['typed arrays without a shape', { n: new Float32Array(2) }, /at n, got a Float32Array/],
    ['null', { n: null }, /at n, got null/],
    ['keys like array indices', { '0': f32(1) }, /key '0' at \(root\) reads like an array index/],
    ['empty places', { a: f32(1), b: {} }, /nothing at b; leave the key out/],
    [
      'shapes that reach past the array',
      { n: ndarray(new Float32Array(3), [2, 2]) },
      /reaches elements 0 to 3, but the array has 3/,
    ],
    [
      'shapes that are no integers',
      { n: ndarray(new Float32Array(3), [NaN]) },
      /expected a shape of integers >= 0, got \[NaN\]/,
    ],
  ])('refuses %s', (_, tree, message) => {
    expect(() => looseCarryOf(tree)).toThrow(message);
  });
});

describe('leavesOf', () => {
  it('gives views in the same structure', () => {
    const carry = looseCarryOf({ a: f32(1, 2), b: [f32(3), f32(4)] });
    const { a, b } = leavesOf(carry) as unknown as {
      a: ndarray.NdArray<Float32Array>;
      b: ndarray.NdArray<Float32Array>[];
    };
    expect(Array.isArray(b)).toBe(true);
    expect(b.map((leaf) => leaf.get(0))).toEqual([3, 4]);
    a.set(1, 20);
    expect(carry.flat[1]).toBe(20);
  });
  it('gives the leaf itself for a carry that is one, and {} for an empty one', () => {
    expect((leavesOf(carryOf<tf.Tensor>(f32(1, 2))) as ndarray.NdArray).shape).toEqual([2]);
    expect(leavesOf(carryOf<Record<string, never>>({}))).toEqual({});
  });
});

describe.each(runtimes)('consumption, %s', (_, make) => {
  const runtime = make();
  afterAll(() => runtime.dispose());
  const compiled = runtime.compile(descend, { name: 'descend' });

  it('a carry is used up by run, and says by whom and what to do', async () => {
    const carry = start();
    await compiled.run(carry, rows());
    expect(() => carry.flat).toThrow(/consumed by step 'descend'.*structuredClone\(carry\).*progress\.state/s);
    expect(() => leavesOf(carry)).toThrow(/consumed/);
    expect(() => structuredClone(carry)).toThrow(/consumed/);
    await expect(async () => compiled.run(carry, rows())).rejects.toThrow(/consumed/);
  });
  it('a plain copy runs as well, gives the same, and is only read', async () => {
    const carry = start();
    const copy = structuredClone(carry);
    expect(Object.keys(copy)).toEqual(['layout', 'flat']);
    const before = Array.from(copy.flat);
    const first = Array.from((await compiled.run(carry, rows())).carry.flat);
    for (let k = 0; k < 3; k++) expect(Array.from((await compiled.run(copy, rows())).carry.flat)).toEqual(first);
    expect(Array.from(copy.flat)).toEqual(before);
  });
  it('lineages do not touch each other, however often they alternate', async () => {
    let [a, b]: Carry<Weights>[] = [
      start(),
      carryOf<Weights>({ w: ndarray(new Float32Array(6), [3, 2]), b: f32(0, 0) }),
    ];
    const alone: number[][] = [];
    let single = start();
    for (let k = 0; k < 6; k++) {
      ({ carry: single } = await compiled.run(single, rows()));
      alone.push(Array.from(single.flat));
    }
    const kept: (readonly [Carry<Weights>, number[]])[] = [];
    for (let k = 0; k < 6; k++) {
      ({ carry: a } = await compiled.run(a!, rows()));
      ({ carry: b } = await compiled.run(b!, rows()));
      kept.push([structuredClone(a), Array.from(a.flat)]);
      expect(Array.from(a.flat)).toEqual(alone[k]);
    }
    for (const [copy, values] of kept) expect(Array.from(copy.flat)).toEqual(values);
  });
  it('alternates between two buffers: no new memory per step', async () => {
    let carry = start();
    const seen = new Set<Float32Array>();
    for (let k = 0; k < 10; k++) {
      seen.add(carry.flat);
      ({ carry } = await compiled.run(carry, rows()));
    }
    expect(seen.size).toBe(2);
  });
  it('a failed run leaves the carry as it was', async () => {
    const carry = start();
    const before = Array.from(carry.flat);
    await expect(async () =>
      compiled.run(carry, { x: rows().x, y: ndarray(new Float32Array(3), [3]) }),
    ).rejects.toThrow(/step 'descend'/);
    expect(Array.from(carry.flat)).toEqual(before);
  });
  it('a step without state does not consume anything', async () => {
    const empty = carryOf<Record<string, never>>({});
    const acting = runtime.compile(
      (carry: Record<string, never>, { x }: { readonly x: tf.Tensor }) => ({ carry, output: x }),
      { name: 'acting' },
    );
    for (let k = 0; k < 3; k++) {
      const { carry, output } = await acting.run(empty, { x: f32(k, 1) });
      expect(carry).toBe(empty);
      expect(Array.from((output as { data: Float32Array }).data)).toEqual([k, 1]);
    }
  });
  it('leaves that a step does not change pass through', async () => {
    const passing = runtime.compile(
      (c: Weights, { x }: { readonly x: tf.Tensor }) => ({ carry: { b: c.b, w: c.w }, output: x }),
      { name: 'passing' },
    );
    const carry = start();
    const before = Array.from(carry.flat);
    expect(Array.from((await passing.run(carry, { x: f32(1) })).carry.flat)).toEqual(before);
  });
});
