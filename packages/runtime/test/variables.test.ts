import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential, type Sequential } from '@tensorflow/tfjs-layers';
import { StepError, compileVariables, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { afterAll, afterEach, describe, expect, it, vi } from 'vitest';
import { difference, numbers } from './support/numbers.js';
import { runtimes } from './support/runtimes.js';

type Rows = { readonly x: tf.Tensor2D; readonly y: tf.Tensor2D };

/** A network with the same first weights every time. */
const network = (): Sequential => {
  const model = sequential({
    layers: [
      layers.dense({ units: 8, inputShape: [3], activation: 'tanh' }),
      layers.layerNormalization({}),
      layers.dense({ units: 2 }),
    ],
  });
  model.setWeights(model.getWeights().map((w, i) => tf.tensor(numbers(w.size, i + 1), w.shape)));
  return model;
};
const rows = (seed: number) => ({
  x: ndarray(numbers(30, seed), [10, 3]),
  y: ndarray(numbers(20, seed + 50), [10, 2]),
});
const tensors = ({ x, y }: ReturnType<typeof rows>): Rows => ({
  x: tf.tensor2d(x.data, [10, 3]),
  y: tf.tensor2d(y.data, [10, 2]),
});
const minimise =
  (model: Sequential, optimizer: tf.Optimizer) =>
  ({ x, y }: Rows) => {
    const loss = optimizer.minimize(
      () => tf.mean<tf.Scalar>(tf.squaredDifference(y, model.apply(x, { training: true }) as tf.Tensor2D)),
      true,
    );
    return { loss: loss! };
  };
const weightsOf = (model: Sequential): Float32Array[] => model.getWeights().map((w) => w.dataSync() as Float32Array);
const expectClose = (a: readonly Float32Array[], b: readonly Float32Array[], within = 1e-5): void => {
  expect(a).toHaveLength(b.length);
  a.forEach((one, i) => expect(difference(one, b[i]!)).toBeLessThan(within));
};
const value = (v: tf.Tensor): number[] => Array.from(v.dataSync());

const optimizers: readonly (readonly [name: string, make: () => tf.Optimizer])[] = [
  ['sgd', () => tf.train.sgd(0.05)],
  ['momentum', () => tf.train.momentum(0.02, 0.9)],
  ['momentum, Nesterov', () => tf.train.momentum(0.02, 0.9, true)],
  ['rmsprop', () => tf.train.rmsprop(0.01, 0.9, 0.5)],
  ['adagrad', () => tf.train.adagrad(0.05)],
  ['adadelta', () => tf.train.adadelta(0.1, 0.95, 1e-3)],
  ['adamax', () => tf.train.adamax(0.01)],
  ['adam', () => tf.train.adam(0.01, 0.9, 0.999, 1e-3)],
];

afterEach(() => {
  vi.restoreAllMocks();
});

describe.each(runtimes)('compileVariables on %s', (_, make) => {
  const runtime: Runtime = make();
  afterAll(() => runtime.dispose());

  it.each(optimizers)('%s learns what eager tfjs learns', async (_name, optimizer) => {
    const [plain, subject] = [network(), network()];
    const [eagerly, compiledly] = [optimizer(), optimizer()];
    const eager = minimise(plain, eagerly);
    const compiled = compileVariables(runtime, minimise(subject, compiledly), { name: 'learn' });
    for (let k = 0; k < 5; k++) {
      const expected = eager(tensors(rows(k))).loss.dataSync()[0]!;
      const { loss } = await compiled.run(rows(k));
      expect(Math.abs(loss.data[0]! - expected)).toBeLessThan(1e-5 * Math.max(1, expected));
    }
    expectClose(weightsOf(subject), weightsOf(plain));
    expect(compiledly.iterations).toBe(5);
    const x = tf.tensor2d(numbers(6, 99), [2, 3]);
    expectClose(
      [(subject.predict(x) as tf.Tensor).dataSync() as Float32Array],
      [(plain.predict(x) as tf.Tensor).dataSync() as Float32Array],
    );
    // Eager code goes on from where the compiled code stopped.
    minimise(subject, compiledly)(tensors(rows(7)));
    minimise(plain, eagerly)(tensors(rows(7)));
    expectClose(weightsOf(subject), weightsOf(plain));
    // And the other way round.
    await compiled.run(rows(8));
    eager(tensors(rows(8)));
    expectClose(weightsOf(subject), weightsOf(plain));
    compiled.dispose();
  });
  it('scan is as many runs', async () => {
    const [plain, subject] = [network(), network()];
    const one = compileVariables(runtime, minimise(plain, tf.train.momentum(0.02, 0.9)));
    const optimizer = tf.train.momentum(0.02, 0.9);
    const many = compileVariables(runtime, minimise(subject, optimizer));
    const batches = [1, 2, 3].map(rows);
    const losses: number[] = [];
    for (const batch of batches) losses.push((await one.run(batch)).loss.data[0]!);
    const stacked = {
      x: ndarray(Float32Array.from(batches.flatMap(({ x }) => Array.from(x.data))), [3, 10, 3]),
      y: ndarray(Float32Array.from(batches.flatMap(({ y }) => Array.from(y.data))), [3, 10, 2]),
    };
    const { loss } = await many.scan(stacked);
    expect(loss.shape).toEqual([3]);
    expect(difference(loss.data, losses)).toBeLessThan(1e-5);
    expectClose(weightsOf(subject), weightsOf(plain));
    expect(optimizer.iterations).toBe(3);
  });
  it('takes tensors as well as ndarrays', async () => {
    const v = tf.variable(tf.tensor1d([1, 2]));
    const add = compileVariables(runtime, ({ x }: { readonly x: tf.Tensor }) => {
      v.assign(tf.add(v, x));
    });
    await add.run({ x: tf.tensor1d([1, 1]) });
    await add.run({ x: ndarray(Float32Array.of(10, 10), [2]) });
    expect(value(v)).toEqual([12, 13]);
    expect(add.variables).toEqual([v]);
    v.dispose();
  });
  it('gives back a variable as its new value', async () => {
    const v = tf.variable(tf.tensor1d([1, 2]));
    const step = compileVariables(runtime, ({ x }: { readonly x: tf.Tensor }) => {
      v.assign(tf.add(v, x));
      return { list: [v], sum: tf.sum(v) };
    });
    const one = { x: ndarray(Float32Array.of(1, 1), [2]) };
    for (const expected of [
      [2, 3],
      [3, 4],
    ]) {
      const { list } = await step.run(one);
      expect(Array.from(list[0]!.data)).toEqual(expected);
      expect(value(v)).toEqual(expected);
    }
    v.dispose();
  });
  it('refuses a tensor that was disposed of', async () => {
    const gone = tf.tensor1d([1]);
    gone.dispose();
    const step = compileVariables(runtime, ({ x }: { readonly x: tf.Tensor }) => tf.neg(x), { name: 'bad' });
    await expect(async () => step.run({ x: gone })).rejects.toThrow(/step 'bad': its input x is a tensor.*disposed/);
  });
  it('sees what eager code assigns, and leaves shared data alone', async () => {
    const source = tf.variable(tf.tensor1d([1, 2]));
    const target = tf.variable(tf.tensor1d([0, 0]));
    const double = compileVariables(runtime, ({ x }: { readonly x: tf.Tensor }) => {
      source.assign(tf.mul(source, x));
      return { sum: tf.sum(source) };
    });
    const two = { x: ndarray(Float32Array.of(2), []) };
    expect((await double.run(two)).sum.data[0]).toBe(6);
    target.assign(source); // shares the data
    const copy = tf.clone(source);
    const numbersBefore = source.dataSync();
    await double.run(two);
    await double.run(two);
    expect(value(source)).toEqual([8, 16]);
    expect(value(target)).toEqual([2, 4]);
    expect(value(copy)).toEqual([2, 4]);
    expect(Array.from(numbersBefore)).toEqual([2, 4]);
    source.assign(tf.tensor1d([10, 10]));
    expect((await double.run(two)).sum.data[0]).toBe(40);
    source.assign(target);
    await double.run(two);
    expect([value(source), value(target)]).toEqual([
      [4, 8],
      [2, 4],
    ]);
    source.dispose();
    target.dispose();
  });
  it('shares variables with other compiled functions', async () => {
    const w = tf.variable(tf.tensor1d([1, 2]));
    const grow = compileVariables(runtime, ({ x }: { readonly x: tf.Tensor }) => {
      w.assign(tf.add(w, x));
    });
    const shrink = compileVariables(runtime, ({ x }: { readonly x: tf.Tensor }) => {
      w.assign(tf.sub(w, tf.mul(x, 0.5)));
    });
    const read = compileVariables(runtime, ({ x }: { readonly x: tf.Tensor }) => tf.mul(w, x));
    const one = { x: ndarray(Float32Array.of(1, 1), [2]) };
    const seen: number[][] = [];
    for (let k = 0; k < 3; k++) {
      await grow.run(one);
      seen.push(Array.from((await read.run(one)).data));
      await shrink.run(one);
      seen.push(Array.from((await read.run(one)).data));
    }
    expect(seen).toEqual([
      [2, 3],
      [1.5, 2.5],
      [2.5, 3.5],
      [2, 3],
      [3, 4],
      [2.5, 3.5],
    ]);
    grow.dispose();
    expect(value(w)).toEqual([2.5, 3.5]);
    w.dispose();
  });
  it('leaves other variables and the memory of tfjs alone', async () => {
    const w = tf.tidy(() => tf.variable(tf.tensor1d([1, 2])));
    const other = tf.tidy(() => tf.variable(tf.tensor1d([5])));
    const step = compileVariables(runtime, ({ x }: { readonly x: tf.Tensor }) => {
      w.assign(tf.add(w, x));
    });
    const one = { x: ndarray(Float32Array.of(1, 1), [2]) };
    const before = tf.memory();
    for (let k = 0; k < 4; k++) await step.run(one);
    value(w);
    const { numTensors, numDataBuffers, numBytes } = tf.memory();
    expect([numTensors, numDataBuffers, numBytes]).toEqual([before.numTensors, before.numDataBuffers, before.numBytes]);
    expect(Object.getOwnPropertyDescriptor(other, 'dataId')).toHaveProperty('value');
    expect(step.variables).toEqual([w]);
    w.dispose();
    other.dispose();
    expect(tf.memory().numTensors).toBe(before.numTensors - 2);
  });
  it('compiles again for another learning rate', async () => {
    const [plain, subject] = [network(), network()];
    const [eagerly, compiledly] = [tf.train.sgd(0.1), tf.train.sgd(0.1)] as const;
    const compiled = compileVariables(runtime, minimise(subject, compiledly));
    for (const rate of [0.1, 0.01, 0.05]) {
      eagerly.setLearningRate(rate);
      compiledly.setLearningRate(rate);
      minimise(plain, eagerly)(tensors(rows(1)));
      await compiled.run(rows(1));
    }
    expectClose(weightsOf(subject), weightsOf(plain));
  });
  it('says when the learning rate changes all the time', async () => {
    const warn = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const optimizer = tf.train.sgd(0.1);
    const compiled = compileVariables(runtime, minimise(network(), optimizer), { name: 'scheduled' });
    for (let k = 0; k < 10; k++) {
      optimizer.setLearningRate(0.1 / (k + 1));
      await compiled.run(rows(1));
    }
    expect(warn).toHaveBeenCalledOnce();
    expect(warn.mock.calls[0]![0]).toMatch(/step 'scheduled': the learning rate.*8 times.*as an input/);
  });

  const x = { x: ndarray(Float32Array.of(1, 1), [2]) };
  type X = { readonly x: tf.Tensor };
  it('refuses a variable that was disposed of', async () => {
    const w = tf.variable(tf.tensor1d([1, 2]), true, 'gone');
    const step = compileVariables(runtime, (input: X) => tf.mul(w, input.x), { name: 'bad' });
    await step.run(x);
    w.dispose();
    await expect(async () => step.run(x)).rejects.toThrow(
      /step 'bad': its variable 'gone' has been disposed of.*compile a new one/s,
    );
    await expect(async () => step.run(x)).rejects.toBeInstanceOf(StepError);
  });
  it('refuses a variable that is not float32', async () => {
    const w = tf.variable(tf.tensor1d([1, 2], 'int32'), true, 'counts');
    const step = compileVariables(runtime, (input: X) => tf.mul(tf.cast(w, 'float32'), input.x), { name: 'bad' });
    await expect(async () => step.run(x)).rejects.toThrow(/variable 'counts' of dtype int32.*are float32/s);
    w.dispose();
  });
  it('refuses variables that are made at every call', async () => {
    const before = tf.memory().numTensors;
    const step = compileVariables(runtime, (input: X) => tf.mul(input.x, tf.variable(tf.scalar(2), true)), {
      name: 'bad',
    });
    await expect(async () => step.run(x)).rejects.toThrow(/step 'bad': it makes variables whenever it is run.*once/s);
    // What the rounds before made is kept, as an optimiser's moments are.
    expect(tf.memory().numTensors - before).toBeLessThan(5);
  });
  it('refuses to dispose of a variable inside', async () => {
    const w = tf.variable(tf.tensor1d([1, 2]), true, 'fleeting');
    let times = 0;
    const step = compileVariables(
      runtime,
      (input: X) => {
        const y = tf.mul(w, input.x);
        if (++times === 2) w.dispose();
        return y;
      },
      { name: 'bad' },
    );
    await expect(async () => step.run(x)).rejects.toThrow(/it disposes of the variable 'fleeting'/);
  });
  it('leaves variables and optimiser as they were after an error', async () => {
    const model = network();
    const optimizer = tf.train.adam(0.01);
    let broken = true;
    const learn = minimise(model, optimizer);
    const step = compileVariables(runtime, (input: Rows) => {
      const output = learn(input);
      if (broken) throw new Error('on purpose');
      return output;
    });
    const before = weightsOf(model);
    await expect(async () => step.run(rows(1))).rejects.toThrow(/on purpose/);
    expect(weightsOf(model)).toEqual(before);
    expect(optimizer.iterations).toBe(0);
    broken = false;
    await step.run(rows(1));
    const twin = network();
    minimise(twin, tf.train.adam(0.01))(tensors(rows(1)));
    expectClose(weightsOf(model), weightsOf(twin), 1e-4);
  });
});

describe('compileVariables where steps are traced', () => {
  const [, make] = runtimes[1]!;
  it('refuses a first value that is not fixed', async () => {
    const step = compileVariables(
      make(),
      ({ x }: { readonly x: tf.Tensor }) => tf.mul(x, tf.variable(tf.mul(x, 2), true, 'derived')),
      { name: 'bad' },
    );
    await expect(async () => step.run({ x: ndarray(Float32Array.of(1), [1]) })).rejects.toThrow(
      /makes a variable 'derived' whose first value depends on its input/,
    );
  });
  it('has few inputs and outputs, whatever the number of variables', async () => {
    const model = network();
    const compiled = compileVariables(make(), minimise(model, tf.train.adam()));
    await compiled.run(rows(1));
    expect(compiled.variables.length).toBe(6 + 2 + 12);
    expect(compiled.info.shapes).toBe(1);
  });
  it('has no more operators for more rows', async () => {
    // A layer normalisation repeats its means along the rows.
    const compiled = compileVariables(make(), minimise(network(), tf.train.sgd(0.1)));
    const nodes: number[] = [];
    for (const n of [4, 200]) {
      await compiled.run({ x: ndarray(numbers(n * 3, 1), [n, 3]), y: ndarray(numbers(n * 2, 2), [n, 2]) });
      nodes.push(compiled.info.nodes);
    }
    expect(Math.abs(nodes[1]! - nodes[0]!)).toBeLessThan(20);
  });
  it('refuses a layer that keeps its state by itself', async () => {
    // An orthogonal first matrix, tfjs-layers' own, needs chained methods.
    const recurrent = layers.simpleRNN({ units: 2, stateful: true, recurrentInitializer: 'zeros' });
    const model = sequential({ layers: [layers.reshape({ targetShape: [2, 3], batchInputShape: [4, 6] }), recurrent] });
    const step = compileVariables(make(), ({ x }: { readonly x: tf.Tensor }) => model.apply(x) as tf.Tensor, {
      name: 'bad',
    });
    await expect(async () => {
      for (const fill of [1, 2]) await step.run({ x: ndarray(new Float32Array(24).fill(fill), [4, 6]) });
    }).rejects.toThrow(/step 'bad': it uses a tensor that it computed at an earlier call.*tf\.Variable/s);
  });
});
