import type { Store } from './store.js';

/** The name of a checkpoint of a run: its number in the store, and the steps done. */
export const checkpointName = (sequence: number, steps: number): string =>
  `${String(sequence).padStart(6, '0')}-step-${steps}`;

/** A checkpoint of a run in a store. */
export interface Listed {
  readonly name: string;
  readonly sequence: number;
  readonly steps: number;
}

/** Checkpoints of runs, oldest first. Whatever else there is is not ours. */
export const checkpointsIn = async (store: Store): Promise<readonly Listed[]> => {
  const names = await store.list();
  return names
    .flatMap((name) => {
      const [, sequence, steps] = /^(\d{6,15})-step-(\d{1,15})$/.exec(name) ?? [];
      return sequence === undefined ? [] : [{ name, sequence: Number(sequence), steps: Number(steps) }];
    })
    .sort((a, b) => a.sequence - b.sequence);
};
