import * as tf from '@tensorflow/tfjs-core';
import { box, discrete, hybrid, multiDiscrete, rng, type Space } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import { distribution, flat, mlp, sigmoidDeviation, type DistributionOptions } from '../src/index.js';
import { reference } from './support/reference-distribution.js';

const t1 = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor1D;
const t2 = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor2D;

const near = (actual: readonly number[] | undefined, expected: readonly number[], digits = 5) => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((x, i) => {
    const error = Math.abs(actual![i]! - x) / Math.max(1, Math.abs(x));
    expect(error, `component ${i}: ${actual![i]} for ${x}`).toBeLessThan(10 ** -digits);
  });
};

const cases: readonly (readonly [name: string, space: Space, options: DistributionOptions])[] = [
  ['one choice', discrete(4), {}],
  ['several choices', multiDiscrete(3, 1, 2), {}],
  ['sd = exp', box([2]), {}],
  ['sd below one half', box([3]), { deviation: 'sigmoid' }],
  ['clamped', box([2]), { deviation: 'clamped' }],
  ['log sd by tanh', box([2]), { deviation: 'tanh' }],
  ['squashed', box([2], { low: [-1, -3], high: [1, 5] }), { squashed: true }],
  ['hybrid', hybrid(box([2]), multiDiscrete(2, 3)), { deviation: sigmoidDeviation({ x: 2, y: 0.7 }) }],
];

/** Random rows: outputs, other outputs nearby, masks with at least one legal choice, actions, directions. */
const rowsFor = (space: Space, options: DistributionOptions, rows: number) => {
  const { width, actionSize, noise } = distribution(space, options);
  const random = rng(7);
  const normals = (n: number, scale: number) => Array.from({ length: n }, () => random.normal() * scale);
  const draw = <T>(make: () => T) => Array.from({ length: rows }, make);
  const output = draw(() => normals(width, options.squashed ? 0.5 : 1.5));
  const legal = draw(() => Array.from({ length: noise.uniforms }, () => (random.uniform() < 0.6 ? 1 : 0)));
  const counts = reference(space, options).counts;
  for (const mask of legal) counts.reduce((at, n) => ((mask[at + random.int(n)] = 1), at + n), 0);
  const action = legal.map((mask) => {
    const real = normals(actionSize - counts.length, 0.4);
    let at = 0;
    const chosen = counts.map((n) => {
      const allowed = Array.from({ length: n }, (_, i) => i).filter((i) => mask[at + i] === 1);
      at += n;
      return allowed[random.int(allowed.length)]!;
    });
    return [...real, ...chosen];
  });
  return {
    output,
    now: output.map((row) => row.map((x) => x + random.normal() * 0.5)),
    close: output.map((row) => row.map((x) => x + random.normal() * 3e-3)),
    action,
    v: draw(() => normals(width, 1)),
    legal,
  };
};

