import * as tf from '@tensorflow/tfjs-core';
import { rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import { clippedSurrogate, clippedValueLoss, conjugateGradient, gaussNewton, surrogate } from '../src/index.js';

const one = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor1D;
const normals = (seed: number, n: number) => Array.from(rng(seed).fillNormal(new Float64Array(n)));

describe.each(runtimes)('surrogates, %s', (_name, runtime) => {
  it('clip what would gain from a large change of the ratio', async () => {
    // ratios 1.5, 1.5, 0.5, 0.5 with ε 0.2: min(1.5, 1.2), min(−1.5, −1.2), min(0.5, 0.8), min(−0.5, −0.8)
    const result = await evaluateIn(
      runtime,
      (t) => {
        const loss = (logRatio: tf.Tensor) =>
          clippedSurrogate({ logRatio: logRatio as tf.Tensor1D, advantage: one(t, 'a'), clip: 0.2 });
        return {
          loss: loss(one(t, 'l')),
          slope: tf.grad((l) => tf.sum(loss(l)))(tf.clone(one(t, 'l'))),
          plain: surrogate({ logRatio: one(t, 'l'), advantage: one(t, 'a') }),
        };
      },
      { l: array([1.5, 1.5, 0.5, 0.5].map(Math.log)), a: array([1, -1, 1, -1]) },
    );
    [-1.2, 1.5, -0.5, 0.8].forEach((x, i) => expect(result['loss']![i]).toBeCloseTo(x, 6));
    [0, 1.5, -0.5, 0].forEach((x, i) => expect(result['slope']![i]).toBeCloseTo(x, 6));
    [1.5, -1.5, 0.5, -0.5].forEach((x, i) => expect(result['plain']![i]).toBeCloseTo(x, 6));
  });

  it('hold values near the old ones', async () => {
    // target 3, old 0, new 1: clipped to 0.5, ½·2.5² is larger than ½·2²; new −1: clipped to −0.5, ½·4² is larger
    const at = (clip: number | null, delta: number | null) =>
      evaluateIn(
        runtime,
        (t) => ({
          loss: clippedValueLoss({ value: one(t, 'v'), oldValue: one(t, 'o'), target: one(t, 'y'), clip, delta }),
        }),
        { v: array([1, -1]), o: array([0, 0]), y: array([3, 3]) },
      );
    expect(await at(0.5, null)).toEqual({ loss: [3.125, 8] });
    expect(await at(null, null)).toEqual({ loss: [2, 8] });
    expect(await at(null, 1)).toEqual({ loss: [1.5, 3.5] });
  });
});

/** Two hidden layers of tanh; what is trusted is the mean of Gaussians with variance 1/2: M = 2/B. */
const network = { inputs: 3, hidden: 5, outputs: 2, rows: 7 };
const size = 3 * 5 + 5 * 2;
const outputs =
  (x: tf.Tensor2D) =>
  (theta: tf.Tensor): tf.Tensor2D => {
    const [a, b] = tf.split(theta, [15, 10]);
    return tf.matMul(tf.tanh(tf.matMul(x, tf.reshape(a!, [3, 5]))), tf.reshape(b!, [5, 2]));
  };
const divergence =
  (x: tf.Tensor2D, old: tf.Tensor) =>
  (theta: tf.Tensor): tf.Tensor =>
    tf.div(tf.sum(tf.square(tf.sub(outputs(x)(theta), old))), network.rows);

/** The gradient of the divergence from θ at another point, in double precision. */
const slopeAt = (x: readonly (readonly number[])[], theta: readonly number[], at: readonly number[]): number[] => {
  const { inputs: I, hidden: H, outputs: O, rows } = network;
  const sum = (n: number, f: (i: number) => number) =>
    Array.from({ length: n }, (_, i) => f(i)).reduce((a, b) => a + b);
  const hiddenOf = (w: readonly number[], row: readonly number[]) =>
    Array.from({ length: H }, (_, h) => Math.tanh(sum(I, (i) => row[i]! * w[i * H + h]!)));
  const outputOf = (w: readonly number[], h: readonly number[], o: number) =>
    sum(H, (k) => h[k]! * w[I * H + k * O + o]!);
  const slope = at.map(() => 0);
  for (const row of x) {
    const [now, old] = [hiddenOf(at, row), hiddenOf(theta, row)];
    const z = Array.from({ length: O }, (_, o) => (2 * (outputOf(at, now, o) - outputOf(theta, old, o))) / rows);
    for (let h = 0; h < H; h++) {
      const back = sum(O, (o) => z[o]! * at[I * H + h * O + o]!) * (1 - now[h]! ** 2);
      for (let o = 0; o < O; o++) slope[I * H + h * O + o]! += now[h]! * z[o]!;
      for (let i = 0; i < I; i++) slope[i * H + h]! += row[i]! * back;
    }
  }
  return slope;
};

describe.each(runtimes)('trust region, %s', (_name, runtime) => {
  const input = {
    theta: array(normals(1, size)),
    v: array(normals(2, size)),
    x: array(Array.from({ length: 7 }, (_, i) => normals(10 + i, 3))),
  };

  it('multiplies by the Fisher matrix without second derivatives, as differentiating the divergence twice and differences of its gradient do', async () => {
    const result = await evaluateIn(
      runtime,
      (t) => {
        const [x, theta, v] = [t['x'] as tf.Tensor2D, one(t, 'theta'), one(t, 'v')];
        const product = gaussNewton({ outputs: outputs(x), theta, metric: (z) => tf.mul(z, 2 / network.rows) });
        const old = outputs(x)(theta);
        const slope = (at: tf.Tensor) => tf.grad(divergence(x, old))(at);
        return {
          product: product(v),
          twice: tf.grad((at) => tf.sum(tf.mul(slope(at), v)))(tf.clone(theta)),
        };
      },
      input,
    );
    const scale = Math.max(...result['twice']!.map(Math.abs));
    const rows = Array.from({ length: network.rows }, (_, i) => normals(10 + i, network.inputs));
    const [theta, v, h] = [normals(1, size), normals(2, size), 1e-5];
    const [ahead, behind] = [h, -h].map((by) =>
      slopeAt(
        rows,
        theta,
        theta.map((w, i) => w + by * v[i]!),
      ),
    );
    result['product']!.forEach((x, i) => {
      expect(Math.abs(x - result['twice']![i]!)).toBeLessThan(2e-6 * scale);
      expect(Math.abs(x - (ahead![i]! - behind![i]!) / (2 * h))).toBeLessThan(1e-5 * scale);
    });
  });

  it('solves a badly conditioned system as exact conjugate gradients do, to single precision', async () => {
    // F = Q diag(λ) Qᵀ with λ from 1e-3 to 1e3; the truth by the same ten iterations in double precision
    const n = 40;
    const basis = orthonormal(n);
    const lambda = Array.from({ length: n }, (_, i) => 10 ** (-3 + (6 * i) / (n - 1)));
    const matrix = Array.from({ length: n }, (_, i) =>
      Array.from({ length: n }, (_, j) =>
        Math.fround(lambda.reduce((sum, l, k) => sum + l * basis[k]![i]! * basis[k]![j]!, 0)),
      ),
    );
    const target = normals(5, n).map(Math.fround);
    const { solution, curvature } = await evaluateIn(
      runtime,
      (t) => {
        const product = (v: tf.Tensor1D): tf.Tensor1D =>
          tf.reshape(tf.matMul(t['f'] as tf.Tensor2D, tf.reshape(v, [n, 1])), [n]);
        const found = conjugateGradient({ product, target: one(t, 'b'), iterations: 10, tolerance: 1e-10 });
        return { solution: found.solution, curvature: found.curvature };
      },
      { f: array(matrix), b: array(target) },
    );
    const truth = exactly(matrix, target, 10);
    const scale = Math.max(...truth.map(Math.abs));
    truth.forEach((x, i) => expect(Math.abs(solution![i]! - x)).toBeLessThan(3e-5 * scale));
    const form = truth.reduce((sum, x, i) => sum + x * matrix[i]!.reduce((s, f, j) => s + f * truth[j]!, 0), 0);
    expect(Math.abs(curvature![0]! / form - 1)).toBeLessThan(1e-4);
  });

  it('stops where the residual is small, and answers nothing with nothing', async () => {
    const result = await evaluateIn(
      runtime,
      (t) => {
        const solve = (target: tf.Tensor1D) =>
          conjugateGradient({ product: (v) => tf.mul(v, one(t, 'd')), target, iterations: 10, tolerance: 1e-10 });
        const [found, none] = [solve(one(t, 'b')), solve(tf.zerosLike(one(t, 'b')))];
        return { solution: found.solution, iterations: found.iterations, none: none.solution, idle: none.iterations };
      },
      { d: array([1, 2, 2]), b: array([3, 4, 8]) },
    );
    [3, 2, 4].forEach((x, i) => expect(result['solution']![i]).toBeCloseTo(x, 5));
    expect(result['iterations']).toEqual([2]); // two different eigenvalues
    expect(result['none']).toEqual([0, 0, 0]);
    expect(result['idle']).toEqual([0]);
  });
});

/** n orthonormal vectors. */
const orthonormal = (n: number): number[][] => {
  const vectors: number[][] = [];
  for (let k = 0; k < n; k++) {
    const v = normals(100 + k, n);
    for (const u of [...vectors, ...vectors]) {
      const share = v.reduce((sum, x, i) => sum + x * u[i]!, 0);
      u.forEach((x, i) => (v[i]! -= share * x));
    }
    const length = Math.hypot(...v);
    vectors.push(v.map((x) => x / length));
  }
  return vectors;
};

/** Conjugate gradients as exact arithmetic has them: double precision, residuals kept orthogonal. */
const exactly = (f: readonly (readonly number[])[], b: readonly number[], iterations: number): number[] => {
  const dot = (a: readonly number[], c: readonly number[]) => a.reduce((sum, x, i) => sum + x * c[i]!, 0);
  let [x, r, p] = [b.map(() => 0), [...b], [...b]];
  const before = [r];
  for (let k = 0; k < iterations; k++) {
    const image = f.map((row) => dot(row, p));
    const square = dot(r, r);
    const length = square / dot(p, image);
    x = x.map((v, i) => v + length * p[i]!);
    r = r.map((v, i) => v - length * image[i]!);
    for (const u of before) {
      const share = dot(r, u) / dot(u, u);
      r = r.map((v, i) => v - share * u[i]!);
    }
    before.push(r);
    p = p.map((v, i) => r[i]! + (dot(r, r) / square) * v);
  }
  return x;
};
