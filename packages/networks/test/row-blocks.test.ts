import '@tensorflow/tfjs-backend-cpu';
import * as tf from '@tensorflow/tfjs-core';
import { rng } from '@troupe/core';
import { carryOf, eager } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { flat, mlp } from '../src/index.js';
import { blockSizes } from '../src/row-blocks.js';

describe('blocks of rows', () => {
  it.each([
    [4000, 128, [1000, 1000, 1000, 1000]],
    [1025, 128, [513, 512]],
    [1024, 128, [1024]],
    [2048, 64, [2048]],
    [8192, 128, Array.from({ length: 8 }, () => 1024)],
    [8193, 128, [8193]], // too many
    [5, 1e6, [1, 1, 1, 1, 1]], // rows that are larger than a block
    [0, 128, [0]],
  ] as const)('%i rows of width %i', (rows, width, sizes) => {
    expect(blockSizes(rows, width)).toEqual(sizes);
    expect(blockSizes(rows, width).reduce((a, b) => a + b, 0)).toBe(rows);
  });

  it('say the same, and have the same gradient and tangents, in both runtimes', async () => {
    const hidden = [30_000, 2]; // four rows are a block
    const options = { inputs: 3, hidden, outputs: 2, inputNorm: true, layerNorm: true } as const;
    const [whole, blocks] = [flat(mlp(options)), flat(mlp({ ...options, rowBlocks: true }))];
    const theta = ndarray(whole.init(rng(1)), [whole.size]);
    const x = ndarray(rng(2).fillNormal(new Float32Array(6 * 3)), [6, 3]);
    type In = { readonly theta: tf.Tensor; readonly x: tf.Tensor };
    const step = (network: typeof whole) => (carry: Record<string, never>, given: In) => {
      const loss = (at: tf.Tensor) => tf.sum<tf.Scalar>(tf.tanh(network.apply(at as tf.Tensor1D, given.x)));
      const slope = (at: tf.Tensor) => tf.grad(loss)(at);
      const product = tf.grad((at) => tf.sum(tf.mul(slope(at), given.theta)))(given.theta);
      const output = network.apply(given.theta as tf.Tensor1D, given.x);
      return { carry, output: { output, gradient: slope(given.theta), product } };
    };
    for (const runtime of [eager({ backend: 'cpu' }), runtimes[1]![1]]) {
      const said = async (network: typeof whole) =>
        (await runtime.compile(step(network)).run(carryOf<Record<string, never>>({}), { theta, x })).output;
      const [expected, got] = [await said(whole), await said(blocks)];
      for (const name of ['output', 'gradient', 'product'] as const) {
        const [a, b] = [Float64Array.from(expected[name].data), Float64Array.from(got[name].data)];
        const scale = a.reduce((most, v) => Math.max(most, Math.abs(v)), 1e-30);
        expect(a.reduce((most, v, i) => Math.max(most, Math.abs(v - b[i]!)), 0)).toBeLessThan(1e-5 * scale);
      }
    }
  });
});
