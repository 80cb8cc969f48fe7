import { arrayKinds, type ArrayKind, type TypedArray } from './array-kinds.js';

/**
 * An array that is written piece by piece, so that it need not exist in one piece: what a large buffer hands out
 * instead of a copy of itself. It is loaded as an ordinary array.
 */
export interface Streamed {
  readonly kind: ArrayKind;
  readonly shape: readonly number[];
  /** The elements in order. A piece is done with before the next one is asked for, so pieces may share their memory. */
  pieces(): Iterable<TypedArray>;
}

/** Says that a value is meant to be streamed. */
export const isStreamed = (value: object): value is Streamed =>
  'pieces' in value &&
  typeof value.pieces === 'function' &&
  'kind' in value &&
  Object.hasOwn(arrayKinds, String(value.kind)) &&
  'shape' in value &&
  Array.isArray(value.shape);
