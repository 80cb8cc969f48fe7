import type { ArrayKind, TypedArray } from '@troupe/core';

/** What the safetensors format calls their elements, how long one is, and how an array of them is made. */
export const arrayKinds: Readonly<
  Record<ArrayKind, { readonly dtype: string; readonly bytes: number; readonly make: (length: number) => TypedArray }>
> = {
  Float64Array: { dtype: 'F64', bytes: 8, make: (n) => new Float64Array(n) },
  BigInt64Array: { dtype: 'I64', bytes: 8, make: (n) => new BigInt64Array(n) },
  BigUint64Array: { dtype: 'U64', bytes: 8, make: (n) => new BigUint64Array(n) },
  Float32Array: { dtype: 'F32', bytes: 4, make: (n) => new Float32Array(n) },
  Int32Array: { dtype: 'I32', bytes: 4, make: (n) => new Int32Array(n) },
  Uint32Array: { dtype: 'U32', bytes: 4, make: (n) => new Uint32Array(n) },
  Int16Array: { dtype: 'I16', bytes: 2, make: (n) => new Int16Array(n) },
  Uint16Array: { dtype: 'U16', bytes: 2, make: (n) => new Uint16Array(n) },
  Int8Array: { dtype: 'I8', bytes: 1, make: (n) => new Int8Array(n) },
  Uint8Array: { dtype: 'U8', bytes: 1, make: (n) => new Uint8Array(n) },
  // Shares its dtype with Uint8Array: the tree says which it was.
  Uint8ClampedArray: { dtype: 'U8', bytes: 1, make: (n) => new Uint8ClampedArray(n) },
};

const kindNames = new Set<string>(Object.keys(arrayKinds));

/** Which kind of array a value is, if any. Subclasses (Node's Buffer) count as what they extend. */
export const kindOf = (value: unknown): ArrayKind | undefined => {
  if (!ArrayBuffer.isView(value)) return undefined;
  const tag = (value as { readonly [Symbol.toStringTag]?: string })[Symbol.toStringTag];
  return tag !== undefined && kindNames.has(tag) ? (tag as ArrayKind) : undefined;
};

/** The kind that elements of this dtype are read into. */
export const kindOfDtype = (dtype: unknown): ArrayKind | undefined =>
  (Object.keys(arrayKinds) as ArrayKind[]).find((kind) => arrayKinds[kind].dtype === dtype);

/** The bytes of an array, not copied. */
export const bytesOf = (array: TypedArray): Uint8Array =>
  new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
