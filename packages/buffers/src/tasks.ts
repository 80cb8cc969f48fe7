import type { Batch, Buffer, Clock, Groups, Rng } from '@troupe/core';
import { keepFew } from './keep-few.js';
import { stacked } from './stacked.js';

/** A buffer for each of several tasks. */
export interface TaskReplay<K, G extends Groups, B extends Buffer<Batch<G>> = Buffer<Batch<G>>> {
  /** In the order in which they are saved. */
  readonly tasks: readonly K[];
  /** The buffer of a task. Throws a RangeError for a task that is none of `tasks`. */
  of(task: K): B;
  /**
   * Draws `count` rows of each of these tasks into one batch of tasks · count rows, row k · count + b from the k-th of them:
   * a reshape of any column gives [tasks, count, …]. A task may occur twice. Valid until the next sample of as many.
   */
  sample(tasks: readonly K[], count: number, rng: Rng, clock?: Clock): Batch<G>;
  /** Forgets what is remembered of a task. */
  clear(task: K): void;
  /** Everything remembered, as plain data that the caller owns. */
  save(): unknown;
  /** Continues from what `save` returned, which is copied. */
  load(saved: unknown): void;
}

interface SavedTasks {
  readonly kind: 'taskReplay';
  readonly buffers: readonly unknown[];
}

/** Makes a buffer for each task: what meta-learners draw contexts and transitions from (PEARL: Rakelly et al. 2019). */
export const taskReplay = <K, G extends Groups, B extends Buffer<Batch<G>> & { clear(): void }>(
  tasks: readonly K[],
  make: (task: K) => B & Buffer<Batch<G>>,
): TaskReplay<K, G, B> => {
  const buffers = new Map(tasks.map((task) => [task, make(task)]));
  if (buffers.size !== tasks.length || tasks.length === 0) {
    throw new RangeError(`taskReplay: expected tasks that differ, at least one, got ${tasks.join(', ')}`);
  }
  const of = (task: K): B => {
    const buffer = buffers.get(task);
    if (!buffer) throw new RangeError(`taskReplay: expected one of the tasks ${tasks.join(', ')}, got ${String(task)}`);
    return buffer;
  };
  interface Room {
    made?: ReturnType<typeof stacked<G>>;
  }
  const room = keepFew((_tasks) => keepFew((_rows): Room => ({})));

  return {
    tasks,
    of,
    sample(wanted, count, rng, clock) {
      if (wanted.length === 0) throw new RangeError('taskReplay.sample: expected at least one task, got none');
      const place = room(wanted.length)(count);
      // What rows are made of is known from the first ones that are drawn.
      const known = place.made !== undefined;
      place.made ??= stacked(of(wanted[0]!).sample(count, rng, clock), wanted.length);
      const { whole, parts } = place.made;
      for (let k = known ? 0 : 1; k < wanted.length; k++) of(wanted[k]!).sample(count, rng, clock, parts[k]);
      return whole;
    },
    clear: (task) => of(task).clear(),
    save: (): SavedTasks => ({ kind: 'taskReplay', buffers: tasks.map((task) => of(task).save!()) }),
    load(saved) {
      const from = saved as SavedTasks | undefined;
      if (from?.kind !== 'taskReplay' || from.buffers.length !== tasks.length) {
        throw new TypeError(
          `taskReplay.load: expected what save of a buffer of ${tasks.length} tasks gave, got something else`,
        );
      }
      tasks.forEach((task, k) => of(task).load!(from.buffers[k]));
    },
  };
};
