import type { MaybePromise } from './types.js';

/** Whether a value has yet to come. */
export const isPromise = <T>(value: MaybePromise<T>): value is PromiseLike<T> =>
  typeof value === 'object' && value !== null && 'then' in value && typeof value.then === 'function';

/** `f` of the value, at once if it is there: what is synchronous stays so. */
export const andThen = <A, B>(value: MaybePromise<A>, f: (a: A) => MaybePromise<B>): MaybePromise<B> =>
  isPromise(value) ? value.then(f) : f(value);
