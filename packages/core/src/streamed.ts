/** Arrays that plain data may hold. */
export type TypedArray =
  | Float32Array
  | Float64Array
  | Int8Array
  | Int16Array
  | Int32Array
  | Uint8Array
  | Uint8ClampedArray
  | Uint16Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

/** Names of their constructors. */
export type ArrayKind =
  | 'Float32Array'
  | 'Float64Array'
  | 'Int8Array'
  | 'Int16Array'
  | 'Int32Array'
  | 'Uint8Array'
  | 'Uint8ClampedArray'
  | 'Uint16Array'
  | 'Uint32Array'
  | 'BigInt64Array'
  | 'BigUint64Array';

/**
 * An array that is read piece by piece, so that it need not exist in one piece: what a large buffer lends instead of a
 * copy of itself. `@troupe/keep` writes it as an ordinary array, and loads it as one.
 */
export interface Streamed {
  /** Which typed array it stands for; every piece is one of these. */
  readonly kind: ArrayKind;
  /** Extents of the whole, row-major. */
  readonly shape: readonly number[];
  /** The elements in order. A piece is done with before the next one is asked for, so pieces may share their memory. */
  pieces(): Iterable<TypedArray>;
}
