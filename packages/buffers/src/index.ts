export { replay } from './replay.js';
export type { Capacity, Replay, SavedReplay } from './replay.js';
export { copyBatch } from './batches.js';
export type { ColumnArray } from './columns.js';
export type { SavedColumn } from './saved-columns.js';
