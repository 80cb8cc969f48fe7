import '@tensorflow/tfjs-backend-cpu';
import '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { carryOf, compileVariables, eager } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';

describe('the wasm backend', () => {
  it.each(['float32', 'bool', 'int32'] as const)('oneHot as %s has ones', async (dtype) => {
    const step = eager({ backend: 'wasm' }).compile(
      (carry: Record<string, never>, { x }: { readonly x: tf.Tensor }) => ({
        carry,
        output: tf.cast(tf.oneHot(x, 3, 1, 0, dtype), 'float32'),
      }),
    );
    const { output } = await step.run(carryOf<Record<string, never>>({}), { x: ndarray(Int32Array.of(0, 2), [2]) });
    expect(Array.from(output.data)).toEqual([1, 0, 0, 0, 0, 1]);
  });
  it('holds variables of compiled functions', async () => {
    await tf.setBackend('wasm');
    const w = tf.variable(tf.tensor1d([1, 2]));
    const copy = tf.variable(tf.tensor1d([0, 0]));
    const grow = compileVariables(onnx(), ({ x }: { readonly x: tf.Tensor }) => {
      w.assign(tf.add(w, x));
    });
    await grow.run({ x: tf.tensor1d([1, 1]) });
    copy.assign(w);
    await grow.run({ x: tf.tensor1d([1, 1]) });
    expect(Array.from(w.dataSync())).toEqual([3, 4]);
    expect(Array.from(copy.dataSync())).toEqual([2, 3]);
    expect(Array.from(tf.mul(w, 2).dataSync())).toEqual([6, 8]);
    w.assign(tf.tensor1d([5, 5]));
    await grow.run({ x: tf.tensor1d([1, 1]) });
    expect(Array.from(w.dataSync())).toEqual([6, 6]);
    await tf.setBackend('cpu');
    expect(Array.from(tf.add(w, copy).dataSync())).toEqual([8, 9]);
  });
});
