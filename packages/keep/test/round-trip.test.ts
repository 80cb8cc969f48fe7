import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { load, memoryStore, save, type Streamed, type TypedArray } from '../src/index.js';
import { trees, typedArrays } from './trees.js';

const through = async (state: unknown): Promise<unknown> => {
  const store = memoryStore();
  await save(store, 'one', state);
  return (await load(store, 'one')).state;
};

/** Bits, not values: NaNs of different payloads are different. */
const bitsOf = (array: TypedArray): number[] => [...new Uint8Array(array.buffer, array.byteOffset, array.byteLength)];
/** A tree in which everything that differs differs under toStrictEqual. */
const exact = (tree: unknown): unknown => {
  if (ArrayBuffer.isView(tree)) return [tree.constructor.name, ...bitsOf(tree as TypedArray)];
  if (Array.isArray(tree)) return tree.map(exact);
  if (typeof tree !== 'object' || tree === null) return tree;
  return new Map(Object.entries(tree).map(([key, value]) => [key, exact(value)]));
};

describe('a tree of plain data', () => {
  it('comes back exactly', () =>
    fc.assert(
      fc.asyncProperty(trees, async (tree) => {
        expect(exact(await through(tree))).toStrictEqual(exact(tree));
      }),
      { numRuns: 500 },
    ));

  it('comes back exactly where it is one array', () =>
    fc.assert(
      fc.asyncProperty(typedArrays, async (array) => {
        expect(exact(await through(array))).toStrictEqual(exact(array));
      }),
    ));

  it('keeps the order of keys', async () => {
    expect(Object.keys((await through({ z: 1, a: 2, m: 3 })) as object)).toEqual(['z', 'a', 'm']);
  });

  it('keeps one array that is in two places one array', async () => {
    const array = Float32Array.of(1, 2);
    const back = (await through({ a: array, b: { c: array } })) as { a: Float32Array; b: { c: Float32Array } };
    expect(back.a).toBe(back.b.c);
  });

  it('stores ndarrays as structuredClone does, strides and offsets included', async () => {
    const view = ndarray(Float32Array.of(0, 1, 2, 3, 4, 5), [2, 2], [1, 3], 1);
    expect(await through({ view })).toStrictEqual({ view: structuredClone(view) });
  });

  it('loads what was streamed as one array', async () => {
    const pieces = function* () {
      const piece = new Int32Array(2); // the same memory for every piece
      for (let i = 0; i < 3; i++) yield piece.fill(i);
    };
    const streamed: Streamed = { kind: 'Int32Array', shape: [3, 2], pieces };
    expect(await through({ streamed })).toStrictEqual({ streamed: Int32Array.of(0, 0, 1, 1, 2, 2) });
  });
});

describe('what is not plain data', () => {
  class Net {
    readonly layers = 2;
  }
  const cycle: Record<string, unknown> = {};
  cycle['self'] = cycle;
  let deep: unknown = 1;
  for (let i = 0; i < 1000; i++) deep = [deep];

  it.each<[string, unknown, string]>([
    ['a function', { a: [0, () => 1] }, "a function at 'a.1'"],
    ['a symbol', { s: Symbol('x') }, "a symbol at 's'"],
    ['a map', { state: { m: new Map() } }, "a Map at 'state.m'"],
    ['a set', new Set(), 'a Set at the value itself'],
    ['a date', { when: new Date() }, "a Date at 'when'"],
    ['a DataView', { d: new DataView(new ArrayBuffer(1)) }, "a DataView at 'd'"],
    ['an ArrayBuffer', { d: new ArrayBuffer(1) }, "a ArrayBuffer at 'd'"],
    ['a promise', { p: Promise.resolve() }, "a Promise at 'p'"],
    ['a class instance', { net: new Net() }, "a Net at 'net'"],
    ['a list with holes', { list: [1, , 3] }, "a list with holes or with names at 'list'"], // eslint-disable-line no-sparse-arrays
    ['an object that contains itself', { cycle }, "contains itself at 'cycle.self'"],
    ['a tree without end', deep, 'a tree deeper than 500'],
    ['a key that is a symbol', { o: { [Symbol('k')]: 1 } }, "an object with symbols at 'o'"],
  ])('%s is refused by the name of its path', async (_, state, message) => {
    const store = memoryStore();
    await expect(save(store, 'one', state)).rejects.toThrow(message);
    expect(await store.list()).toEqual([]);
  });

  it.each([
    ['too few', 5],
    ['too many', 7],
  ])('a stream with %s elements is refused, and nothing is written', async (_, n) => {
    const store = memoryStore();
    const streamed: Streamed = { kind: 'Uint8Array', shape: [2, 3], pieces: () => [new Uint8Array(n)] };
    await expect(save(store, 'one', { x: streamed })).rejects.toThrow("expected 6 bytes at 'x'");
    expect(await store.list()).toEqual([]);
  });

  it('a stream of another kind is refused', async () => {
    const streamed: Streamed = { kind: 'Uint8Array', shape: [4], pieces: () => [new Float32Array(1)] };
    await expect(save(memoryStore(), 'one', { x: streamed })).rejects.toThrow("pieces of Uint8Array at 'x'");
  });
});
