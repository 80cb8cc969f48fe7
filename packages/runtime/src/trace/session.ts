import type { TensorInfo } from '@tensorflow/tfjs-core';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';

/** tfjs backend under which steps are traced. It is never chosen by itself. */
export const traceBackendName = 'troupe-trace';

/** One running trace. */
export interface Trace {
  readonly step: string;
  readonly graph: Graph;
  /** The value behind a tensor; a tensor of another backend becomes a constant. */
  valueOf(tensor: TensorInfo): Value;
  infoOf(value: Value): TensorInfo;
  /** Remembers an offence that an exception alone might not carry out of the step. */
  offence?: Error;
}

let current: Trace | null = null;

/** The trace going on. Throws an Error outside a trace. */
export const currentTrace = (): Trace => {
  if (current === null) {
    throw new Error(
      'a tensor that a step made while it was traced is used outside, where it has no value: return it as output',
    );
  }
  return current;
};
/** Makes a trace the current one, or ends it with null; returns the one before. */
export const setTrace = (trace: Trace | null): Trace | null => {
  const before = current;
  current = trace;
  return before;
};
