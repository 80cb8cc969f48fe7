import type { MaybePromise } from './types.js';

/** Whether a value has yet to come. */
export const isPromise = <T>(value: MaybePromise<T>): value is PromiseLike<T> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** What `f` gives, or `failed` where it throws or its promise is rejected. */
export const orElse = <A>(f: () => MaybePromise<A>, failed: (error: unknown) => never): MaybePromise<A> => {
  try {
    const value = f();
    return isPromise(value) ? value.then(undefined, failed) : value;
  } catch (error) {
    return failed(error);
  }
};

/** `f` of the value, at once if it is there: what is synchronous stays so. */
export const andThen = <A, B>(value: MaybePromise<A>, f: (a: A) => MaybePromise<B>): MaybePromise<B> =>
  isPromise(value) ? value.then(f) : f(value);

/**
 * Does one piece of work at a time: what is asked for while a promise is pending begins when that has settled. What is
 * synchronous stays so.
 */
export const inTurn = (): (<A>(work: () => MaybePromise<A>) => MaybePromise<A>) => {
  let pending: PromiseLike<unknown> | null = null;
  const queued = <A>(work: () => MaybePromise<A>): MaybePromise<A> => {
    if (pending !== null) {
      return pending.then(
        () => queued(work),
        () => queued(work),
      );
    }
    const result = work();
    if (!isPromise(result)) return result;
    const done = (): void => {
      if (pending === result) pending = null;
    };
    pending = result;
    result.then(done, done);
    return result;
  };
  return queued;
};
