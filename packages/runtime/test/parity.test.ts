import * as tf from '@tensorflow/tfjs-core';
import { carryOf, eager, type RestArray, type Runtime } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { afterAll, describe, expect, it } from 'vitest';
import { difference } from './support/numbers.js';
import { examples, layersExample, type Example } from './support/steps.js';
import { runtimes } from './support/runtimes.js';

const all = [...examples, layersExample()];
const leaves = (output: unknown): readonly RestArray[] => Object.values(output as Record<string, RestArray>);

const runs = async (runtime: Runtime, { name, step, carry, input }: Example, steps: number) => {
  const compiled = runtime.compile(step, { name });
  let now = carry();
  const outputs: Float32Array[] = [];
  for (let k = 0; k < steps; k++) {
    const { carry: next, output } = await compiled.run(now, input);
    now = next;
    outputs.push(...leaves(output).map(({ data }) => Float32Array.from(data)));
  }
  compiled.dispose();
  return [now.flat.slice(), ...outputs];
};

/** The same input K times, stacked. */
const stacked = (input: unknown, k: number): unknown =>
  Object.fromEntries(
    Object.entries(input as Record<string, RestArray>).map(([key, { data, shape }]) => {
      const all = new (data.constructor as Float32ArrayConstructor)(data.length * k);
      for (let i = 0; i < k; i++) all.set(data, i * data.length);
      return [key, ndarray(all, [k, ...shape])];
    }),
  );

const reference = eager({ backend: 'cpu' });

describe.each(runtimes.slice(1))('%s and eager agree', (_, make) => {
  const runtime = make();
  afterAll(() => runtime.dispose());
  it.each(all.map((one) => [one.name, one] as const))('%s', async (_name, one) => {
    const expected = await runs(reference, one, 3);
    const got = await runs(runtime, one, 3);
    got.forEach((values, i) => expect(difference(values, expected[i]!)).toBeLessThan(1e-5));
  });
});

describe.each(runtimes)('scan on %s', (name, make) => {
  const runtime = make();
  afterAll(() => runtime.dispose());
  it.each(all.map((one) => [one.name, one] as const))('does as many runs do: %s', async (_name, one) => {
    const [flat, ...outputs] = await runs(runtime, one, 4);
    const compiled = runtime.compile(one.step, { name: one.name });
    const given = stacked(one.input, 4) as typeof one.input;
    for (const carry of [one.carry(), structuredClone(one.carry())]) {
      const result = await compiled.scan(carry, given);
      expect(difference(result.carry.flat, flat!)).toBeLessThan(name === 'eager' ? 0 + Number.MIN_VALUE : 1e-6);
      const per = leaves(result.outputs);
      per.forEach((leaf, i) => {
        expect(leaf.shape[0]).toBe(4);
        const size = leaf.data.length / 4;
        for (let k = 0; k < 4; k++) {
          const one = leaf.data.subarray(k * size, (k + 1) * size);
          expect(difference(one, outputs[k * per.length + i]!)).toBeLessThan(1e-6);
        }
      });
    }
    // Another number of steps needs no other model.
    await compiled.scan(one.carry(), stacked(one.input, 2) as typeof one.input);
    if (name !== 'eager') expect(compiled.info.shapes).toBe(1);
    compiled.dispose();
  });
  it('works without state', async () => {
    const acting = runtime.compile((carry: Record<string, never>, { x }: { readonly x: tf.Tensor }) => ({
      carry,
      output: { y: tf.sum(x), x },
    }));
    const empty = { layout: [], flat: new Float32Array(0) };
    const { outputs } = await acting.scan(empty, { x: ndarray(Float32Array.of(1, 2, 3, 4), [2, 2]) });
    expect(Array.from(outputs.y.data)).toEqual([3, 7]);
    expect(Array.from(outputs.x.data)).toEqual([1, 2, 3, 4]);
  });
});

describe.each(runtimes)('scan on %s of a step that reads no input', (_, make) => {
  it('goes on as often as there are inputs', async () => {
    const doubling = make().compile(({ w }: { readonly w: tf.Tensor }, _: { readonly x: tf.Tensor }) => ({
      carry: { w: tf.mul(w, 2) },
      output: { w },
    }));
    const begin = carryOf<{ w: tf.Tensor }>({ w: ndarray(Float32Array.of(1, 3), [2]) });
    const { carry, outputs } = await doubling.scan(begin, { x: ndarray(new Float32Array(6), [3, 2]) });
    expect(Array.from(carry.flat)).toEqual([8, 24]);
    expect(Array.from(outputs.w.data)).toEqual([1, 3, 2, 6, 4, 12]);
  });
});

describe('same bits', () => {
  it.each(all.map((one) => [one.name, one] as const))('in every session: %s', async (_name, one) => {
    const results = [];
    for (let k = 0; k < 3; k++) {
      const runtime = onnx();
      results.push(await runs(runtime, one, 5));
      runtime.dispose();
    }
    expect(results[1]).toEqual(results[0]);
    expect(results[2]).toEqual(results[0]);
  });
});

describe('eager', () => {
  it('leaves no tensor behind and answers at once on cpu', () => {
    for (const { step, carry, input, name } of all) {
      const compiled = eager({ backend: 'cpu' }).compile(step, { name });
      const result = compiled.run(carry(), input);
      expect('then' in result).toBe(false);
      const before = tf.memory();
      compiled.run(carry(), input);
      expect(tf.memory().numTensors).toBe(before.numTensors);
      expect(tf.memory().numDataBuffers).toBe(before.numDataBuffers);
    }
  });
  it('names what is missing', () => {
    const [one] = all;
    const compiled = eager({ backend: 'webgpu' }).compile(one!.step);
    expect(() => compiled.run(one!.carry(), one!.input)).toThrow(
      /the tfjs backend 'webgpu' is not registered \(registered: cpu.*Import one first/s,
    );
  });
});
