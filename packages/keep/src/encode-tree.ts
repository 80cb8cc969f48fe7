import type { ArrayKind, TypedArray } from '@troupe/core';
import { arrayKinds, kindOf } from './array-kinds.js';
import { isStreamed } from './streamed.js';

/** A tree as JSON: an object with the key `$` stands for something that JSON cannot say. */
export type Encoded = null | boolean | number | string | readonly Encoded[] | { readonly [key: string]: Encoded };

/** One array of the tree, by the way to it. */
export interface Tensor {
  readonly name: string;
  readonly kind: ArrayKind;
  readonly shape: readonly number[];
  readonly pieces: () => Iterable<TypedArray>;
}

/** A tree deeper than this is refused: no state is, and a reader must not run out of stack. */
export const MAX_DEPTH = 500;

type Path = readonly (string | number)[];

/** The name of a tensor: the way to it, joined by points; points and backslashes of names are escaped. */
export const tensorName = (path: Path): string => {
  const name = path.map((part) => String(part).replace(/[\\.]/g, '\\$&')).join('.');
  return name === '__metadata__' ? '\\__metadata__' : name;
};

const shown = (path: Path): string => (path.length === 0 ? 'the value itself' : `'${path.join('.')}'`);

const describeValue = (value: unknown): string => {
  if (typeof value !== 'object' || value === null) return `a ${typeof value}`;
  const made = (value as { readonly constructor?: { readonly name?: unknown } }).constructor?.name;
  return typeof made === 'string' && made !== '' ? `a ${made}` : 'an object of an unknown class';
};

/** JSON has no such numbers. */
const encodeNumber = (x: number): Encoded =>
  Number.isFinite(x) && !Object.is(x, -0) ? x : { $: Object.is(x, -0) ? '-0' : String(x) };

const isPlain = (value: object): boolean => {
  const prototype = Object.getPrototypeOf(value) as object | null;
  // Plain objects of another realm have another Object.prototype, which again has no prototype.
  return prototype === null || Object.getPrototypeOf(prototype) === null;
};

interface NdarrayLike {
  readonly data: TypedArray;
  readonly shape: readonly number[];
  readonly stride: readonly number[];
  readonly offset: number;
}
const isNdarray = (value: object): value is NdarrayLike =>
  'data' in value &&
  kindOf(value.data) !== undefined &&
  'shape' in value &&
  Array.isArray(value.shape) &&
  'stride' in value &&
  Array.isArray(value.stride) &&
  'offset' in value &&
  typeof value.offset === 'number';

/** A `shape` beside `data` is its shape where they fit, so that other programs see it. */
const shapeBeside = (parent: object | undefined, key: string | number | undefined, length: number): number[] => {
  if (key !== 'data' || parent === undefined || !('shape' in parent) || !Array.isArray(parent.shape)) return [length];
  const shape = parent.shape as unknown[];
  const fits =
    shape.every((n) => Number.isSafeInteger(n) && (n as number) >= 0) &&
    shape.reduce<number>((a, n) => a * (n as number), 1) === length;
  return fits ? (shape as number[]) : [length];
};

/**
 * Takes a tree apart into JSON and arrays; the arrays are not copied. An array that occurs twice is stored once. Throws a
 * TypeError that names the path for what is neither a typed array, an ndarray view, a number, bigint, string, boolean,
 * null, undefined, nor a list or plain object of these.
 */
export const encodeTree = (root: unknown): { readonly tree: Encoded; readonly tensors: readonly Tensor[] } => {
  const tensors: Tensor[] = [];
  const known = new Map<object, string>();
  const above = new Set<object>();

  const refuse = (path: Path, what: string): never => {
    throw new TypeError(
      `save: expected typed arrays, numbers, strings, booleans, null, undefined, lists and plain objects, got ${what} at ${shown(path)}`,
    );
  };
  const tensor = (value: object, path: Path, kind: ArrayKind, shape: readonly number[], pieces: Tensor['pieces']) => {
    let name = known.get(value);
    if (name === undefined) {
      name = tensorName(path);
      known.set(value, name);
      tensors.push({ name, kind, shape, pieces });
    }
    return { $: 'tensor', name, ...(kind === 'Uint8ClampedArray' && { clamped: true }) };
  };
  const children = (value: object, path: Path, encodeAll: () => Encoded): Encoded => {
    if (above.has(value)) return refuse(path, 'an object that contains itself');
    if (path.length >= MAX_DEPTH) return refuse(path.slice(0, 5), `a tree deeper than ${MAX_DEPTH}`);
    above.add(value);
    const encoded = encodeAll();
    above.delete(value);
    return encoded;
  };
  const encodeList = (list: readonly unknown[], path: Path): Encoded => {
    if (Object.keys(list).length !== list.length) return refuse(path, 'a list with holes or with names');
    return children(list, path, () => list.map((item, i) => encode(item, [...path, i], list)));
  };
  const encodeEntries = (value: object, entries: readonly (readonly [string, unknown])[], path: Path): Encoded =>
    children(value, path, () => {
      const object = Object.fromEntries(entries.map(([key, item]) => [key, encode(item, [...path, key], value)]));
      return Object.hasOwn(object, '$') ? { $: 'object', value: object } : object;
    });
  const encodeObject = (value: object, path: Path, parent: object | undefined): Encoded => {
    const kind = kindOf(value);
    if (kind !== undefined) {
      const array = value as TypedArray;
      return tensor(value, path, kind, shapeBeside(parent, path.at(-1), array.length), () => [array]);
    }
    if (Array.isArray(value)) return encodeList(value, path);
    if (isStreamed(value)) return tensor(value, path, value.kind, value.shape, () => value.pieces());
    if (isPlain(value)) {
      if (Object.getOwnPropertySymbols(value).length > 0) return refuse(path, 'an object with symbols');
      return encodeEntries(value, Object.entries(value), path);
    }
    if (isNdarray(value)) {
      const { data, shape, stride, offset } = value;
      return encodeEntries(value, Object.entries({ data, shape, stride, offset }), path);
    }
    return refuse(path, describeValue(value));
  };
  const encode = (value: unknown, path: Path, parent?: object): Encoded => {
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (value === undefined) return { $: 'undefined' };
    if (typeof value === 'number') return encodeNumber(value);
    if (typeof value === 'bigint') return { $: 'bigint', value: String(value) };
    return typeof value === 'object' ? encodeObject(value, path, parent) : refuse(path, describeValue(value));
  };

  return { tree: encode(root, []), tensors };
};

/** Bytes of a tensor. */
export const byteLengthOf = ({ kind, shape }: Pick<Tensor, 'kind' | 'shape'>): number =>
  shape.reduce((a, b) => a * b, arrayKinds[kind].bytes);