describe.each(runtimes)('distributions, %s', (_name, runtime) => {
  it.each(cases)('agrees with double precision and finite differences: %s', async (_case, space, options) => {
    const d = distribution(space, options);
    const rows = rowsFor(space, options, 24);
    const masked = d.noise.uniforms > 0;
    const legalOf = (t: Record<string, tf.Tensor>) => (masked ? t2(t, 'legal') : undefined);
    const slope = (f: (output: tf.Tensor2D) => tf.Tensor1D, at: tf.Tensor) =>
      tf.grad((x) => tf.sum(f(x as tf.Tensor2D)))(tf.clone(at));
    const result = await evaluateIn(
      runtime,
      (t) => {
        const legal = legalOf(t);
        const logProb = (output: tf.Tensor2D) => d.logProb(output, t2(t, 'action'), legal);
        const entropy = (output: tf.Tensor2D) => d.entropy(output, legal);
        const kl = (output: tf.Tensor2D) => d.kl(t2(t, 'output'), output, legal);
        // second derivatives of the divergence, along v
        const curved = (output: tf.Tensor) =>
          tf.sum(tf.mul(tf.grad((x) => tf.sum(kl(x as tf.Tensor2D)))(output), t['v']!));
        return {
          logProb: logProb(t2(t, 'output')),
          entropy: entropy(t2(t, 'output')),
          kl: kl(t2(t, 'now')),
          klClose: kl(t2(t, 'close')),
          klSame: kl(t2(t, 'output')),
          logProbSlope: slope(logProb, t['output']!),
          entropySlope: slope(entropy, t['output']!),
          klSlope: slope(kl, t['now']!),
          fisher: d.fisher(t2(t, 'output'), t2(t, 'v'), legal),
          hessian: tf.grad(curved)(tf.clone(t['output']!)),
        };
      },
      {
        output: array(rows.output),
        now: array(rows.now),
        close: array(rows.close),
        action: array(rows.action),
        v: array(rows.v),
        ...(masked && { legal: array(rows.legal) }),
      },
    );
    const exact = reference(space, options);
    const each = (f: (i: number) => number) => rows.output.map((_, i) => f(i));
    const gradients = (f: (output: readonly number[], i: number) => number, at: readonly (readonly number[])[]) =>
      at.flatMap((row, i) => row.map((x, j) => (f(row.with(j, x + 1e-5), i) - f(row.with(j, x - 1e-5), i)) / 2e-5));
    const f32 = (list: readonly (readonly number[])[]) => list.map((row) => Array.from(Float32Array.from(row)));
    const [output, now, close, action] = [f32(rows.output), f32(rows.now), f32(rows.close), f32(rows.action)];
    const logProb = (row: readonly number[], i: number) => exact.logProb(row, action[i]!, rows.legal[i]!);
    const entropy = (row: readonly number[], i: number) => exact.entropy(row, rows.legal[i]!);
    const kl = (row: readonly number[], i: number) => exact.kl(output[i]!, row, rows.legal[i]!);
    near(
      result['logProb'],
      each((i) => logProb(output[i]!, i)),
    );
    near(
      result['entropy'],
      each((i) => entropy(output[i]!, i)),
    );
    near(
      result['kl'],
      each((i) => kl(now[i]!, i)),
    );
    near(result['logProbSlope'], gradients(logProb, output), 4);
    near(result['entropySlope'], gradients(entropy, output), 4);
    near(result['klSlope'], gradients(kl, now), 4);
    expect(result['klSame']!.every((x) => Math.abs(x) < 1e-12)).toBe(true);
    // small divergences keep their digits: this is what a trust region measures
    each((i) => kl(close[i]!, i)).forEach((x, i) => {
      expect(Math.abs(result['klClose']![i]! - x)).toBeLessThan(2e-3 * x + 1e-10);
    });
    near(result['hessian'], result['fisher']!, 4);
  });

  it('never takes a forbidden choice, draws the others by their probabilities, and knows what it drew', async () => {
    const rows = 4000;
    const d = distribution(hybrid(box([1], { low: -2, high: 2 }), multiDiscrete(3)), { squashed: true });
    const random = rng(1);
    const output = Array.from({ length: rows }, () => [0.3, -0.5, Math.log(1), 9, Math.log(3)]);
    const legal = Array.from({ length: rows }, () => [1, 0, 1]);
    const result = await evaluateIn(
      runtime,
      (t) => {
        const [out, mask] = [t2(t, 'output'), t2(t, 'legal')];
        const drawn = d.sample(out, { normal: t2(t, 'normal'), uniform: t2(t, 'uniform') }, mask);
        const [real, choice] = tf.split(drawn.action, 2, 1);
        return {
          real: real!,
          choice: choice!,
          own: drawn.logProb,
          again: d.logProb(out, drawn.action, mask),
          p: tf.exp(d.logProbabilities(tf.slice(out, [0, 0], [1, 5]), tf.slice(mask, [0, 0], [1, 3]))),
          mode: d.mode(tf.slice(out, [0, 0], [1, 5]), tf.slice(mask, [0, 0], [1, 3])),
          forbidden: tf.exp(
            d.logProb(tf.slice(out, [0, 0], [1, 5]), tf.tensor2d([[0, 1]]), tf.slice(mask, [0, 0], [1, 3])),
          ),
        };
      },
      {
        output: array(output),
        legal: array(legal),
        normal: array(output.map(() => [random.normal()])),
        uniform: array(output.map(() => [random.uniform(), random.uniform(), random.uniform()])),
      },
    );
    near(result['p'], [0.25, 0, 0.75]);
    expect(result['p']![1]).toBe(0);
    expect(result['forbidden']).toEqual([0]);
    near(result['mode'], [2 * Math.tanh(0.3), 2]);
    const count = (k: number) => result['choice']!.filter((x) => x === k).length;
    expect(count(1)).toBe(0);
    expect(Math.abs(count(2) / rows - 0.75)).toBeLessThan(0.02); // 3 standard errors
    expect(result['real']!.every((x) => Math.abs(x) < 2)).toBe(true);
    near(result['again'], result['own']!, 4);
  });

  it('has no NaN anywhere for a row without a legal choice', async () => {
    const d = distribution(multiDiscrete(2, 3));
    const result = await evaluateIn(
      runtime,
      (t) => {
        const legal = t2(t, 'legal');
        const all = (x: tf.Tensor) =>
          tf.sum(
            tf.add(
              tf.add(d.logProb(x as tf.Tensor2D, t2(t, 'action'), legal), d.entropy(x as tf.Tensor2D, legal)),
              d.kl(t2(t, 'output'), x as tf.Tensor2D, legal),
            ),
          );
        return { mode: d.mode(t2(t, 'output'), legal), slope: tf.grad(all)(tf.clone(t['output']!)) };
      },
      { output: array([[1, 2, 3, 4, 5]]), legal: array([[0, 0, 0, 0, 0]]), action: array([[0, 0]]) },
    );
    expect(result['slope']!.every(Number.isFinite)).toBe(true);
    expect(result['mode']).toHaveLength(2);
  });

  it('knows the density of a tanh-Gaussian far out, where the usual form is wrong by nats', async () => {
    // (u, mean, sd) → log density of tanh(u) in (−1, 1), worked in double precision
    const table = [
      [0, 0, 1, -0.918939],
      [0.5, 0.2, 0.3, 0.025263],
      [-1.5, 0, 1, -0.333058],
      [4, 1, 2, 3.877291],
      [10, 0, 5, 14.085329],
      [-20, 0, 10, 33.392182],
    ];
    const d = distribution(box([1], { low: -1, high: 1 }), { squashed: true });
    const { logProb, drawn } = await evaluateIn(
      runtime,
      (t) => ({
        logProb: d.sample(t2(t, 'output'), { normal: t2(t, 'z') }).logProb,
        drawn: d.logProb(t2(t, 'output'), tf.tanh(t2(t, 'u')), undefined, t2(t, 'u')),
      }),
      {
        output: array(table.map(([, mean, sd]) => [mean!, Math.log(sd!)])),
        u: array(table.map(([u]) => [u!])),
        z: array(table.map(([u, mean, sd]) => [(u! - mean!) / sd!])),
      },
    );
    near(
      logProb,
      table.map((row) => row[3]!),
      6,
    );
    near(
      drawn,
      table.map((row) => row[3]!),
      6,
    );
    near(
      drawn,
      table.map((row) => row[3]!),
      6,
    );
  });

  it('integrates to one over the actions, squashed or not', async () => {
    const d = distribution(box([1], { low: -1, high: 1 }), { squashed: true });
    const [n, width] = [4000, 2.4];
    // a = tanh(u) on an even grid of u: da = (1 − a²) du
    const u = Array.from({ length: n }, (_, i) => ((i + 0.5) / n - 0.5) * 2 * width);
    const { p } = await evaluateIn(runtime, (t) => ({ p: tf.exp(d.logProb(t2(t, 'output'), t2(t, 'action'))) }), {
      output: array(u.map(() => [0.2, Math.log(0.3)])),
      action: array(u.map((x) => [Math.tanh(x)])),
    });
    const integral = u.reduce((sum, x, i) => sum + p![i]! * (1 - Math.tanh(x) ** 2) * ((2 * width) / n), 0);
    expect(Math.abs(integral - 1)).toBeLessThan(1e-6);
  });

  it('appends deviations that are weights, and sums their gradient over the rows', async () => {
    const d = distribution(hybrid(box([2]), multiDiscrete(2)), { deviation: 'sigmoid', deviationOf: 'weights' });
    expect([d.outputs, d.width]).toEqual([4, 6]);
    const network = flat(d.attach(mlp({ inputs: 1, hidden: [], outputs: d.outputs })));
    const theta = network.init(rng(1));
    expect(network.entries.at(-1)).toMatchObject({ name: 'logStd', shape: [2] });
    expect(Array.from(theta.slice(-2))).toEqual([1, 1]); // HARL: begins at x, sd = sigmoid(1) / 2
    const result = await evaluateIn(
      runtime,
      (t) => {
        const out = network.apply(t1(t, 'theta'), t['x']!) as tf.Tensor2D;
        const columns = tf.split(d.decoded(out), [2, 2, 2], 1);
        return {
          logSd: columns[1]!,
          slope: tf.grad((w) => tf.sum(tf.slice(network.apply(w as tf.Tensor1D, t['x']!), [0, 2], [3, 2])))(
            t['theta']!,
          ),
        };
      },
      { theta: array(Array.from(theta)), x: array([[1], [2], [3]]) },
    );
    near(
      result['logSd'],
      Array.from({ length: 6 }, () => Math.log(0.5 / (1 + Math.exp(-1)))),
    );
    expect(Array.from(result['slope']!.slice(-2))).toEqual([3, 3]);
    expect(result['slope']!.slice(0, -2).every((x) => x === 0)).toBe(true);
  });
});

describe('distributions at the door', () => {
  it('refuses squashing onto bounds that are not there, and noise that is missing', () => {
    expect(() => distribution(box([2]), { squashed: true })).toThrow('expected finite bounds to squash into');
    const d = distribution(discrete(2));
    expect(() => d.sample(tf.zeros([1, 2]), {})).toThrow(
      'expected noise with 0 normal and 2 uniform columns, got none',
    );
  });
});
