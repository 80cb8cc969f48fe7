import type { ColumnArray } from './columns.js';

/** Where a sampled column goes: contiguous rows from an element on. */
export interface Target {
  readonly data: ColumnArray;
  /** First element of `data` to be written. */
  readonly from: number;
  /** All of `data`. */
  readonly bytes: Uint8Array;
  /** First byte of `bytes` to be written. */
  readonly byteFrom: number;
}

/** Copies slots to the targets' rows; targets are by column. */
export type Gather = (slots: Int32Array, targets: readonly Target[]) => void;
