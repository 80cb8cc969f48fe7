import fc from 'fast-check';
import type { TypedArray } from '../src/index.js';

const bytes = (most: number) => fc.uint8Array({ maxLength: most });

/** Typed arrays of every kind with any bits, at any place of their memory. */
export const typedArrays: fc.Arbitrary<TypedArray> = fc
  .tuple(
    fc.constantFrom(
      Float32Array,
      Float64Array,
      Int8Array,
      Int16Array,
      Int32Array,
      Uint8Array,
      Uint8ClampedArray,
      Uint16Array,
      Uint32Array,
      BigInt64Array,
      BigUint64Array,
    ),
    bytes(64),
    fc.nat(3),
  )
  .map(([Kind, content, before]) => {
    const size = Kind.BYTES_PER_ELEMENT;
    const length = Math.floor(content.length / size);
    const memory = new ArrayBuffer((before + length + 1) * size);
    new Uint8Array(memory).set(content.subarray(0, length * size), before * size);
    return new Kind(memory, before * size, length);
  });

/** An array with a shape, strides and an offset, as it is after structuredClone. */
const views = fc
  .tuple(typedArrays, fc.array(fc.nat(3), { maxLength: 3 }), fc.array(fc.integer(), { maxLength: 3 }), fc.nat(5))
  .map(([data, shape, stride, offset]) => ({ data, shape, stride, offset }));

const leaves = fc.oneof(
  typedArrays,
  views,
  fc.double(),
  fc.constantFrom(-0, NaN, Infinity, -Infinity, undefined, null, true, false, 5e-324, Number.MAX_VALUE),
  fc.integer(),
  fc.bigInt(),
  fc.string({ unit: 'binary' }),
);
const keys = fc.oneof(
  fc.string({ maxLength: 4 }),
  fc.constantFrom('$', '__proto__', '__metadata__', '', 'a.b', 'a\\.b', 'data', 'shape', 'constructor', '0', '\ud800'),
);

/** Anything that a snapshot may consist of. */
export const trees = fc.letrec<{ tree: unknown }>((tie) => ({
  tree: fc.oneof(
    { depthSize: 'small' },
    leaves,
    fc.array(tie('tree'), { maxLength: 4 }),
    fc
      .array(fc.tuple(keys, tie('tree')), { maxLength: 4 })
      .map((entries) => Object.fromEntries(entries) as Record<string, unknown>),
  ),
})).tree;
