import * as tf from '@tensorflow/tfjs-core';
import { rng } from '@troupe/core';
import { carryOf, leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import {
  denormaliseValues,
  flat,
  initialObservationMoments,
  initialValueMoments,
  mlp,
  moveObservationMoments,
  moveValueMoments,
  normaliseObservation,
  normaliseValues,
  popArt,
  valueStatistics,
  valueStatisticsAtRest,
  type ObservationMoments,
} from '../src/index.js';

const t1 = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor1D;
const t2 = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor2D;
const close = (actual: readonly number[] | undefined, expected: readonly number[], tolerance = 1e-5) => {
  expect(actual).toHaveLength(expected.length);
  expected.forEach((x, i) => expect(Math.abs(actual![i]! - x)).toBeLessThan(tolerance * Math.max(1, Math.abs(x))));
};
const none = () => ({ mean: tf.scalar(0), square: tf.scalar(0), debias: tf.scalar(0) });

describe.each(runtimes)('value moments, %s', (_name, runtime) => {
  it('are after the first batch exactly the mean and deviation of those that count', async () => {
    // of 1, 5 (9 is dead): mean 3, variance 4; normalised 7 is (7 − 3)/2 = 2
    const result = await evaluateIn(
      runtime,
      (t) => {
        const moments = moveValueMoments(none(), t1(t, 'x'), { weight: t1(t, 'w') });
        const statistics = valueStatistics(moments);
        const nobody = moveValueMoments(moments, t1(t, 'x'), { weight: tf.zeros([3]) });
        return {
          ...statistics,
          seven: normaliseValues(tf.tensor1d([7]), statistics),
          back: denormaliseValues(tf.tensor1d([2]), statistics),
          unmoved: tf.sub(tf.stack(Object.values(nobody)), tf.stack(Object.values(moments))),
          start: tf.stack(Object.values(valueStatistics(none()))),
        };
      },
      { x: array([1, 5, 9]), w: array([1, 1, 0]) },
    );
    close(result['mean'], [3]);
    close(result['deviation'], [2]);
    close(result['seven'], [2]);
    close(result['back'], [7]);
    expect(result['unmoved']).toEqual([0, 0, 0]);
    close(result['start'], [0, 0.1]);
    expect(valueStatisticsAtRest({ mean: 3e-5, square: 13e-5, debias: 1e-5 })).toEqual({
      mean: expect.closeTo(3, 9) as number,
      deviation: expect.closeTo(2, 9) as number,
    });
  });

  it('decay, and count every row by itself where asked to', async () => {
    // β = 0.5: m = (0.5·(0.5·2) + 0.5·4)/(0.75) = 2.5/0.75; per row of two rows β² = 0.25: m = 0.25·(0.75·2) + 0.75·4 over 0.9375
    const result = await evaluateIn(
      runtime,
      (t) => {
        const twice = (perRow: boolean) => {
          const first = moveValueMoments(none(), t1(t, 'a'), { decay: 0.5, perRow });
          return valueStatistics(moveValueMoments(first, t1(t, 'b'), { decay: 0.5, perRow })).mean;
        };
        return { once: twice(false), each: twice(true) };
      },
      { a: array([1, 3]), b: array([4, 4]) },
    );
    close(result['once'], [2.5 / 0.75]);
    close(result['each'], [3.375 / 0.9375]);
  });

  it.each([1, 3])('PopArt leaves what a critic of %i outputs says in original units as it was', async (outputs) => {
    const critic = flat(mlp({ inputs: 4, hidden: [8], outputs }));
    const theta = Array.from(critic.init(rng(1)));
    const random = rng(2);
    const rows = (n: number, width: number, scale = 1) =>
      array(Array.from({ length: n }, () => Array.from({ length: width }, () => random.normal() * scale + scale)));
    const result = await evaluateIn(
      runtime,
      (t) => {
        const zeros = { mean: tf.zeros([outputs]), square: tf.zeros([outputs]), debias: tf.scalar(0) };
        const moments = moveValueMoments(zeros, t2(t, 'first'), { decay: 0.9 });
        const [before, after] = [moments, moveValueMoments(moments, t2(t, 'second'), { decay: 0.9 })].map(
          valueStatistics,
        );
        const value = (weights: tf.Tensor1D) => critic.apply(weights, t['x']!);
        const moved = popArt(critic, t1(t, 'theta'), before!, after!);
        return {
          before: denormaliseValues(value(t1(t, 'theta')), before!),
          after: denormaliseValues(value(moved), after!),
          changed: tf.max(tf.abs(tf.sub(moved, t1(t, 'theta')))),
        };
      },
      { theta: array(theta), x: rows(6, 4), first: rows(10, outputs), second: rows(10, outputs, 30) },
    );
    close(result['after'], result['before']!, 1e-6 * 30);
    expect(result['changed']![0]).toBeGreaterThan(0.1);
  });
});

describe('PopArt at the door', () => {
  it('refuses a network whose last layer it does not find', () => {
    const network = { size: 3, entries: [{ name: 'w', shape: [3], offset: 0, size: 3 }] };
    const statistics = { mean: tf.scalar(0), deviation: tf.scalar(1) };
    expect(() => popArt(network, tf.zeros([3]), statistics, statistics)).toThrow(
      'a kernel [H, K] and a bias [K], got w [3]',
    );
    expect(initialValueMoments(2).mean.shape).toEqual([2]);
  });
});

describe.each(runtimes)('observation moments, %s', (_name, runtime) => {
  it('are those of all living rows seen, however they are divided into batches', async () => {
    const random = rng(3);
    const size = 3;
    const make = (n: number) =>
      Array.from({ length: n }, () => [random.normal(), 1e3 + random.normal(), 5 * random.normal()]);
    const batches = [make(7), make(7), make(7)];
    const active = [
      [1, 1, 0, 1, 1, 1, 1],
      [0, 0, 0, 0, 0, 0, 0],
      [1, 0, 0, 0, 1, 1, 1],
    ];
    type Rows = { readonly x: tf.Tensor; readonly active: tf.Tensor };
    const step = runtime.compile<ObservationMoments, Rows, { readonly z: tf.Tensor }>(
      (carry, { x, active: weight }) => ({
        carry: moveObservationMoments(carry, x as tf.Tensor2D, weight as tf.Tensor1D),
        output: { z: normaliseObservation(x, carry, 2) },
      }),
    );
    let carry = carryOf<ObservationMoments>(initialObservationMoments(size));
    for (const [i, rows] of batches.entries()) {
      const given = { x: array(rows), active: ndarray(Uint8Array.from(active[i]!), [7]) };
      const { carry: next, output } = await step.run(carry, given);
      // nothing seen yet: as it is, but within the limit
      if (i === 0) expect(output.z.get(0, 1)).toBe(2);
      if (i === 0) expect(output.z.get(0, 0)).toBeCloseTo(Math.max(-2, Math.min(2, rows[0]![0]!)), 5);
      carry = next;
    }
    const living = batches.flatMap((rows, i) => rows.filter((_, r) => active[i]![r] === 1));
    const { mean, variance, count } = leavesOf(carry) as Record<string, ndarray.NdArray<Float32Array>>;
    expect(count!.get()).toBe(living.length);
    for (let j = 0; j < size; j++) {
      const m = living.reduce((sum, row) => sum + row[j]!, 0) / living.length;
      const v = living.reduce((sum, row) => sum + (row[j]! - m) ** 2, 0) / living.length;
      expect(Math.abs(mean!.get(j) - m)).toBeLessThan(1e-6 * Math.max(1, Math.abs(m)));
      expect(Math.abs(variance!.get(j) - v)).toBeLessThan(1e-3 * Math.max(1, v));
    }
    step.dispose();
  });
});
