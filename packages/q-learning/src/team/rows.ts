import * as tf from '@tensorflow/tfjs-core';
import type { RowInput } from '../regression/types.js';

/**
 * What a team has in common, from rows [B, N] of its groups: its reward [B] from those of its active agents; its discount
 * [B], 0 only where the future is worth nothing to any of them, as a team goes on when one of its agents dies; and whether
 * anybody is active at all [B].
 */
export const teamRows = (rows: readonly RowInput[], how: 'mean' | 'sum') => {
  const over = (of: (row: RowInput) => tf.Tensor): tf.Tensor2D => {
    const each = rows.map((row) => tf.cast(of(row), 'float32') as tf.Tensor2D);
    return each.length === 1 ? each[0]! : tf.concat2d(each, 1);
  };
  const active = over((row) => row.active);
  const total = tf.sum<tf.Tensor1D>(tf.mul(over((row) => row.reward), active), 1); // prettier-ignore
  const living = tf.maximum(tf.sum(active, 1), 1);
  return {
    reward: how === 'sum' ? total : tf.div<tf.Tensor1D>(total, living),
    discount: tf.max<tf.Tensor1D>(tf.mul(over((row) => row.discount), active), 1), // prettier-ignore
    active: tf.max<tf.Tensor1D>(active, 1),
  };
};
