import type { Groups, Metrics, Progress, Snapshot } from '@troupe/core';
import { CheckpointError } from './checkpoint-error.js';
import { checkpointName, checkpointsIn } from './checkpoint-names.js';
import { readInfo, save } from './checkpoint.js';
import type { Store } from './store.js';

/** Which checkpoints stay, and when one is due. */
export interface KeeperOptions {
  /** So many of the newest stay. Default 3. */
  readonly last?: number;
  /** The one in which this metric was highest stays too; `{ metric, lowest: true }` for the lowest. */
  readonly best?: string | { readonly metric: string; readonly lowest?: boolean };
  /** The first one at or after each multiple of so many environment steps stays too. */
  readonly every?: number;
  /** Environment steps from one checkpoint to the next, for `due`. Default 100,000. */
  readonly interval?: number;
  /** What the run is made with: written with each checkpoint. Plain data. */
  readonly config?: unknown;
}

/** Writes the checkpoints of one run, and removes those that need not stay. */
export interface Keeper {
  /** Whether a multiple of `interval` was reached since the last time that this was asked. */
  due(steps: number): boolean;
  /**
   * Writes a checkpoint of a run, then removes what need not stay; gives its name. `metrics` are what `best` looks at;
   * default those of the run.
   *
   * A progress is written without a copy of its buffer: wait for the promise before the run goes on. If the run does go on,
   * the promise is rejected and there is no such checkpoint. A snapshot may be written while the run goes on; it must not
   * change until the promise resolves. Saves happen one after another.
   */
  save(run: Pick<Progress<Groups>, 'lend'> | Snapshot<unknown>, metrics?: Metrics): Promise<string>;
}

interface Kept {
  readonly name: string;
  readonly sequence: number;
  readonly steps: number;
  readonly score: number;
}

const requireCount = (name: string, n: number): number => {
  if (Number.isSafeInteger(n) && n >= 1) return n;
  throw new RangeError(`keeper: expected ${name} to be an integer >= 1, got ${String(n)}`);
};

/**
 * Keeps the checkpoints of a run within bounds. Only checkpoints that it can read are ever removed, and only after the
 * new one is safely written. Throws a RangeError for counts below 1.
 */
export const keeper = (store: Store, options: KeeperOptions = {}): Keeper => {
  const last = requireCount('last', options.last ?? 3);
  const interval = requireCount('interval', options.interval ?? 100_000);
  const every = options.every === undefined ? undefined : requireCount('every', options.every);
  const best = typeof options.best === 'string' ? { metric: options.best } : options.best;
  const sign = best?.lowest === true ? -1 : 1;
  let kept: Kept[] | undefined;
  let sequence = 0;
  let reached: number | undefined;
  let saving: Promise<unknown> = Promise.resolve();

  /** Not a number where the metric is missing: never the best. */
  const scoreOf = (metrics: Metrics): number => (best ? sign * (metrics[best.metric] ?? NaN) : NaN);

  const lookAround = async (): Promise<Kept[]> => {
    const found: Kept[] = [];
    for (const listed of await checkpointsIn(store)) {
      sequence = Math.max(sequence, listed.sequence + 1);
      try {
        const { steps, metrics } = await readInfo(store, listed.name);
        found.push({ ...listed, steps, score: scoreOf(metrics) });
      } catch (error) {
        if (!(error instanceof CheckpointError)) throw error; // a damaged one is not ours to remove
      }
    }
    return found;
  };

  const staying = (all: readonly Kept[]): ReadonlySet<Kept> => {
    const stays = new Set(all.slice(-last));
    const rated = all.filter(({ score }) => !Number.isNaN(score));
    if (rated.length > 0) stays.add(rated.reduce((a, b) => (b.score > a.score ? b : a)));
    if (every !== undefined) {
      const firsts = new Map<number, Kept>();
      for (const one of all) {
        const period = Math.floor(one.steps / every);
        if (period > 0 && !firsts.has(period)) firsts.set(period, one);
      }
      for (const one of firsts.values()) stays.add(one);
    }
    return stays;
  };

  const write = async (snapshot: Snapshot<unknown>, metrics: Metrics): Promise<string> => {
    if (best && Object.keys(metrics).length > 0 && !(best.metric in metrics)) {
      throw new RangeError(`keeper: expected the metric '${best.metric}', got ${Object.keys(metrics).join(', ')}`);
    }
    kept ??= await lookAround();
    const { steps } = snapshot;
    const one: Kept = { name: checkpointName(sequence, steps), sequence, steps, score: scoreOf(metrics) };
    await save(store, one.name, snapshot, { steps, metrics, config: options.config });
    sequence += 1;
    kept.push(one);
    const stays = staying(kept);
    for (const old of kept.filter((each) => !stays.has(each))) await store.remove(old.name);
    kept = kept.filter((each) => stays.has(each));
    return one.name;
  };

  return {
    due(steps) {
      const now = Math.floor(steps / interval);
      const before = reached ?? now;
      reached = now;
      return now > before;
    },
    save(run, metrics) {
      // At once: when its turn has come, a run that was not waiting is elsewhere.
      const taken = new Promise<Snapshot<unknown>>((resolve) => resolve('lend' in run ? run.lend() : run));
      const writing = Promise.all([taken, saving]).then(([snapshot]) => write(snapshot, metrics ?? snapshot.metrics));
      saving = writing.catch(() => undefined); // whoever asked is told; the next save tries again
      return writing;
    },
  };
};
