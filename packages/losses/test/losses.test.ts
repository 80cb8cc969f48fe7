import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import { deterministicPolicyLoss, huber, outputPenalty, squaredError, tdTarget, weightedMean } from '../src/index.js';

const one = (t: Record<string, tf.Tensor>, name: string) => t[name] as tf.Tensor1D;

describe.each(runtimes)('losses, %s', (_name, runtime) => {
  it('values the future by gamma and the discount of the row', async () => {
    // 1 + 0.5·1·4 = 3; the second row is terminal: its future counts nothing
    const { y } = await evaluateIn(
      runtime,
      (t) => ({ y: tdTarget({ reward: one(t, 'r'), discount: one(t, 'd'), nextValue: one(t, 'v'), gamma: 0.5 }) }),
      { r: array([1, 2]), d: array([1, 0]), v: array([4, 100]) },
    );
    expect(y).toEqual([3, 2]);
  });

  it('squares errors without a factor and bends them beyond delta', async () => {
    // errors 0.5, 3, -2: squares 0.25, 9, 4; Huber with delta 1: 0.125, 1·(3 − 0.5), 1·(2 − 0.5)
    const result = await evaluateIn(
      runtime,
      (t) => ({
        square: squaredError({ prediction: one(t, 'p'), target: one(t, 'y') }),
        huber: huber({ prediction: one(t, 'p'), target: one(t, 'y'), delta: 1 }),
        slope: tf.grad((p) => tf.sum(huber({ prediction: p as tf.Tensor1D, target: one(t, 'y'), delta: 1 })))(
          tf.clone(one(t, 'p')),
        ),
      }),
      { p: array([1.5, 4, 1]), y: array([1, 1, 3]) },
    );
    expect(result['square']).toEqual([0.25, 9, 4]);
    expect(result['huber']).toEqual([0.125, 2.5, 1.5]);
    expect(result['slope']).toEqual([0.5, 1, -1]);
  });

  it('averages over the rows that count, and gives 0 where none does', async () => {
    const result = await evaluateIn(
      runtime,
      (t) => ({
        some: weightedMean(one(t, 'x'), one(t, 'w')),
        none: weightedMean(one(t, 'x'), one(t, 'zero')),
        all: weightedMean(one(t, 'x')),
      }),
      { x: array([1, 5, 9]), w: array([1, 0, 1]), zero: array([0, 0, 0]) },
    );
    expect(result).toEqual({ some: [5], none: [0], all: [5] });
  });

  it('climbs the critic and holds the output down', async () => {
    const result = await evaluateIn(
      runtime,
      (t) => ({
        loss: deterministicPolicyLoss({ q: one(t, 'q') }),
        penalty: outputPenalty({ output: t['out'] as tf.Tensor2D }),
      }),
      {
        q: array([2, -1]),
        out: array([
          [1, 3],
          [0, 2],
        ]),
      },
    );
    expect(result).toEqual({ loss: [-2, 1], penalty: [5, 2] });
  });
});
