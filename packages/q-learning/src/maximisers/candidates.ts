import * as tf from '@tensorflow/tfjs-core';
import type { Found, MaximiserProblem } from './maximiser.js';

/** Middle and half width of a box, [1, 1, A] each. */
export const frameOf = ({ low, high }: Pick<MaximiserProblem, 'low' | 'high'>) => {
  const row = (of: (low: number, high: number) => number) => tf.tensor3d([[low.map((l, i) => of(l, high[i]!))]]);
  return {
    low: row((l) => l),
    high: row((_, h) => h),
    middle: row((l, h) => (l + h) / 2),
    half: row((l, h) => (h - l) / 2),
  };
};

/** The noise of iteration k: [S, iterations, N, A] → [S, N, A]. */
export const iterationOf = (noise: tf.Tensor, k: number): tf.Tensor3D => {
  const [problems, , n, size] = noise.shape as [number, number, number, number];
  return tf.reshape(tf.slice(noise, [0, k, 0, 0], [problems, 1, n, size]), [problems, n, size]);
};

/** x, but no further out than the box. */
export const within = <T extends tf.Tensor>(x: tf.Tensor, low: tf.Tensor, high: tf.Tensor): T =>
  tf.minimum(tf.maximum(x, low), high);

/** The best of N candidates, S of each. */
interface Best {
  /** [S, count, A], best first */
  readonly best: tf.Tensor3D;
  /** [S, count] */
  readonly values: tf.Tensor2D;
}

/** The `count` best of N candidates [S, N, A], best first, and their scores [S, count]. */
export const bestOf = (candidates: tf.Tensor3D, scores: tf.Tensor2D, count: number): Best => {
  const [problems, n, size] = candidates.shape;
  const { values, indices } = tf.topk<tf.Tensor2D>(scores, count);
  const firsts = tf.tensor2d(
    Array.from({ length: problems }, (_, s) => s * n),
    [problems, 1],
    'int32',
  );
  const rows = tf.reshape(tf.add(tf.cast(indices, 'int32'), firsts), [problems * count]);
  const best = tf.gather(tf.reshape(candidates, [problems * n, size]), tf.cast(rows, 'int32'));
  return { best: tf.reshape(best, [problems, count, size]), values };
};

/** The first of those. */
export const firstOf = ({ best, values }: Best): Found => {
  const [problems, , size] = best.shape;
  return {
    action: tf.reshape(tf.slice(best, [0, 0, 0], [problems, 1, size]), [problems, size]),
    value: tf.reshape(tf.slice(values, [0, 0], [problems, 1]), [problems]),
  };
};

/** The better of two finds, problem by problem; the first where they are equal. */
export const better = (a: Found, b: Found): Found => {
  const second = tf.cast(tf.greater(b.value, a.value), 'float32');
  const column = tf.expandDims(second, 1);
  return {
    action: tf.add(a.action, tf.mul(column, tf.sub(b.action, a.action))),
    value: tf.maximum(a.value, b.value),
  };
};
