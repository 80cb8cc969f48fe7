import * as tf from '@tensorflow/tfjs-core';
import { StepError, carryOf, registerLowering, type AtRest, type Carry, type Step } from '@troupe/runtime';
import ndarray from 'ndarray';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { runtimes } from './support/runtimes.js';

type Input = { readonly x: tf.Tensor };
type Plain = Step<Record<string, never>, Input, tf.Tensor>;
const x = { x: ndarray(Float32Array.of(1, 2, 3), [3]) };
const empty = (): Carry<Record<string, never>> => carryOf<Record<string, never>>({});
const state = (): Carry<{ w: tf.Tensor }> => carryOf<{ w: tf.Tensor }>({ w: ndarray(Float32Array.of(1, 2, 3), [3]) });

beforeAll(() => {
  // A kernel of one's own, known to the cpu backend only.
  tf.registerKernel({
    kernelName: 'Hypotenuse',
    backendName: 'cpu',
    kernelFunc: ({ inputs }) =>
      tf.sqrt(tf.add(tf.square(inputs['a'] as tf.Tensor), tf.square(inputs['b'] as tf.Tensor))),
  });
});
const hypotenuse = (a: tf.Tensor, b: tf.Tensor): tf.Tensor => tf.engine().runKernel('Hypotenuse', { a, b });

const descent = tf.train.sgd(0.1);
const held = tf.variable(tf.tensor1d([1, 2, 3]));
afterAll(() => {
  // Nothing that was refused came through.
  expect(Array.from(held.dataSync())).toEqual([1, 2, 3]);
});

