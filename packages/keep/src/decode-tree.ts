import type { TypedArray } from '@troupe/core';
import { MAX_DEPTH, type Encoded } from './encode-tree.js';

const NUMBERS: Readonly<Record<string, number>> = { '-0': -0, NaN, Infinity, '-Infinity': -Infinity };

/**
 * Puts a tree together again. `refuse` is called with the reason, and must throw, for what `encodeTree` does not write;
 * every array must be used.
 */
export const decodeTree = (
  root: Encoded,
  arrays: ReadonlyMap<string, TypedArray>,
  refuse: (reason: string) => never,
): unknown => {
  const used = new Set<string>();
  const clamped = new Map<string, TypedArray>();

  const arrayOf = (name: unknown, asClamped: boolean): TypedArray => {
    if (typeof name !== 'string') return refuse('a tensor has no name');
    const array = arrays.get(name);
    if (array === undefined) return refuse(`expected a tensor '${name}', there is none`);
    used.add(name);
    if (!asClamped) return array;
    if (!(array instanceof Uint8Array)) return refuse(`expected bytes in the tensor '${name}'`);
    const same = clamped.get(name) ?? new Uint8ClampedArray(array.buffer, array.byteOffset, array.length);
    clamped.set(name, same);
    return same;
  };
  const decodeEntries = (value: Readonly<Record<string, Encoded>>, depth: number): object => {
    const entries = Object.entries(value).map(([key, item]) => [key, decode(item, depth + 1)] as const);
    // Unlike assignment, this makes a key `__proto__` an ordinary one.
    return Object.fromEntries(entries);
  };
  const decodeMarked = (
    mark: Encoded | undefined,
    value: Readonly<Record<string, Encoded>>,
    depth: number,
  ): unknown => {
    if (mark === 'tensor') return arrayOf(value['name'], value['clamped'] === true);
    if (mark === 'undefined') return undefined;
    if (mark === 'object') {
      const inner = value['value'];
      if (typeof inner !== 'object' || inner === null || Array.isArray(inner)) return refuse('an object has no value');
      return decodeEntries(inner as Readonly<Record<string, Encoded>>, depth);
    }
    if (mark === 'bigint') {
      const digits = value['value'];
      if (typeof digits !== 'string' || !/^-?\d+$/.test(digits)) return refuse('a bigint has no digits');
      return BigInt(digits);
    }
    if (typeof mark === 'string' && Object.hasOwn(NUMBERS, mark)) return NUMBERS[mark];
    return refuse(`expected a known mark, got ${JSON.stringify(mark)}`);
  };
  const decode = (value: Encoded, depth: number): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (depth > MAX_DEPTH) return refuse(`the tree is deeper than ${MAX_DEPTH}`);
    if (Array.isArray(value)) return (value as readonly Encoded[]).map((item) => decode(item, depth + 1));
    const object = value as Readonly<Record<string, Encoded>>;
    return Object.hasOwn(object, '$') ? decodeMarked(object['$'], object, depth) : decodeEntries(object, depth);
  };

  const tree = decode(root, 0);
  for (const name of arrays.keys()) if (!used.has(name)) return refuse(`nothing uses the tensor '${name}'`);
  return tree;
};
