import * as tf from '@tensorflow/tfjs-core';
import { carryOf, type AtRest, type Carry, type Runtime, type Step } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { loadOnnxRuntime } from '../src/load.js';

type State = { readonly w: tf.Tensor };
type Input = { readonly x: tf.Tensor };
const step: Step<State, Input, { readonly sum: tf.Tensor }> = ({ w }, { x }) => ({
  carry: { w: tf.add(w, x) },
  output: { sum: tf.sum(w) },
});
const begin = (): Carry<State> => carryOf<State>({ w: ndarray(Float32Array.of(1, 2), [2]) });
const input: AtRest<Input> = { x: ndarray(Float32Array.of(10, 20), [2]) };

describe('onnx', () => {
  it('answers at once by default, into arrays that it keeps', () => {
    const compiled = onnx().compile(step);
    const first = compiled.run(begin(), input);
    if ('then' in first) throw new Error('expected a value, got a promise');
    const { output } = first;
    expect(output.sum.data[0]).toBe(3);
    const second = compiled.run(first.carry, input);
    if ('then' in second) throw new Error('expected a value, got a promise');
    expect(second.output).toBe(output);
    expect(output.sum.data[0]).toBe(33);
    expect(Array.from(second.carry.flat)).toEqual([21, 42]);
  });
  it('answers in promises with sync: false, and keeps the order of calls that overlap', async () => {
    const compiled = onnx({ sync: false }).compile(step);
    const clone = structuredClone(begin());
    const running = [1, 2, 3].map((k) =>
      Promise.resolve(compiled.run(clone, { x: ndarray(Float32Array.of(k, k), [2]) })).then(({ carry }) =>
        Array.from(carry.flat),
      ),
    );
    expect(await Promise.all(running)).toEqual([
      [2, 3],
      [3, 4],
      [4, 5],
    ]);
    const first = compiled.run(begin(), input);
    expect('then' in first).toBe(true);
    expect(Array.from((await first).carry.flat)).toEqual([11, 22]);
  });
  it('a carry is consumed from the call on, also while a promise is pending', async () => {
    const compiled = onnx({ sync: false }).compile(step, { name: 'adding' });
    await compiled.run(begin(), input);
    const carry = begin();
    const running = compiled.run(carry, input);
    expect(() => carry.flat).toThrow(/consumed by step 'adding'/);
    await running;
  });
  it.each([0, 1.5, NaN])('refuses threads: %s', (threads) => {
    expect(() => onnx({ threads })).toThrow(/onnx: threads: expected an integer >= 1/);
  });
  describe.each(['cuda', 'webgpu'] as const)('provider %s', (provider) => {
    /** Where there is such a device, steps run on it; elsewhere the error says what is missing. */
    const start = (sync?: boolean): Runtime | Error => {
      try {
        return onnx({ provider, ...(sync !== undefined && { sync }) });
      } catch (error) {
        return error as Error;
      }
    };
    it('starts, or says at once why not', async () => {
      const runtime = start();
      if (runtime instanceof Error) {
        expect(runtime.message).toMatch(
          new RegExp(`^onnx: the provider '${provider}' could not start: .+ It needs .+Without provider, onnx`, 's'),
        );
        return;
      }
      expect(runtime.name).toBe(`onnx-node-${provider}`);
      const { carry } = await runtime.compile(step).run(begin(), input);
      expect(Array.from(carry.flat)).toEqual([11, 22]);
    });
    it('starts by the public interface, or says why not at the first run', async () => {
      const runtime = start(false);
      if (runtime instanceof Error) throw runtime;
      const running = Promise.resolve()
        .then(() => runtime.compile(step).run(begin(), input))
        .then(
          ({ carry }) => Array.from(carry.flat).join(),
          (error: unknown) => String(error),
        );
      expect(await running).toMatch(new RegExp(`^11,22$|the provider '${provider}' could not start: .+ It needs`, 's'));
    });
  });
  it('refuses a provider that it does not know', () => {
    expect(() => onnx({ provider: 'tpu' as 'cpu' })).toThrow(/provider: expected 'cpu', 'cuda' or 'webgpu', got 'tpu'/);
  });
  it('runs with two threads', async () => {
    const { carry } = await onnx({ threads: 2 }).compile(step).run(begin(), input);
    expect(Array.from(carry.flat)).toEqual([11, 22]);
  });
  it('hands out the model and what it takes and gives', async () => {
    const models: {
      readonly bytes: number;
      readonly inputs: readonly string[];
      readonly outputs: readonly string[];
    }[] = [];
    const runtime = onnx({
      onModel: (model, { inputs, outputs }) =>
        models.push({
          bytes: model.length,
          inputs: inputs.map(({ name }) => name),
          outputs: outputs.map(({ name }) => name),
        }),
    });
    const unused = runtime.compile(({ w }: State, { x }: { readonly x: tf.Tensor; readonly unused: tf.Tensor }) => ({
      carry: { w: tf.add(w, x) },
      output: {},
    }));
    await unused.run(begin(), { ...input, unused: input.x });
    expect(models).toHaveLength(1);
    expect(models[0]!.bytes).toBeGreaterThan(100);
    expect(models[0]!.inputs).toEqual(['carry', 'x0']);
    expect(models[0]!.outputs).toEqual(['carry_', 'sum_']);
  });
});

describe('finding onnxruntime-node', () => {
  const missing = Object.assign(new Error("Cannot find module 'onnxruntime-node'"), { code: 'MODULE_NOT_FOUND' });
  it('says how to install it where it is missing', () => {
    expect(() =>
      loadOnnxRuntime(() => {
        throw missing;
      }),
    ).toThrow(/ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node/);
  });
  it('says why where it does not load', () => {
    expect(() =>
      loadOnnxRuntime(() => {
        throw new Error('no such symbol');
      }),
    ).toThrow(/was found but did not load: no such symbol/);
  });
  it('uses only the public half of versions that were not tested', () => {
    const asked: string[] = [];
    const { native, version } = loadOnnxRuntime((name) => {
      asked.push(name);
      return name.endsWith('package.json') ? { version: '9.0.0' } : { Tensor: Object, InferenceSession: {} };
    });
    expect(version).toBe('9.0.0');
    expect(native).toBeUndefined();
    expect(asked).not.toContain('onnxruntime-node/dist/binding.js');
  });
});
