import * as tf from '@tensorflow/tfjs-core';
import { box, offPolicy, rng, type Network } from '@troupe/core';
import { replay } from '@troupe/buffers';
import { doubleIntegrator, linearQuadratic, riccati } from '@troupe/classic-control';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import { nafForm, nafOutputs, nafValue, withPrecision } from '../src/continuous/naf-form.js';
import { naf } from '../src/continuous/naf.js';

const onnx = runtimes[1]![1];
const unbounded = { low: [-Infinity, -Infinity], high: [Infinity, Infinity] };

describe.each(runtimes)('the form, %s', (_name, runtime) => {
  it('is V − ½ |Lᵀ (a − μ)|²', async () => {
    // V 3, μ (1, 2), L ((e^0, 0), (4, e^ln 3)) = ((1, 0), (4, 3)). a − μ = (2, −1): Lᵀ(a − μ) = (2 − 4, −3);
    // 3 − ½ (4 + 9) = −3.5.
    const given = { output: array([[3, 1, 2, 0, 4, Math.log(3)]]), action: array([[3, 1]]) };
    const { q, mean, factor } = await evaluateIn(
      runtime,
      ({ output, action }) => {
        const form = nafForm(output as tf.Tensor2D, unbounded, [-5, 5]);
        return { q: nafValue(form, action as tf.Tensor2D), mean: form.mean, factor: form.factor };
      },
      given,
    );
    expect(q![0]).toBeCloseTo(-3.5, 5);
    expect(mean).toEqual([1, 2]);
    [1, 0, 4, 3].forEach((x, i) => expect(factor![i]).toBeCloseTo(x, 5));
  });

  it('squashes the mean where there are bounds, and clips the raw diagonal', async () => {
    const { mean, factor } = await evaluateIn(
      runtime,
      ({ output }) => {
        const form = nafForm(output as tf.Tensor2D, { low: [0, -Infinity], high: [4, Infinity] }, [-1, 1]);
        return { mean: form.mean, factor: form.factor };
      },
      { output: array([[0, 0.5, 7, 9, 2, -9]]) },
    );
    expect(mean![0]).toBeCloseTo(2 + 2 * Math.tanh(0.5), 5);
    expect(mean![1]).toBeCloseTo(7, 5);
    [Math.E, 0, 2, 1 / Math.E].forEach((x, i) => expect(factor![i]).toBeCloseTo(x, 4));
  });

  it('solves Lᵀ x = z', async () => {
    // Lᵀ = ((2, 1), (0, 4)): x₂ = 8/4 = 2, x₁ = (6 − 2)/2 = 2.
    const given = { factor: array([[[2, 0], [1, 4]]]), z: array([[6, 8]]) }; // prettier-ignore
    const { x } = await evaluateIn(
      runtime,
      ({ factor, z }) => ({ x: withPrecision(factor as tf.Tensor3D, z as tf.Tensor2D) }),
      given,
    );
    expect(x).toEqual([2, 2]);
  });
});

/** V quadratic in the state, μ linear, L constant: what the linear-quadratic problem needs, and no more. */
const exact = (inputs: number, actions: number): Network<tf.Tensor, tf.Tensor> => {
  const squares = (inputs * (inputs + 1)) / 2;
  const zeros = (...shape: number[]) => ndarray(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape);
  return {
    init: () => ({
      value: zeros(squares, 1),
      gain: zeros(inputs, actions),
      factor: zeros((actions * (actions + 1)) / 2),
    }),
    apply({ value, gain, factor }, input) {
      const x = tf.split(input, inputs, 1);
      const products = x.flatMap((a, i) => x.slice(i).map((b) => tf.mul(a, b)));
      const v = tf.matMul(tf.concat(products, 1), value as tf.Tensor2D);
      const mean = tf.matMul(input, gain as tf.Tensor2D);
      const rows = input.shape[0];
      return tf.concat([v, mean, tf.mul(tf.ones([rows, 1]), tf.expandDims(factor!, 0))], 1);
    },
  };
};

describe('the linear-quadratic regulator', () => {
  const train = async (options: { readonly discount: number }) => {
    const env = linearQuadratic(doubleIntegrator, { numEnvs: 8, maxSteps: 20, start: 1 });
    const learner = naf(env.groups, {
      runtime: onnx,
      network: ({ inputs }) => exact(inputs, 1),
      discount: options.discount,
      learningRate: 0.02,
      learningRateEnd: 0.01,
      tau: 0.02,
      maxGradNorm: null,
      exploration: 'precision',
      explorationScale: 1,
    });
    const buffer = replay(env.groups, { capacity: 50_000 });
    const run = { env, learner, buffer, rng: rng(0), steps: 12_000, batchSize: 128, updateEvery: 2 };
    let state = learner.init(rng(0));
    for await (const progress of offPolicy(run)) state = progress.state;
    return leavesOf(state.carry)['agent']!.theta.data as Float32Array;
  };

  it('is solved exactly: gain, value and curvature of the Riccati equation', async () => {
    const { K, P } = riccati(doubleIntegrator, 0.95);
    const theta = await train({ discount: 0.95 });
    // Products x₁², x₁x₂, x₂²; gain; raw factor.
    const [v11, v12, v22, k1, k2, raw] = theta as unknown as [number, number, number, number, number, number];
    expect(Math.abs(-k1 / K[0]![0]! - 1)).toBeLessThan(0.01);
    expect(Math.abs(-k2 / K[0]![1]! - 1)).toBeLessThan(0.01);
    expect(Math.abs(-v11 / P[0]![0]! - 1)).toBeLessThan(0.01);
    expect(Math.abs(-v12 / (2 * P[0]![1]!) - 1)).toBeLessThan(0.01);
    expect(Math.abs(-v22 / P[1]![1]! - 1)).toBeLessThan(0.01);
    // 2 (R + γ Bᵀ P B)
    expect(Math.exp(raw) ** 2).toBeCloseTo(0.249219, 3);
  });

  it('of another discount has another gain: the test can tell', async () => {
    const { K } = riccati(doubleIntegrator, 0.95);
    const theta = await train({ discount: 0.9 });
    expect(Math.abs(-theta[3]! / K[0]![0]! - 1)).toBeGreaterThan(0.05);
  });
});

it('refuses what makes no sense, by name', () => {
  const groups = { agent: { agents: ['agent'], observation: box([2]), action: box([1]) } } as const;
  expect(() => naf(groups, { runtime: onnx })).toThrow("naf: expected finite bounds for the actions of group 'agent', got an unbounded box"); // prettier-ignore
  expect(() => naf(groups, { runtime: onnx, tau: 2 })).toThrow('naf: tau: expected a number in [0, 1], got 2');
  expect(nafOutputs(3)).toBe(10);
});
