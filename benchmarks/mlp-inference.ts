import type * as tf from '@tensorflow/tfjs-core';
import { rng } from '@troupe/core';
import { flat, mlp } from '@troupe/networks';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { timed, type Benchmark, type Contestant } from './contest.js';

const dims = { inputs: 54, hidden: [64, 64], outputs: 5 };

/** Acting: one forward pass with the weights as an input. */
const contestant = (rows: number): Contestant => {
  const network = flat(mlp(dims));
  const runtime = onnx();
  const step = runtime.compile<Record<string, never>, Readonly<Record<string, tf.Tensor>>, { readonly y: tf.Tensor }>(
    (carry, input) => ({ carry, output: { y: network.apply(input['theta'] as tf.Tensor1D, input['x']!) } }),
    { name: `inference of ${rows} rows` },
  );
  const x = ndarray(rng(1).fillNormal(new Float32Array(rows * dims.inputs)), [rows, dims.inputs]);
  const theta = ndarray(network.init(rng(2)), [network.size]);
  const nothing = { layout: [], flat: new Float32Array(0) };
  const calls = Math.max(50, Math.round(20_000 / (rows + 20)));
  return {
    runtime: `${runtime.name}, ${rows} rows`,
    config: { ...dims, rows, threads: 1 },
    round: () => timed(calls, () => void step.run(nothing, { theta, x })),
    dispose: () => runtime.dispose(),
  };
};

/** A policy of the usual size at four batch sizes. */
const inference = (rows: number): Benchmark => ({
  name: 'mlp-inference',
  about: `one forward pass of 54-64-64-5 at ${rows} rows`,
  contestants: () => [contestant(rows)],
  peer: {
    args: ['mlp-inference', '--batch', String(rows), '--n', '18'],
    line: 'mlp-inference/',
    idiomatic: ['sequential'],
  },
});

export const mlpInference: readonly Benchmark[] = [1, 32, 96, 1024].map(inference);
