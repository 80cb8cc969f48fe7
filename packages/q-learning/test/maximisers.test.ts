import * as tf from '@tensorflow/tfjs-core';
import { noiseSource, rng } from '@troupe/core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { covarianceAdaptation } from '../src/maximisers/covariance-adaptation.js';
import { crossEntropy } from '../src/maximisers/cross-entropy.js';
import type { Maximiser } from '../src/maximisers/maximiser.js';
import { randomShooting } from '../src/maximisers/random-shooting.js';

const onnx = runtimes[1]![1];
const median = (xs: readonly number[]): number => xs.toSorted((a, b) => a - b)[Math.floor(xs.length / 2)]!;

type Score = (candidates: tf.Tensor3D, at: tf.Tensor3D) => tf.Tensor2D;
const bowl: Score = (candidates, at) => tf.mul(tf.sum(tf.square(tf.sub(candidates, at)), 2), -0.5);

/** Maximises for S centres at once in [-1, 1]^A: values found. */
const search = async (
  maximiser: Maximiser,
  centres: readonly (readonly number[])[],
  { score = bowl, seed = 1, runtime = onnx }: { score?: Score; seed?: number; runtime?: typeof onnx } = {},
): Promise<{ readonly value: number[]; readonly action: number[][] }> => {
  const [problems, size] = [centres.length, centres[0]!.length];
  const step = runtime.compile<Record<string, never>, Record<string, tf.Tensor>, Record<string, tf.Tensor>>(
    (carry, { centre, noise }) => {
      const at: tf.Tensor3D = tf.expandDims(centre!, 1);
      const found = maximiser.maximise({
        score: (candidates) => score(candidates, at),
        problems,
        low: new Array<number>(size).fill(-1),
        high: new Array<number>(size).fill(1),
        noise: noise!,
      });
      return { carry, output: { value: found.value, action: found.action } };
    },
    { name: 'maximise' },
  );
  const drawn = noiseSource()(rng(seed), { noise: maximiser.noise(problems, size) });
  const centre = ndarray(Float32Array.from(centres.flat()), [problems, size]);
  const { output } = await step.run({ layout: [], flat: new Float32Array(0) }, { centre, ...drawn });
  const flat = Array.from(output['action']!.data);
  const value = Array.from(output['value']!.data);
  step.dispose();
  return { value, action: centres.map((_, s) => flat.slice(s * size, (s + 1) * size)) };
};
const centresIn = (problems: number, size: number, reach = 0.9) => {
  const stream = rng(7);
  return Array.from({ length: problems }, () => Array.from({ length: size }, () => (stream.uniform() * 2 - 1) * reach));
};

const all = [
  ['random shooting', randomShooting()],
  ['cross-entropy', crossEntropy()],
  ['covariance', covarianceAdaptation({ population: 16, iterations: 12 })],
] as const;

describe('the gap on a bowl', () => {
  // Medians that a reference found; gaps vary by orders of magnitude, their medians by a few per cent.
  it.each([
    ['random shooting, N 64', randomShooting({ samples: 64 }), [5.8e-5, 6.9e-3, 0.31]],
    ['random shooting, N 256', randomShooting({ samples: 256 }), [3.6e-6, 1.7e-3, 0.18]],
    ['cross-entropy, J 2', crossEntropy({ iterations: 2 }), [5.5e-7, 5.6e-4, 0.098]],
    ['cross-entropy, J 3', crossEntropy({ iterations: 3 }), [3.6e-9, 3.2e-5, 0.027]],
    ['cross-entropy, J 5', crossEntropy({ iterations: 5 }), [4e-11, 1.8e-7, 2.2e-3]],
  ])('%s: within 1.3 of the reference, median of 1000', async (_name, maximiser, gaps) => {
    for (const [k, size] of [1, 2, 6].entries()) {
      const gap = median((await search(maximiser, centresIn(1000, size))).value.map((v) => -v));
      expect(gap / gaps[k]!, `A = ${size}`).toBeLessThan(1.3);
      expect(gap / gaps[k]!, `A = ${size}`).toBeGreaterThan(1 / 1.5);
    }
  });

  it('covariance: about as good as cross-entropy with as many evaluations', async () => {
    const maximiser = covarianceAdaptation({ population: 16, iterations: 12 });
    expect(maximiser.evaluations(2)).toBe(crossEntropy({ iterations: 3 }).evaluations(2));
    const gap = median((await search(maximiser, centresIn(300, 2))).value.map((v) => -v));
    expect(gap).toBeLessThan(1.3 * 3.2e-5);
  });
});

