import '@tensorflow/tfjs-backend-cpu';
import type { Tensor } from '@tensorflow/tfjs-core';
import { eager, type Runtime } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { flatten, type Numbers } from '../parity/compare.js';

/** Every runtime that a test should pass in. */
export const runtimes: readonly (readonly [name: string, runtime: Runtime])[] = [
  ['eager', eager()],
  ['onnx', onnx()],
];

/** A nested list as an array at rest. */
export const array = (values: Numbers, kind: 'float32' | 'int32' = 'float32'): ndarray.NdArray<Float32Array> => {
  const shape: number[] = [];
  for (let v: Numbers = values; typeof v !== 'number'; v = v[0]!) shape.push(v.length);
  const flat = flatten(values);
  const data = kind === 'int32' ? Int32Array.from(flat) : Float32Array.from(flat);
  return ndarray(data as Float32Array, shape);
};

/** Runs a pure function of tensors once and gives its results as plain lists. */
export const evaluateIn = async (
  runtime: Runtime,
  f: (input: Record<string, Tensor>) => Record<string, Tensor>,
  input: Readonly<Record<string, ndarray.NdArray<Float32Array>>>,
): Promise<Record<string, number[]>> => {
  const step = runtime.compile<Record<string, never>, Record<string, Tensor>, Record<string, Tensor>>(
    (carry, given) => ({ carry, output: f(given) }),
    { name: 'test' },
  );
  const { output } = await step.run({ layout: [], flat: new Float32Array(0) }, input);
  const lists = Object.fromEntries(Object.entries(output).map(([name, value]) => [name, Array.from(value.data)]));
  step.dispose();
  return lists;
};
