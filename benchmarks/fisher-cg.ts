import * as tf from '@tensorflow/tfjs-core';
import { rng } from '@troupe/core';
import { conjugateGradient, gaussNewton } from '@troupe/losses';
import { flat, mlp } from '@troupe/networks';
import { carryOf, type Runtime, type Step } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import ndarray from 'ndarray';
import { join } from 'node:path';
import { timed, type Benchmark, type Contestant } from './contest.js';

const work = { layers: [113, 128, 128, 4], rows: 4000 };
const network = flat(mlp({ inputs: 113, hidden: [128, 128], outputs: 4, activation: 'tanh' }));
type Given = { readonly theta: tf.Tensor; readonly x: tf.Tensor; readonly g: tf.Tensor };

/** One Fisher–vector product of Gaussian means with deviation 0.3655 (damping 0.1), or ten in conjugate gradients. */
const contestant = (runtime: Runtime, iterations: number): Contestant => {
  const step: Step<Record<string, never>, Given, { readonly y: tf.Tensor }> = (carry, { theta, x, g }) => {
    const product = gaussNewton({
      outputs: (at) => network.apply(at, x) as tf.Tensor2D,
      theta: theta as tf.Tensor1D,
      metric: (tangent) => tf.mul(tangent, 1 / (0.3655 ** 2 * work.rows)),
      damping: 0.1,
    });
    const target = g as tf.Tensor1D;
    const y = iterations === 0 ? product(target) : conjugateGradient({ product, target, iterations, tolerance: 1e-10 }).solution; // prettier-ignore
    return { carry, output: { y } };
  };
  const compiled = runtime.compile(step, { name: 'fisher' });
  const stream = rng(3);
  const normals = (...shape: number[]) =>
    ndarray(stream.fillNormal(new Float32Array(shape.reduce((a, b) => a * b, 1))), shape);
  const given = {
    theta: ndarray(network.init(stream), [network.size]),
    x: normals(work.rows, 113),
    g: normals(network.size),
  };
  const nothing = carryOf<Record<string, never>>({});
  return {
    runtime: runtime.name,
    config: { ...work, iterations, threads: 1 },
    round: () => timed(3, () => void compiled.run(nothing, given)),
    dispose: () => runtime.dispose(),
  };
};

const program = join(import.meta.dirname, 'peers/fisher_cg.py');
const benchmark = (name: string, iterations: number, about: string): Benchmark => ({
  name,
  about: `${about}, network 113-128-128-4 (tanh), 4000 rows`,
  contestants: () => [contestant(onnx(), iterations)],
  peer: { program, args: [name, '--n', '10'], idiomatic: ['double'] },
});

/** What a trust-region step consists of. */
export const fisherBenchmarks: readonly Benchmark[] = [
  benchmark('fisher-product', 0, 'one Fisher–vector product, forward pass included'),
  benchmark('fisher-cg', 10, 'ten iterations of conjugate gradients on Fisher–vector products'),
];
