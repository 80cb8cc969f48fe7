import { elements } from '@troupe/core';
import type { GroupBatch } from '@troupe/core';
import type ndarray from 'ndarray';
import type { CrewSizes } from './crew.js';

/** Where the small columns of one crew lie in the one array that a step is given. */
export interface Columns {
  readonly crew: CrewSizes;
  /** R: rows of one set of weights, B · N / C. */
  readonly rows: number;
  /** Lengths: chosen [C, R, A] one-hot, then reward, discount and coefficient, [C, R] each. */
  readonly sizes: readonly number[];
}

/** The columns of a crew for batches of `moments` rows and steps of them: B, or B times the length of sequences. */
export const columnsOf = (crew: CrewSizes, moments: number): Columns => {
  const each = moments * crew.slots;
  return { crew, rows: each / crew.copies, sizes: [each * crew.choices, each, each, each] };
};

/**
 * Writes the columns of one batch from `at` on. A row's coefficient is what its loss is multiplied by before the sum: its
 * importance weight, over the number of active rows of its set of weights; 0 where the agent is not active or the moment
 * not `counted` [B].
 */
export const writeColumns = (
  { crew, rows }: Columns,
  batch: GroupBatch,
  weight: ndarray.NdArray<Float32Array> | undefined,
  out: Float32Array,
  at: number,
  counted?: Uint8Array,
): void => {
  const { slots, copies, served, choices } = crew;
  const each = rows * copies;
  const [reward, discount, active] = [elements(batch.reward), elements(batch.discount), elements(batch.active)];
  const action = elements(batch.action as ndarray.NdArray<Int32Array>);
  const importance = weight && elements(weight);
  const rewardAt = at + each * choices;
  const coefficientAt = rewardAt + 2 * each;
  out.fill(0, at, rewardAt);
  for (let c = 0; c < copies; c++) {
    let count = 0;
    for (let r = 0; r < rows; r++) {
      const moment = (r / served) | 0;
      const from = moment * slots + c * served + (r - moment * served);
      const to = c * rows + r;
      out[at + to * choices + action[from]!] = 1;
      out[rewardAt + to] = reward[from]!;
      out[rewardAt + each + to] = discount[from]!;
      const living = counted ? active[from]! * counted[moment]! : active[from]!;
      out[coefficientAt + to] = importance ? living * importance[moment]! : living;
      count += living;
    }
    if (count > 1) for (let r = 0; r < rows; r++) out[coefficientAt + c * rows + r]! /= count;
  }
};

/** What is added to the value of a choice that is not permitted: it is never the best. */
const FORBIDDEN = -1e9;

/**
 * Writes what is added to the values of next choices: 0 where they are permitted. Nothing is forbidden where nothing is
 * permitted: the row ends there, and its next value counts for nothing. [C, R, A]
 */
export const writePenalties = (crew: CrewSizes, batch: GroupBatch, out: Float32Array): void => {
  const { slots, copies, served, choices } = crew;
  const legal = elements(batch.next.legal!);
  const rows = out.length / (copies * choices);
  for (let c = 0; c < copies; c++) {
    for (let r = 0; r < rows; r++) {
      const moment = (r / served) | 0;
      const from = (moment * slots + c * served + (r - moment * served)) * choices;
      const to = (c * rows + r) * choices;
      let permitted = 0;
      for (let i = 0; i < choices; i++) permitted += legal[from + i]!;
      for (let i = 0; i < choices; i++) out[to + i] = permitted > 0 && legal[from + i] === 0 ? FORBIDDEN : 0;
    }
  }
};
