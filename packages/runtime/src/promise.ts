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
