import * as tf from '@tensorflow/tfjs-core';
import { layers, sequential } from '@tensorflow/tfjs-layers';
import { box, discrete, hybrid, multiDiscrete, rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import {
  adam,
  clipByGlobalNorm,
  clipPerTensor,
  encode,
  encodedSize,
  flat,
  fromLayers,
  gumbel,
  gumbelSoftmax,
  initialWeight,
  maskLogits,
  mlp,
  modeOneHot,
  norm,
  polyak,
  sampleOneHot,
  sgd,
} from '../src/index.js';

const t1 = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor1D;
const t2 = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor2D;

describe('initial weights', () => {
  it('keeps within the limits of each scheme and follows the stream', () => {
    const limits = { glorotUniform: Math.sqrt(6 / 50), heUniform: Math.sqrt(6 / 20), fanInUniform: Math.sqrt(1 / 20) };
    for (const [how, limit] of Object.entries(limits)) {
      const { data } = initialWeight([20, 30], how as keyof typeof limits, rng(1));
      const top = data.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
      expect(top).toBeLessThanOrEqual(limit);
      expect(top).toBeGreaterThan(0.95 * limit);
    }
    expect(initialWeight([2, 3], 'heUniform', rng(1))).toEqual(initialWeight([2, 3], 'heUniform', rng(1)));
    expect(initialWeight([2, 3], 'heUniform', rng(2))).not.toEqual(initialWeight([2, 3], 'heUniform', rng(1)));
  });

  it.each([
    [8, 5],
    [5, 8],
  ])('makes orthonormal columns or rows, times the gain: %i by %i', (rows, columns) => {
    const { data } = initialWeight([rows, columns], 'orthogonal', rng(3), 2);
    const at = (r: number, c: number) => data[r * columns + c]!;
    const short = Math.min(rows, columns);
    for (let i = 0; i < short; i++) {
      for (let j = 0; j < short; j++) {
        let dot = 0;
        for (let k = 0; k < Math.max(rows, columns); k++) {
          dot += rows >= columns ? at(k, i) * at(k, j) : at(i, k) * at(j, k);
        }
        expect(dot).toBeCloseTo(i === j ? 4 : 0, 5);
      }
    }
  });
});

describe.each(runtimes)('networks, %s', (_name, runtime) => {
  it('computes a perceptron from its flat vector as by hand', async () => {
    const network = flat(mlp({ inputs: 2, hidden: [2], outputs: 1 }));
    expect(network.entries.map(({ name, shape }) => [name, shape])).toEqual([
      ['0/kernel', [2, 2]],
      ['1/bias', [2]],
      ['2/kernel', [2, 1]],
      ['3/bias', [1]],
    ]);
    // hidden: relu([1, 2]·[[1, −1], [1, −1]] + [0, 1]) = [3, 0]; output: 3·2 + 0·5 + 7 = 13
    const theta = [1, -1, 1, -1, 0, 1, 2, 5, 7];
    const result = await evaluateIn(
      runtime,
      (t) => ({
        y: network.apply(t1(t, 'theta'), t['x']!),
        slope: tf.grad((w) => tf.sum(network.apply(w as tf.Tensor1D, t['x']!)))(tf.clone(t['theta']!)),
      }),
      { theta: array(theta), x: array([[1, 2]]) },
    );
    expect(result['y']).toEqual([13]);
    expect(result['slope']).toEqual([2, 0, 4, 0, 2, 0, 3, 0, 1]);
    const weights = network.weights(Float32Array.from(theta));
    expect(network.pack(weights)).toEqual(Float32Array.from(theta));
    const nested = { init: () => ({ tower: weights }) as never, apply: () => 0 };
    expect(() => flat(nested)).toThrow(
      "flat: expected init to give ndarrays on Float32Array by name, got { 0/kernel, 1/bias, 2/kernel, 3/bias } for 'tower'",
    );
    expect(() => network.pack({ ...weights, more: weights['1/bias']! })).toThrow('unknown weights more');
    expect(() => network.pack({ '0/kernel': weights['1/bias']! })).toThrow("a weight '0/kernel' of shape [2,2]");
  });

  it('calls any tfjs-layers model with weights from outside, and leaves the model as it was', async () => {
    const model = sequential({
      layers: [
        layers.dense({ units: 3, activation: 'tanh', inputShape: [2], kernelInitializer: 'zeros' }),
        layers.layerNormalization(),
        layers.dense({ units: 1, kernelInitializer: 'zeros' }),
      ],
    });
    const network = flat(fromLayers(model));
    const theta = network.init(rng(1));
    expect(network.weights(theta)['2/gamma']!.data).toEqual(new Float32Array([1, 1, 1]));
    const before = model.getWeights().map((w) => Array.from(w.dataSync()));
    const { y } = await evaluateIn(runtime, (t) => ({ y: network.apply(t1(t, 'theta'), t['x']!) }), {
      theta: array(Array.from(theta)),
      x: array([
        [1, 2],
        [3, -1],
      ]),
    });
    expect(model.getWeights().map((w) => Array.from(w.dataSync()))).toEqual(before);
    const own = fromLayers(model, { start: 'model' });
    expect(Array.from(own.init(rng(0))['0/kernel']!.data)).toEqual([0, 0, 0, 0, 0, 0]);
    // the same by hand
    const w = network.weights(theta);
    const by = [
      [1, 2],
      [3, -1],
    ].map((x) => {
      const h = [0, 1, 2].map((j) => Math.tanh(x[0]! * w['0/kernel']!.get(0, j) + x[1]! * w['0/kernel']!.get(1, j)));
      const mean = h.reduce((a, b) => a + b) / 3;
      const deviation = Math.sqrt(h.reduce((a, b) => a + (b - mean) ** 2, 0) / 3 + 1e-3);
      return h.reduce((sum, v, j) => sum + ((v - mean) / deviation) * w['4/kernel']!.get(j, 0), 0);
    });
    y!.forEach((value, i) => expect(value).toBeCloseTo(by[i]!, 5));
  });

  it('follows Adam of the paper from the first update on', async () => {
    const method = adam({ learningRate: 0.1 });
    // double precision, by the paper
    let [theta, m, v] = [1, 0, 0];
    const gradients = [0.5, -0.25, 1e-3];
    const expected = gradients.map((g, i) => {
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      theta -= (0.1 * (m / (1 - 0.9 ** (i + 1)))) / (Math.sqrt(v / (1 - 0.999 ** (i + 1))) + 1e-8);
      return theta;
    });
    const { path } = await evaluateIn(
      runtime,
      (t) => {
        let state = { theta: t1(t, 'theta'), moments: { m: tf.zeros<tf.Rank.R1>([1]), v: tf.zeros<tf.Rank.R1>([1]) } };
        const path = gradients.map((g, i) => {
          state = method.update(state.theta, tf.tensor1d([g]), state.moments, { updates: tf.scalar(i + 1) });
          return state.theta;
        });
        return { path: tf.concat(path) };
      },
      { theta: array([1]) },
    );
    path!.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6));
  });

  it('clips by the norm of all gradients or of each weight, descends and tracks', async () => {
    // norm of (3, 4, 12) is 13; per weight: (3, 4) has norm 5, (12) has norm 12
    const result = await evaluateIn(
      runtime,
      (t) => {
        const g = t1(t, 'g');
        return {
          global: clipByGlobalNorm(g, norm(g), 1),
          each: clipPerTensor(g, [2, 1], 1),
          free: clipByGlobalNorm(g, norm(g), 100),
          down: sgd({ learningRate: 0.5 }).update(g, g, {}, { updates: tf.scalar(1), rate: tf.scalar(0.5) }).theta,
          target: polyak(g, tf.zerosLike(g), 0.25),
        };
      },
      { g: array([3, 4, 12]) },
    );
    const near = (name: string, values: readonly number[]) =>
      values.forEach((x, i) => expect(result[name]![i]).toBeCloseTo(x, 5));
    near('global', [3 / 13, 4 / 13, 12 / 13]);
    near('each', [0.6, 0.8, 1]);
    near('free', [3, 4, 12]);
    near('down', [2.25, 3, 9]);
    near('target', [2.25, 3, 9]);
  });

  it('encodes every space: numbers as they are, choices one-hot', async () => {
    const spaces = {
      discrete: [discrete(3), [[2], [0]], [0, 0, 1, 1, 0, 0]],
      single: [discrete(1), [[0], [0]], [1, 1]],
      box: [
        box([2]),
        [
          [1.5, 2],
          [3, 4],
        ],
        [1.5, 2, 3, 4],
      ],
      multi: [
        multiDiscrete(2, 3),
        [
          [1, 0],
          [0, 2],
        ],
        [0, 1, 1, 0, 0, 1, 0, 0, 0, 1],
      ],
      hybrid: [
        hybrid(box([1]), multiDiscrete(2)),
        [
          [0.5, 1],
          [0.25, 0],
        ],
        [0.5, 0, 1, 0.25, 1, 0],
      ],
    } as const;
    for (const [space, values, expected] of Object.values(spaces)) {
      const { x } = await evaluateIn(runtime, (t) => ({ x: encode(space, t2(t, 'v')) }), { v: array(values) });
      expect(x).toEqual(expected);
      expect(encodedSize(space) * 2).toBe(expected.length);
    }
  });

  it('relaxes choices by Gumbel-softmax with the gradient of the soft sample', async () => {
    const logits = [[0.3, -0.2, 0.1]];
    const u = [[0.7, 0.2, 0.5]];
    const g = u[0]!.map((x) => -Math.log(-Math.log(x)));
    const e = logits[0]!.map((x, i) => Math.exp((x + g[i]!) / 2));
    const soft = e.map((x) => x / e.reduce((a, b) => a + b));
    // d(soft·c)/d logit_i = soft_i (c_i − Σ soft_j c_j) / T
    const c = [1, 2, 4];
    const mean = soft.reduce((sum, s, i) => sum + s * c[i]!, 0);
    const slope = soft.map((s, i) => (s * (c[i]! - mean)) / 2);
    const result = await evaluateIn(
      runtime,
      (t) => {
        const sample = (kind: 'soft' | 'straightThrough') => (x: tf.Tensor) =>
          gumbelSoftmax({ logits: x as tf.Tensor2D, noise: gumbel(t2(t, 'u')), temperature: 2, kind });
        const weighed = (kind: 'soft' | 'straightThrough') => (x: tf.Tensor) =>
          tf.sum<tf.Scalar>(tf.mul(sample(kind)(x), t['c']!));
        return {
          soft: sample('soft')(t['x']!),
          hard: sample('straightThrough')(t['x']!),
          softSlope: tf.grad(weighed('soft'))(tf.clone(t['x']!)),
          hardSlope: tf.grad(weighed('straightThrough'))(tf.clone(t['x']!)),
          drawn: sampleOneHot(t2(t, 'x'), gumbel(t2(t, 'u'))),
          mode: modeOneHot(t2(t, 'x')),
          masked: tf.softmax(maskLogits(t2(t, 'x'), t2(t, 'legal'))),
        };
      },
      { x: array(logits), u: array(u), c: array([c]), legal: array([[0, 1, 1]]) },
    );
    soft.forEach((s, i) => expect(result['soft']![i]).toBeCloseTo(s, 5));
    slope.forEach((s, i) => {
      expect(result['softSlope']![i]).toBeCloseTo(s, 5);
      expect(result['hardSlope']![i]).toBeCloseTo(s, 5);
    });
    const best = soft.indexOf(Math.max(...soft));
    expect(result['hard']).toEqual([0, 1, 2].map((i) => (i === best ? 1 : 0)));
    expect(result['drawn']).toEqual(result['hard']);
    expect(result['mode']).toEqual([1, 0, 0]);
    expect(result['masked']![0]).toBe(0);
  });
});
