import * as tf from '@tensorflow/tfjs-core';
import { describe, expect, it } from 'vitest';
import { array, evaluateIn, runtimes } from '../../../test/support/runtimes.js';
import { atomsOf, distributionCrossEntropy, projectedDistribution } from '../src/index.js';

/** Five atoms −2, −1, 0, 1, 2. */
const support = { low: -2, high: 2, atoms: 5 };

describe.each(runtimes)('distributions over returns, %s', (_name, runtime) => {
  const projected = async (reward: number[], discount: number[], next: number[][], gamma: number) => {
    const { m } = await evaluateIn(
      runtime,
      ({ r, d, p }) => ({
        m: projectedDistribution({
          reward: r as tf.Tensor1D,
          discount: d as tf.Tensor1D,
          nextProbabilities: p as tf.Tensor2D,
          gamma,
          support,
        }),
      }),
      { r: array(reward), d: array(discount), p: array(next) },
    );
    return m!;
  };

  it('has equidistant atoms', async () => {
    const { z } = await evaluateIn(runtime, ({ x }) => ({ z: tf.add(atomsOf(support), tf.sum(x!)) }), {
      x: array([0]),
    });
    expect(z).toEqual([-2, -1, 0, 1, 2]);
  });

  it('shares a shifted atom between its neighbours, the nearer the more', async () => {
    // all mass on atom 1, reward 0.25, γ 0.5: 0.25 + 0.5 = 0.75 lies between 0 and 1: a quarter and three quarters
    expect(await projected([0.25], [1], [[0, 0, 0, 1, 0]], 0.5)).toEqual([0, 0, 0.25, 0.75, 0]);
  });

  it('leaves a shift by whole atoms whole, and keeps at the ends what leaves the support', async () => {
    // reward 1, γ 1: −2 … 2 become −1, 0, 1, 2, 3; 3 is kept at 2
    expect(await projected([1], [1], [[0.1, 0.2, 0.3, 0.25, 0.15]], 1)).toEqual(
      [0, 0.1, 0.2, 0.3, 0.4].map((p) => expect.closeTo(p, 6) as number),
    );
  });

  it('ends with the reward where discount is 0, and counts several steps by the discount of the row', async () => {
    // row 1: all mass at r = −0.5; row 2: 0 + 0.5·0.5·2 = 0.5 with γ 0.5 and a discount of 0.5
    const rows = await projected([-0.5, 0], [0, 0.5], [[0.2, 0.2, 0.2, 0.2, 0.2], [0, 0, 0, 0, 1]], 0.5); // prettier-ignore
    expect(rows).toEqual([0, 0.5, 0.5, 0, 0, 0, 0, 0.5, 0.5, 0].map((p) => expect.closeTo(p, 6) as number));
  });

  it('keeps the sum of probabilities, and the mean where nothing leaves the support', async () => {
    const next = [0.1, 0.2, 0.4, 0.2, 0.1];
    const m = await projected([0.3], [1], [next], 0.8);
    expect(m.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
    expect(m.reduce((sum, p, i) => sum + p * (i - 2), 0)).toBeCloseTo(0.3, 6);
  });

  it('measures the cross-entropy of a prediction', async () => {
    // softmax(ln 1, ln 3) = ¼, ¾; target ½, ½: −½ ln ¼ − ½ ln ¾
    const { loss } = await evaluateIn(
      runtime,
      ({ logits, target }) => ({
        loss: distributionCrossEntropy({ logits: logits as tf.Tensor2D, target: target as tf.Tensor2D }),
      }),
      { logits: array([[0, Math.log(3)]]), target: array([[0.5, 0.5]]) },
    );
    expect(loss![0]).toBeCloseTo(-0.5 * Math.log(0.25) - 0.5 * Math.log(0.75), 6);
  });
});
