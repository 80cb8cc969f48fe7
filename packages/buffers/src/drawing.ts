import type { Batch, Groups } from '@troupe/core';
import ndarray from 'ndarray';
import { emptyBatch, targetsIn } from './batches.js';
import { keepFew } from './keep-few.js';
import type { Rows } from './row-ring.js';
import type { Target } from './targets.js';

/** Where a draw goes. */
export interface Drawing<G extends Groups> {
  readonly batch: Batch<G>;
  readonly slots: Int32Array;
  readonly weights: Float32Array;
  readonly targets: readonly Target[];
}

const NOTHING = new Float32Array(0);

/** Arrays for draws of so many rows; with weights and an index where the sampler weighs. */
export const drawings = <G extends Groups>(
  name: string,
  groups: G,
  { store, readers }: Rows,
  weighs: boolean,
): ((count: number) => Drawing<G>) =>
  keepFew((count) => {
    const rows = emptyBatch(groups, store.columns, count);
    const slots = new Int32Array(count);
    const weights = weighs ? new Float32Array(count) : NOTHING;
    const batch = weighs ? { ...rows, weight: ndarray(weights, [count]), index: slots } : rows;
    return { batch, slots, weights, targets: targetsIn(`${name}.sample`, batch, store.columns, readers, count) };
  });

/** The caller's arrays in place of one's own. Throws, in the name of `where`, unless they fit. */
export const drawingIn = <G extends Groups>(
  where: string,
  out: Batch<G>,
  rows: Rows,
  count: number,
  weighs: boolean,
): Drawing<G> => {
  rows.checkParts(where, out);
  const targets = targetsIn(where, out, rows.store.columns, rows.readers, count);
  if (!weighs) return { batch: out, slots: new Int32Array(count), weights: NOTHING, targets };
  const weight = out.weight;
  if (out.index?.length !== count || weight?.shape.length !== 1 || weight.shape[0] !== count) {
    throw new RangeError(`${where}: expected weight and index of ${count} rows, as copyBatch of a sample has them`);
  }
  if (weight.stride[0] !== 1 && count > 1) {
    throw new RangeError(`${where}: weight: expected contiguous rows in out, got strides`);
  }
  const weights = weight.data.subarray(weight.offset, weight.offset + count);
  return { batch: out, slots: out.index, weights, targets };
};
