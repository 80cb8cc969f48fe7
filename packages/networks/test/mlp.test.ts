import * as tf from '@tensorflow/tfjs-core';
import { rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import { flat, gainOf, layerNorm, mlp } from '../src/index.js';

const t1 = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor1D;

describe('the start of a perceptron', () => {
  it('scales hidden kernels and the last one by their gains, and names weights in the order of use', () => {
    const options = { inputs: 3, hidden: [8, 8], outputs: 2, initialiser: 'orthogonal', gain: gainOf('relu') } as const;
    const network = flat(mlp({ ...options, outputGain: 0.01, inputNorm: true, layerNorm: true }));
    expect(network.entries.map(({ name }) => name)).toEqual([
      '0/gamma',
      '1/beta',
      '2/kernel',
      '3/bias',
      '4/gamma',
      '5/beta',
      '6/kernel',
      '7/bias',
      '8/gamma',
      '9/beta',
      '10/kernel',
      '11/bias',
    ]);
    const weights = network.weights(network.init(rng(1)));
    const column = (name: string) => {
      const w = weights[name]!;
      return Math.hypot(...Array.from({ length: w.shape[0]! }, (_, i) => w.get(i, 0)));
    };
    expect(column('6/kernel')).toBeCloseTo(Math.SQRT2, 5);
    expect(column('10/kernel')).toBeCloseTo(0.01, 7);
    expect([gainOf('tanh'), gainOf('linear')]).toEqual([5 / 3, 1]);
    expect(Array.from(weights['4/gamma']!.data)).toEqual(Array.from({ length: 8 }, () => 1));
  });

  it('refuses widths that are none, and weights that are missing', () => {
    expect(() => mlp({ inputs: 0, hidden: [], outputs: 1 })).toThrow('expected widths to be integers >= 1, got 0');
    expect(() => mlp({ inputs: 1, hidden: [], outputs: 1 }).apply({}, tf.zeros([1, 1]))).toThrow("a weight '0/kernel'");
  });
});

describe.each(runtimes)('layer normalisation, %s', (_name, runtime) => {
  it('standardises every row, with first and second derivatives as finite differences give them', async () => {
    const random = rng(5);
    const list = (n: number) => Array.from({ length: n }, () => random.normal());
    const [rows, width] = [3, 4];
    const x = Array.from({ length: rows }, () => list(width));
    const [gamma, beta, c, v] = [list(width), list(width), list(width), list(rows * width)];
    /** Σ c · tanh(layerNorm(x)), so that no derivative vanishes, in double precision. */
    const f = (flatX: readonly number[], g = gamma, b = beta) => {
      let sum = 0;
      for (let r = 0; r < rows; r++) {
        const row = flatX.slice(r * width, (r + 1) * width);
        const mean = row.reduce((p, q) => p + q) / width;
        const variance = row.reduce((p, q) => p + (q - mean) ** 2, 0) / width;
        row.forEach((q, j) => (sum += c[j]! * Math.tanh(((q - mean) / Math.sqrt(variance + 1e-5)) * g[j]! + b[j]!)));
      }
      return sum;
    };
    const slope = (at: readonly number[], of: (y: readonly number[]) => number, h = 1e-4) =>
      at.map((y, i) => (of(at.with(i, y + h)) - of(at.with(i, y - h))) / (2 * h));
    const flatX = x.flat();
    const result = await evaluateIn(
      runtime,
      (t) => {
        const value = (...args: tf.Tensor[]) =>
          tf.sum<tf.Scalar>(tf.mul(t['c']!, tf.tanh(layerNorm(args[0]!, args[1]!, args[2]!))));
        const [dx, dGamma, dBeta] = tf.grads(value)([t['x']!, t['gamma']!, t['beta']!]);
        const along = (y: tf.Tensor) => tf.sum(tf.mul(tf.grad((z) => value(z, t['gamma']!, t['beta']!))(y), t['v']!));
        return {
          value: value(t['x']!, t['gamma']!, t['beta']!),
          dx: dx!,
          dGamma: dGamma!,
          dBeta: dBeta!,
          second: tf.grad(along)(t['x']!),
        };
      },
      {
        x: array(x),
        gamma: array(gamma),
        beta: array(beta),
        c: array(c),
        v: array(x.map((_, r) => v.slice(r * width, (r + 1) * width))),
      },
    );
    const near = (actual: readonly number[], expected: readonly number[], tolerance: number) =>
      expected.forEach((y, i) => expect(Math.abs(actual[i]! - y)).toBeLessThan(tolerance * Math.max(1, Math.abs(y))));
    near(result['value']!, [f(flatX)], 1e-5);
    near(
      result['dx']!,
      slope(flatX, (y) => f(y)),
      1e-4,
    );
    near(
      result['dGamma']!,
      slope(gamma, (g) => f(flatX, [...g])),
      1e-4,
    );
    near(
      result['dBeta']!,
      slope(beta, (b) => f(flatX, gamma, [...b])),
      1e-4,
    );
    const dot = (y: readonly number[]) => slope(y, (z) => f(z)).reduce((sum, d, i) => sum + d * v[i]!, 0);
    near(result['second']!, slope(flatX, dot, 1e-3), 1e-3);
  });

  it('normalises the input and after each activation, in rows of any number of axes', async () => {
    const network = flat(mlp({ inputs: 2, hidden: [2], outputs: 1, inputNorm: true, layerNorm: true }));
    // [3, 1] → [1, −1]; relu([1, −1] · [[2, 0], [0, 1]] + [0, 1]) = [2, 0] → [1, −1]; 1 · 5 − 1 · 1 + 3 = 7
    const theta = [1, 1, 0, 0, 2, 0, 0, 1, 0, 1, 1, 1, 0, 0, 5, 1, 3];
    const { y, folded } = await evaluateIn(
      runtime,
      (t) => ({
        y: network.apply(t1(t, 'theta'), t['x']!),
        folded: network.apply(t1(t, 'theta'), tf.tile(tf.reshape(t['x']!, [1, 1, 2]), [2, 3, 1])),
      }),
      { theta: array(theta), x: array([[3, 1]]) },
    );
    expect(y![0]).toBeCloseTo(7, 3);
    expect(folded).toEqual(Array.from({ length: 6 }, () => y![0]));
  });
});
