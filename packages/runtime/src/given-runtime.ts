import { eager } from './eager.js';
import { shown } from './errors.js';
import { isPromise } from './promise.js';
import type { Runtime } from './types.js';

declare const console: { warn(message: string): void };

let shared: Runtime | undefined;

/**
 * The runtime that `user` was given, or else `eager()`, shared, with a notice at the first use that names a faster one.
 * Throws a TypeError that names `user` for anything that is no runtime.
 */
export const runtimeOrDefault = (user: string, given: Runtime | undefined): Runtime => {
  if (given !== undefined) return requireRuntime(user, given);
  if (shared === undefined) {
    console.warn(
      `${user}: no runtime given, so updates run on eager(), plain tfjs. Many times faster: { runtime: onnx() } from @troupe/runtime-node.`,
    );
    shared = eager();
  }
  return shared;
};

/** Throws a TypeError that names `user` for anything that is no runtime, such as a promise of one. */
export const requireRuntime = (user: string, given: Runtime): Runtime => {
  const value: unknown = given;
  if (typeof value === 'object' && value !== null && 'compile' in value) return given;
  const got = isPromise(value) ? 'a promise (await it)' : shown(value);
  throw new TypeError(`${user}: expected a runtime, such as onnx() or await fastestRuntime(), got ${got}`);
};
