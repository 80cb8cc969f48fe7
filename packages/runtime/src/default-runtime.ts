import { eager } from './eager.js';
import type { Runtime } from './types.js';

declare const console: { warn(message: string): void };

let shared: Runtime | undefined;

/** The runtime of whoever was not given one: `eager()`, shared, with a notice at the first use that names a faster one. */
export const defaultRuntime = (user: string): Runtime => {
  if (shared === undefined) {
    console.warn(
      `${user}: no runtime given, so updates run on eager(), plain tfjs. Many times faster: { runtime: onnx() } from @troupe/runtime-node.`,
    );
    shared = eager();
  }
  return shared;
};
