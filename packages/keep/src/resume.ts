import type { Snapshot } from '@troupe/core';
import { CheckpointError } from './checkpoint-error.js';
import { checkpointsIn } from './checkpoint-names.js';
import { load, type Checkpoint } from './checkpoint.js';
import { encodeTree } from './encode-tree.js';
import type { Store } from './store.js';
import { versionsChanged } from './versions.js';

/** What `resume` and `newest` are told. */
export interface ResumeOptions {
  /** The run must have been made with this config. */
  readonly config?: unknown;
  /** Told of checkpoints that are skipped, and of versions that have changed. Default: `console.warn`. */
  readonly warn?: (message: string) => void;
}

const json = (config: unknown): string => JSON.stringify(encodeTree(config).tree);

/**
 * The newest checkpoint that is complete and unchanged; undefined if the store is empty. Damaged and foreign ones are
 * skipped with a warning. Throws a CheckpointError if all are, if the newest is of a newer format, or if the run was
 * made with another config: starting anew, or from an older state, would lose what is there.
 */
export const newest = async <T = unknown>(
  store: Store,
  { config, warn = console.warn }: ResumeOptions = {},
): Promise<Checkpoint<T> | undefined> => {
  const names = [...(await checkpointsIn(store))].reverse().map(({ name }) => name);
  let skipped: CheckpointError | undefined;
  for (const name of names) {
    try {
      const checkpoint = await load<T>(store, name);
      if (config !== undefined && json(config) !== json(checkpoint.config)) {
        throw new CheckpointError(
          'different',
          `checkpoint ${store.place}/${name}`,
          `expected a run with ${json(config)}, got one with ${json(checkpoint.config)}`,
        );
      }
      const changed = versionsChanged(checkpoint.versions);
      if (changed !== '') warn(`checkpoint ${store.place}/${name} was written with other versions: ${changed}`);
      return checkpoint;
    } catch (error) {
      if (!(error instanceof CheckpointError) || !['damaged', 'foreign'].includes(error.fault)) throw error;
      warn(`${error.message}; it is skipped`);
      skipped = error;
    }
  }
  if (skipped)
    throw new CheckpointError(skipped.fault, `resume: no checkpoint of ${names.length} is good`, skipped.message);
  return undefined;
};

/**
 * The newest good snapshot of a run, for `offPolicy({ …, resume })` and `onPolicy({ …, resume })`; undefined if there is
 * none yet. Skips and throws as `newest` does. `S` is the learner's state: the type is not checked.
 */
export const resume = async <S = unknown>(store: Store, options?: ResumeOptions): Promise<Snapshot<S> | undefined> =>
  (await newest<Snapshot<S>>(store, options))?.state;
