import * as tf from '@tensorflow/tfjs-core';
import { carryOf, type RestArray } from '@troupe/runtime';
import ndarray from 'ndarray';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { numbers } from './support/numbers.js';
import { runtimes } from './support/runtimes.js';

type Input = { readonly x: tf.Tensor };
const empty = carryOf<Record<string, never>>({});
const list = ({ data }: { readonly data: RestArray['data'] }): number[] => Array.from(data);

describe.each(runtimes)('inputs of %s', (_, make) => {
  const runtime = make();
  afterAll(() => runtime.dispose());
  afterEach(() => vi.restoreAllMocks());
  const copy = runtime.compile(
    (carry: Record<string, never>, { x }: Input) => ({ carry, output: { y: tf.mul(x, tf.onesLike(x)), x } }),
    { name: 'copy' },
  );
  const whole = ndarray(numbers(24, 1), [4, 6]);
  const shown = (view: ndarray.NdArray): number[] => {
    const all: number[] = [];
    for (let i = 0; i < view.shape[0]!; i++) for (let j = 0; j < view.shape[1]!; j++) all.push(view.get(i, j));
    return all;
  };
  it.each<[string, ndarray.NdArray<Float32Array>]>([
    ['transposed', whole.transpose(1, 0)],
    ['rows in the middle', whole.hi(3, 6).lo(1, 0)],
    ['columns in the middle', whole.hi(4, 5).lo(0, 2)],
    ['every other column', whole.step(1, 2)],
    ['backwards', whole.step(-1, -1)],
    ['one column as a matrix', whole.hi(4, 1)],
    ['spread by stride 0', ndarray(Float32Array.of(1, 2, 3), [4, 3], [0, 1], 0)],
  ])('views are read as what they show: %s', async (_name, view) => {
    for (let k = 0; k < 2; k++) {
      const { output } = await copy.run(empty, { x: view });
      expect(list(output.y)).toEqual(shown(view));
      expect(list(output.x)).toEqual(shown(view));
      expect(output.y.shape).toEqual(view.shape);
    }
  });
  it('one view after another of the same shape, and the same array with other contents', async () => {
    for (const row of [0, 1, 2]) {
      const view = whole.hi(row + 1, 6).lo(row, 0);
      expect(list((await copy.run(empty, { x: view })).output.y)).toEqual(shown(view));
    }
    const changing = ndarray(new Float32Array(2), [2]);
    for (const v of [1, 2, 3]) {
      changing.data.fill(v);
      expect(list((await copy.run(empty, { x: changing })).output.y)).toEqual([v, v]);
    }
  });
  it('outputs fed back', async () => {
    const swap = runtime.compile(
      (carry: Record<string, never>, { a, b }: { readonly a: tf.Tensor; readonly b: tf.Tensor }) => ({
        carry,
        output: { a: tf.mul(b, 2), b: tf.add(a, 1) },
      }),
      { name: 'swap' },
    );
    let { output } = await swap.run(empty, {
      a: ndarray(Float32Array.of(1), [1]),
      b: ndarray(Float32Array.of(2), [1]),
    });
    ({ output } = await swap.run(empty, output));
    ({ output } = await swap.run(empty, output));
    expect([list(output.a), list(output.b)]).toEqual([[10], [5]]);
    const rows = { a: ndarray(Float32Array.of(1, 2), [2, 1]), b: ndarray(Float32Array.of(3, 4), [2, 1]) };
    let { outputs } = await swap.scan(empty, rows);
    ({ outputs } = await swap.scan(empty, outputs));
    expect([list(outputs.a), list(outputs.b)]).toEqual([
      [4, 6],
      [7, 9],
    ]);
  });
  it('shared memory', async () => {
    const shared = new Float32Array(new SharedArrayBuffer(8));
    shared.set([1, 2]);
    expect(list((await copy.run(empty, { x: ndarray(shared, [2]) })).output.y)).toEqual([1, 2]);
  });
  it('integers, bools and scalars keep their kind', async () => {
    const kinds = runtime.compile(
      (
        carry: Record<string, never>,
        input: { readonly i: tf.Tensor; readonly b: tf.Tensor; readonly s: tf.Tensor },
      ) => ({
        carry,
        output: {
          dtypes: tf.tensor1d([Number(input.i.dtype === 'int32'), Number(input.b.dtype === 'bool'), input.s.rank]),
          ...input,
        },
      }),
    );
    const { output } = await kinds.run(empty, {
      i: ndarray(Int32Array.of(7, 8), [2]),
      b: ndarray(Uint8Array.of(1, 0), [2]),
      s: ndarray(Float32Array.of(5), []),
    });
    expect(list(output.dtypes)).toEqual([1, 1, 0]);
    expect(output.i.data).toBeInstanceOf(Int32Array);
    expect(output.b.data).toBeInstanceOf(Uint8Array);
    expect([list(output.i), list(output.b), list(output.s), output.s.shape]).toEqual([[7, 8], [1, 0], [5], []]);
  });
  it('nested structures come back as they are, keys in any order, lists as lists', async () => {
    const nested = runtime.compile(
      (
        carry: Record<string, never>,
        {
          a,
          rest,
        }: { readonly a: tf.Tensor; readonly rest: readonly { readonly b: tf.Tensor; readonly c: tf.Tensor }[] },
      ) => ({
        carry,
        output: [{ sum: tf.add(a, rest[0]!.b) }, rest.map(({ c }) => tf.neg(c))] as const,
      }),
    );
    const leaf = (x: number) => ndarray(Float32Array.of(x), [1]);
    for (const input of [
      { a: leaf(1), rest: [{ b: leaf(2), c: leaf(3) }] },
      { rest: [{ c: leaf(3), b: leaf(2) }], a: leaf(1) },
    ]) {
      const { output } = await nested.run(empty, input);
      expect(list(output[0].sum)).toEqual([3]);
      expect(output[1].map(list)).toEqual([[-3]]);
    }
    if (!runtime.name.startsWith('eager')) expect(nested.info.shapes).toBe(1);
  });
  it('inputs that may be absent', async () => {
    const optional = runtime.compile((carry: Record<string, never>, input: Readonly<Record<string, tf.Tensor>>) => ({
      carry,
      output: { y: 'mask' in input ? tf.mul(input['x']!, input['mask']) : input['x']! },
    }));
    const x = ndarray(Float32Array.of(1, 2), [2]);
    expect(list((await optional.run(empty, { x })).output.y)).toEqual([1, 2]);
    expect(list((await optional.run(empty, { x, mask: ndarray(Float32Array.of(0, 1), [2]) })).output.y)).toEqual([
      0, 2,
    ]);
    expect(list((await optional.run(empty, { x })).output.y)).toEqual([1, 2]);
  });
  it('a new shape or kind is met with a new variant, and more than eight with a warning', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const grow = runtime.compile(
      (carry: Record<string, never>, { x }: Input) => ({ carry, output: { y: tf.add(x, x) } }),
      { name: 'grow' },
    );
    for (let n = 1; n <= 10; n++) {
      expect((await grow.run(empty, { x: ndarray(numbers(n, 1), [n]) })).output.y.shape).toEqual([n]);
    }
    await grow.run(empty, { x: ndarray(new Int32Array(1), [1]) });
    expect(grow.info.shapes).toBe(11);
    const warnings = warn.mock.calls
      .map(([message]) => String(message))
      .filter((message) => message.includes("'grow'"));
    if (runtime.name.startsWith('eager')) expect(warnings).toEqual([]);
    else {
      expect(warnings).toHaveLength(1);
      expect(warnings[0]).toMatch(/9 different forms.*x \[1\]; x \[2\]/s);
      expect(grow.info.nodes).toBeGreaterThan(0);
      expect(grow.info.buildMs).toBeGreaterThan(0);
    }
  });
});