describe.each(all)('%s', (_name, maximiser) => {
  it('finds the face where the best argument lies outside the box', async () => {
    const { action } = await search(maximiser, [[3], [-3]]);
    expect(Math.abs(action[0]![0]! - 1)).toBeLessThan(0.05);
    expect(Math.abs(action[1]![0]! + 1)).toBeLessThan(0.05);
    if (maximiser === all[0][1]) return; // in two numbers 64 random ones come no closer than about 0.3
    const corner = (await search(maximiser, [[3, 0.2], [-3, -3]])).action; // prettier-ignore
    [1, 0.2, -1, -1].forEach((x, i) => expect(Math.abs(corner.flat()[i]! - x)).toBeLessThan(0.02));
  });

  it('gives the value of the action that it gives, and stays in the box', async () => {
    const centres = centresIn(40, 3, 1.5);
    const { action, value } = await search(maximiser, centres);
    action.forEach((xs, s) => {
      const worth = -0.5 * xs.reduce((sum, x, i) => sum + (x - centres[s]![i]!) ** 2, 0);
      expect(value[s]).toBeCloseTo(worth, 5);
      for (const x of xs) expect(Math.abs(x)).toBeLessThanOrEqual(1);
    });
  });

  it('finds the higher of two bumps in most of 200 cases', async () => {
    // Heights 1 and 0.7, widths 0.3, one on each side.
    const bumps: Score = (candidates, at) => {
      const bump = (centre: tf.Tensor, height: number) =>
        tf.mul(tf.exp(tf.mul(tf.sum(tf.square(tf.sub(candidates, centre)), 2), -1 / (2 * 0.09))), height);
      return tf.add(bump(at, 1), bump(tf.neg(at), 0.7));
    };
    const centres = Array.from({ length: 200 }, (_, s) => [0.6 * Math.cos(s), 0.6 * Math.sin(s)]);
    const { value } = await search(maximiser, centres, { score: bumps });
    const won = value.filter((v) => v > 0.85).length;
    // Measured: 157, 189 and 193. In one of five cases none of 64 random candidates lies high enough on either.
    expect(won).toBeGreaterThan(150);
  });

  it('draws nothing by itself: the same noise gives the same find, in every runtime', async () => {
    const centres = centresIn(5, 2);
    const [a, b] = [await search(maximiser, centres), await search(maximiser, centres)];
    expect(a).toEqual(b);
    expect((await search(maximiser, centres, { seed: 2 })).action).not.toEqual(a.action);
    const eager = await search(maximiser, centres, { runtime: runtimes[0]![1] });
    eager.action.flat().forEach((x, i) => expect(x).toBeCloseTo(a.action.flat()[i]!, 3));
  });
});

it('covariance climbs a ridge across the axes that cross-entropy does not', async () => {
  const ridge: Score = (candidates, at) => {
    const apart = tf.sub(candidates, at);
    const [x, y] = tf.split(apart, 2, 2) as [tf.Tensor, tf.Tensor];
    const [along, across] = [tf.add(x, y), tf.sub(x, y)];
    return tf.reshape(tf.neg(tf.add(tf.square(along), tf.mul(tf.square(across), 1e4))), candidates.shape.slice(0, 2) as [number, number]); // prettier-ignore
  };
  const centres = centresIn(100, 2, 0.8);
  const gapOf = async (maximiser: Maximiser) =>
    median((await search(maximiser, centres, { score: ridge })).value.map((v) => -v));
  const cma = await gapOf(covarianceAdaptation({ population: 16, iterations: 32 }));
  const cem = await gapOf(crossEntropy({ samples: 64, iterations: 8 }));
  expect(cma).toBeLessThan(1e-3 * cem);
});

describe('cross-entropy', () => {
  it('gets worse when iterations go on without elitism on a noisy peak, never with it', async () => {
    const values = async (elitism: boolean) => {
      const found: number[] = [];
      for (const iterations of [1, 2, 3, 4]) {
        // A floor as wide as the box: iterations are as random as the first.
        const { value } = await search(crossEntropy({ iterations, elitism, minDeviation: 1, samples: 8, elites: 2 }), [[0.3, 0.3]]); // prettier-ignore
        found.push(value[0]!);
      }
      return found;
    };
    const falls = (xs: readonly number[]) => xs.some((x, k) => k > 0 && x < xs[k - 1]!);
    expect(falls(await values(true))).toBe(false);
    expect(falls(await values(false))).toBe(true);
  });
});

it('refuses what makes no sense, by name', () => {
  expect(() => crossEntropy({ samples: 4, elites: 5 })).toThrow('crossEntropy: expected elites <= samples, got 5 > 4');
  expect(() => crossEntropy({ iterations: 0 })).toThrow('crossEntropy: iterations: expected an integer > 0, got 0');
  expect(() => randomShooting({ samples: 0 })).toThrow('randomShooting: samples');
  expect(() => covarianceAdaptation({ sigma: -1 })).toThrow('covarianceAdaptation: sigma');
});