/** What a step may do nowhere, and what it may not do where it is traced. */
const everywhere: [string, (input: Input) => unknown, RegExp][] = [
  [
    'Math.random',
    ({ x }) => tf.mul(x, Math.random()),
    /step 'bad': it draws a random number.*pass the numbers in as an input/s,
  ],
  ['tf.randomNormal without a seed', ({ x }) => tf.add(x, tf.randomNormal([3])), /draws a random number/],
  ['tf.randomUniform without a seed', ({ x }) => tf.add(x, tf.randomUniform([3])), /draws a random number/],
  ['tf.dropout', ({ x }) => tf.dropout(x, 0.5), /draws a random number/],
  [
    'assigning to a variable',
    ({ x }) => (held.assign(x as tf.Tensor1D), x),
    /step 'bad': it assigns to a tf\.Variable.*carry.*compileVariables/s,
  ],
  [
    'an optimiser of tf.train',
    ({ x }) => (descent.minimize(() => tf.sum(tf.mul(held, x))), x),
    /(assigns to|reads) (a|the) tf\.Variable.*compileVariables/s,
  ],
  ['making a variable', ({ x }) => tf.mul(x, tf.variable(tf.scalar(2))), /step 'bad': it makes a tf\.Variable/],
  ['a number in place of a tensor', () => ({ n: 3 }), /expected a tensor at n, got 3/],
];
const traced: [string, (input: Input) => unknown, RegExp][] = [
  [
    'dataSync',
    ({ x }) => tf.mul(x, x.dataSync()[0]!),
    /step 'bad': it reads the value of a tensor.*tf\.where.*eager\(\)/s,
  ],
  ['arraySync', ({ x }) => tf.mul(x, (x.arraySync() as number[])[0]!), /reads the value/],
  ['print', ({ x }) => (x.print(), x), /reads the value/],
  ['data() that nobody waits for', ({ x }) => (void x.data(), x), /reads the value/],
  ['reading a variable', ({ x }) => tf.mul(x, held), /step 'bad': it reads the tf\.Variable.*carry.*compileVariables/s],
  [
    'a kernel without translation',
    ({ x }) => hypotenuse(x, x),
    /step 'bad': it uses the tfjs kernel 'Hypotenuse'.*registerLowering\('Hypotenuse'/s,
  ],
  ['multinomial', ({ x }) => tf.multinomial(x as tf.Tensor1D, 2, 1), /kernel 'Multinomial'/],
];

describe.each(runtimes)('what %s refuses', (name, make) => {
  const runtime = make();
  afterAll(() => runtime.dispose());
  const attempt = (f: (input: Input) => unknown) => async () =>
    runtime
      .compile((carry: Record<string, never>, input: Input) => ({ carry, output: f(input) as tf.Tensor }), {
        name: 'bad',
      })
      .run(empty(), x);

  it.each(name === 'eager' ? everywhere : [...everywhere, ...traced])('%s', async (_, f, message) => {
    const before = { tensors: tf.memory().numTensors, random: Math.random, backend: tf.getBackend() };
    vi.spyOn(console, 'log').mockImplementation(() => undefined);
    const failing = expect(attempt(f)).rejects;
    await failing.toThrow(message);
    vi.restoreAllMocks();
    await expect(attempt(f)).rejects.toBeInstanceOf(StepError);
    expect(Math.random).toBe(before.random);
    expect(tf.getBackend()).toBe(before.backend);
    expect(tf.memory().numTensors).toBe(before.tensors);
  });
  it('an asynchronous step', async () => {
    const step = ((carry: object, { x: t }: Input) => Promise.resolve({ carry, output: t })) as unknown as Plain;
    await expect(async () => runtime.compile(step, { name: 'bad' }).run(empty(), x)).rejects.toThrow(
      /it is asynchronous.*at once/s,
    );
  });
  it('a step that returns something else', async () => {
    await expect(async () =>
      runtime.compile((() => 3) as unknown as Plain, { name: 'bad' }).run(empty(), x),
    ).rejects.toThrow(/it returned 3\. A step returns \{ carry, output \}/);
  });
  it('a compiled step inside a step', async () => {
    const inner = runtime.compile((carry: Record<string, never>, { x }: Input) => ({ carry, output: x }));
    await expect(attempt(({ x: t }) => (void inner.run(empty(), x), t))).rejects.toThrow(
      /calls the compiled step.*plain function/s,
    );
    await expect(attempt(({ x: t }) => (runtime.compile(() => ({ carry: {}, output: t })), t))).rejects.toThrow(
      /calls compile/,
    );
  });
  it.each<[string, (w: tf.Tensor) => object, RegExp]>([
    ['lacks a leaf', () => ({}), /the carry it returned lacks w/],
    ['has another leaf', (w) => ({ w, extra: w }), /the carry it returned has extra, which the given one has not/],
    ['has another shape', (w) => ({ w: tf.concat([w, w]) }), /carry w changed its shape from \[3\] to \[6\]/],
    ['has another dtype', (w) => ({ w: tf.cast(w, 'int32') }), /carry w changed its dtype from float32 to int32/],
  ])('a returned carry that %s', async (_, change, message) => {
    const bad = runtime.compile(
      ({ w }: { readonly w: tf.Tensor }, { x: t }: Input) => ({ carry: change(w) as { w: tf.Tensor }, output: t }),
      { name: 'bad' },
    );
    await expect(async () => bad.run(state(), x)).rejects.toThrow(message);
  });
  it.each<[string, unknown, RegExp]>([
    [
      'a Float64Array',
      { x: ndarray(new Float64Array(3), [3]) },
      /step 'bad': input: leaf x: expected a Float32Array, Int32Array or Uint8Array, got a Float64Array/,
    ],
    ['a shape of NaN', { x: ndarray(new Float32Array(3), [NaN]) }, /leaf x: expected a shape of integers/],
    [
      'a shape larger than the array',
      { x: ndarray(new Float32Array(3), [2, 3]) },
      /reaches elements 0 to 5, but the array has 3/,
    ],
    ['a plain array', { x: [1, 2, 3] }, /expected an ndarray at x\.0, got 1/],
    ['a missing key', { y: x.x }, /step 'bad' failed.*input: y: float32 \[3\]/s],
    ['a tensor', { x: tf.tensor1d([1, 2]) }, /expected an ndarray at x, got a tensor of shape \[2\].*ndarray\(/s],
    ['nothing', undefined, /step 'bad': input: expected an ndarray at \(root\), got undefined/],
  ])('as input %s', async (_, input, message) => {
    const good = runtime.compile((carry: Record<string, never>, { x: t }: Input) => ({ carry, output: tf.neg(t) }), {
      name: 'bad',
    });
    await good.run(empty(), x); // compiled already: the check must not depend on that
    await expect(async () => good.run(empty(), input as AtRest<Input>)).rejects.toThrow(message);
  });
  const matrix = (t: tf.Tensor): tf.Tensor => tf.reshape(t, [1, 3]);
  it.each<[string, (t: tf.Tensor) => tf.Tensor]>([
    ['matMul', (t) => tf.matMul(matrix(t), tf.ones([2, 3]))],
    ['matMul, turned', (t) => tf.matMul(matrix(t), tf.ones([3, 2]), false, true)],
    ['add', (t) => tf.add(t, tf.ones([2]))],
    ['concat', (t) => tf.concat([matrix(t), tf.ones([1, 2])], 0)],
    ['concat of other ranks', (t) => tf.concat([matrix(t), t], 0)],
    ['stack', (t) => tf.stack([t, tf.ones([2])])],
    ['slice', (t) => tf.slice(t, [1], [3])],
    ['split', (t) => tf.split(t, 2)[0]!],
    ['split into sizes', (t) => tf.split(t, [1, 1])[0]!],
    ['gather in batches', (t) => tf.gather(matrix(t), tf.zeros([2, 1], 'int32'), 1, 1)],
    ['gatherND', (t) => tf.gatherND(t, tf.zeros([1, 2], 'int32'))],
    ['einsum', (t) => tf.einsum('i,i->', t, tf.ones([2]))],
    ['prelu', (t) => tf.prelu(t, tf.ones([2]))],
    ['maxPool', (t) => tf.maxPool(tf.reshape<tf.Rank.R4>(t, [1, 1, 3, 1]), 3, 1, 'valid')],
  ])('shapes that do not fit: %s', async (_, f) => {
    const step = runtime.compile((carry: Record<string, never>, { x: t }: Input) => ({ carry, output: f(t) }), {
      name: 'bad',
    });
    // Where the step is traced, or run; not from deep inside the engine.
    await expect(async () => step.run(empty(), x)).rejects.toThrow(
      /^step 'bad' failed while being (traced|run): .*\(input: x: float32 \[3\]\)$/s,
    );
  });
  it('a carry that is none', async () => {
    const step = runtime.compile((carry: Record<string, never>, { x: t }: Input) => ({ carry, output: t }), {
      name: 'bad',
    });
    await expect(async () =>
      step.run({ layout: [{ path: ['a'], shape: [2] }], flat: new Float32Array(3) }, x),
    ).rejects.toThrow(/the carry is not one: expected a Float32Array of 2 numbers.*carryOf/s);
    await expect(async () => step.run(undefined as never, x)).rejects.toThrow(/got undefined.*takes carryOf\(\{\}\)/s);
    await expect(async () => step.run(x as never, x)).rejects.toThrow(/got an object with x\. Make it with carryOf/);
  });
  it('running after dispose', async () => {
    const own = make();
    const step = own.compile((carry: Record<string, never>, { x: t }: Input) => ({ carry, output: t }), {
      name: 'bad',
    });
    await step.run(empty(), x);
    own.dispose();
    own.dispose();
    await expect(async () => step.run(empty(), x)).rejects.toThrow(/step 'bad': it was run after dispose/);
  });
  it('stacked inputs of different lengths', async () => {
    const step = runtime.compile(
      (carry: Record<string, never>, { a }: { a: tf.Tensor; b: tf.Tensor }) => ({ carry, output: a }),
      { name: 'bad' },
    );
    await expect(async () =>
      step.scan(empty(), { a: ndarray(new Float32Array(2), [2]), b: ndarray(new Float32Array(3), [3]) }),
    ).rejects.toThrow(/begin with the same number of steps.*a \[2\]; b \[3\]/s);
    const rows = (a: number, b: number) => ({
      a: ndarray(new Float32Array(a), [a]),
      b: ndarray(new Float32Array(b), [b]),
    });
    await step.scan(empty(), rows(2, 2)); // compiled: the check must not depend on that
    await expect(async () => step.scan(empty(), rows(2, 3))).rejects.toThrow(/step 'bad'.*a \[2\]; b \[3\]/s);
    await expect(async () => step.scan(empty(), rows(0, 0))).rejects.toThrow(/step 'bad'.*at least one.*a \[0\]/s);
  });
});

describe.each(runtimes)('a tensor from outside that %s gives back', (_, make) => {
  it('stays alive', async () => {
    const t = tf.tensor1d([10, 20, 30]);
    const step = make().compile((carry: Record<string, never>, _: Input) => ({ carry, output: t }));
    for (let k = 0; k < 2; k++) expect(Array.from((await step.run(empty(), x)).output.data)).toEqual([10, 20, 30]);
    expect(t.isDisposed).toBe(false);
    t.dispose();
  });
});

describe('what only tracing refuses', () => {
  const [, make] = runtimes[1]!;
  it('a step that returns no tensors', async () => {
    const step = make().compile((carry: Record<string, never>, _: Record<string, never>) => ({ carry, output: {} }), {
      name: 'bad',
    });
    await expect(async () => step.run(empty(), {})).rejects.toThrow(/it returns no tensors/);
  });
  it('a disposed tensor from outside', async () => {
    const t = tf.tensor1d([1, 2, 3]);
    t.dispose();
    const step = make().compile((carry: Record<string, never>, { x }: Input) => ({ carry, output: tf.add(x, t) }), {
      name: 'bad',
    });
    await expect(async () => step.run(empty(), x)).rejects.toThrow(/disposed/);
  });
  it('takes a tensor from outside as a constant', async () => {
    const t = tf.tensor1d([10, 20, 30]);
    const step = make().compile((carry: Record<string, never>, { x }: Input) => ({ carry, output: tf.add(x, t) }));
    expect(Array.from((await step.run(empty(), x)).output.data)).toEqual([11, 22, 33]);
    expect(t.isDisposed).toBe(false);
    t.dispose();
  });
  it('a tensor that it kept from an earlier call, unless that is a constant', async () => {
    let mask: tf.Tensor | undefined;
    let sum: tf.Tensor | undefined;
    const step = make().compile(
      (carry: Record<string, never>, { x }: Input) => {
        mask ??= tf.keep(tf.tensor1d([1, 10, 100]));
        // As many operators as there were: a value of the earlier graph would be taken for one of these.
        return { carry, output: tf.mul(tf.add(x, 1), mask) };
      },
      { name: 'bad' },
    );
    const two = { x: ndarray(Float32Array.of(1, 2, 3, 4, 5, 6), [2, 3]) };
    expect(Array.from((await step.run(empty(), x)).output.data)).toEqual([2, 30, 400]);
    expect(Array.from((await step.run(empty(), two)).output.data)).toEqual([2, 30, 400, 5, 60, 700]);
    const keeping = make().compile(
      (carry: Record<string, never>, { x }: Input) => {
        sum ??= tf.keep(tf.sum(x));
        return { carry, output: tf.add(x, sum) };
      },
      { name: 'bad' },
    );
    expect(Array.from((await keeping.run(empty(), x)).output.data)).toEqual([7, 8, 9]);
    await expect(async () => keeping.run(empty(), two)).rejects.toThrow(
      /step 'bad': it uses a tensor that it computed at an earlier call and kept.*carry/s,
    );
    expect(() => sum!.dataSync()).toThrow(/used outside, where it has no value: return it as output/);
  });
  it('a model that the engine does not take', async () => {
    registerLowering('Hypotenuse', ({ inputs: { a, b }, graph }) =>
      graph.nodes('Nonsense', [a!, b!], [{ dtype: 'float32', shape: a!.shape }]),
    );
    const step = make().compile((carry: Record<string, never>, { x }: Input) => ({ carry, output: hypotenuse(x, x) }), {
      name: 'bad',
    });
    const failing = expect(async () => step.run(empty(), x)).rejects;
    await failing.toThrow(/step 'bad': the engine 'onnx-node' does not take its model: .*Nonsense.*x: float32 \[3\]/s);
    registerLowering('Hypotenuse', () => undefined as never);
    await expect(async () => step.run(empty(), x)).rejects.toThrow(/Hypotenuse: expected a value .*, got undefined/);
    tf.unregisterKernel('Hypotenuse', 'troupe-trace');
  });
  it('learns a kernel by registerLowering', async () => {
    registerLowering('Hypotenuse', ({ inputs: { a, b }, graph }) => {
      const op = (kind: string, ...of: (typeof a)[]) =>
        graph.nodes(kind, of as never, [{ dtype: 'float32', shape: a!.shape }])[0]!;
      return op('Sqrt', op('Add', op('Mul', a, a), op('Mul', b, b)));
    });
    const step = make().compile((carry: Record<string, never>, { x }: Input) => ({ carry, output: hypotenuse(x, x) }));
    expect((await step.run(empty(), x)).output.data[2]).toBeCloseTo(Math.sqrt(18), 5);
    tf.unregisterKernel('Hypotenuse', 'troupe-trace');
  });
});
