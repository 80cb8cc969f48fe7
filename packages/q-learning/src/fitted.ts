import { isPromise } from '@troupe/runtime';
import type { Batch, Buffer, Groups, Learner, Metrics, Rng } from '@troupe/core';

/** Settings of `fitted`. */
export interface FittedRun<G extends Groups, S, X = Batch<G>> {
  /** What learns. */
  readonly learner: Learner<G, S, X>;
  /** What is learnt from: all of these rows at every update, or draws from a filled buffer. */
  readonly data: X | Buffer<Batch<G>, X>;
  /** Randomness of the start, of draws and of updates. */
  readonly rng: Rng;
  /** Regressions in all. */
  readonly updates: number;
  /** Rows of a draw from a buffer. Default 256. */
  readonly batchSize?: number;
  /** Starts from this learner state (which is consumed) instead of `learner.init`. */
  readonly state?: S;
}

/** What `fitted` yields after every regression. */
export interface FittedProgress<S> {
  /** Regressions made so far. */
  readonly updates: number;
  /** Of the last regression. */
  readonly metrics: Metrics;
  /** Consumed by the next update: `structuredClone` it to keep it. */
  readonly state: S;
}

const isBuffer = <R, X>(data: X | Buffer<R, X>): data is Buffer<R, X> => 'sample' in (data as object);

/**
 * Learning by value from data that does not grow: regressions alone, nothing is collected. With a learner whose target
 * moves once per fit this is fitted Q-iteration (Ernst et al. 2005). Yields after every update, returns the final state;
 * breaking out of the loop stops it. Throws a RangeError unless updates >= 1.
 */
export async function* fitted<G extends Groups, S, X = Batch<G>>(
  run: FittedRun<G, S, X>,
): AsyncGenerator<FittedProgress<S>, S, void> {
  const { learner, data, updates: total, batchSize = 256 } = run;
  if (!(Number.isInteger(total) && total >= 1)) {
    throw new RangeError(`fitted: expected updates to be an integer >= 1, got ${String(total)}`);
  }
  const [sampling, updating] = [run.rng.split('sample'), run.rng.split('update')];
  let state = run.state ?? learner.init(run.rng.split('init'));
  for (let updates = 1; updates <= total; updates++) {
    const clock = { steps: updates - 1, total };
    const experience = isBuffer(data) ? data.sample(batchSize, sampling, clock) : data;
    const running = learner.update(state, experience, updating, clock);
    const [next, metrics, error] = isPromise(running) ? await running : running;
    state = next;
    if (error && isBuffer(data)) {
      const { index } = experience as Partial<Batch<Groups>>;
      if (index) data.prioritise?.(index, error);
    }
    yield { updates, metrics, state };
  }
  return state;
}
