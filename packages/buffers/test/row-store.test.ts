import { rng } from '@troupe/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import type { Column, ColumnType } from '../src/columns.js';
import { gatherModule } from '../src/gather-module.js';
import { layoutOf } from '../src/row-layout.js';
import { rowStore } from '../src/row-store.js';
import type { Target } from '../src/targets.js';
import { arrayOf } from '../src/views.js';

const columnOf = (type: ColumnType, size: number, index: number): Column => ({
  path: [`c${index}`],
  type,
  shape: [size],
  size,
});
const targetOf = ({ type, size }: Column, rows: number, from: number): Target => {
  const data = arrayOf(type, from + rows * size + 3).fill(77);
  const byteFrom = from * data.BYTES_PER_ELEMENT;
  return { data, from, bytes: new Uint8Array(data.buffer), byteFrom };
};

describe('rowStore', () => {
  it.each([
    ['in WebAssembly memory', false],
    ['in chunks', true],
  ])('%s: gathers what was put, whatever the columns, and writes nothing else', (_, plain) => {
    fc.assert(
      fc.property(
        fc.array(
          fc.tuple(
            fc.constantFrom('float32', 'int32', 'uint8'),
            fc.oneof(fc.integer({ min: 1, max: 21 }), fc.integer({ min: 120, max: 200 })),
          ),
          {
            minLength: 1,
            maxLength: 6,
          },
        ),
        fc.integer({ min: 1, max: 300 }),
        fc.integer({ min: 1, max: 400 }),
        fc.nat({ max: 3 }),
        fc.integer(),
        (kinds, capacity, draws, from, seed) => {
          const stream = rng(seed);
          const columns = kinds.map(([type, size], c) => columnOf(type, size, c));
          const store = rowStore(columns, capacity, plain);
          store.reserve(0, capacity);
          const values = columns.map(({ type, size }, c) => {
            const data = arrayOf(type, capacity * size);
            for (let i = 0; i < data.length; i++) data[i] = type === 'float32' ? stream.normal() : stream.int(256);
            store.put(c, ndarray(data, [capacity, size]), capacity, 0);
            return data;
          });
          const slots = Int32Array.from({ length: draws }, () => stream.int(capacity));
          const targets = columns.map((column) => targetOf(column, draws, from));
          store.gatherer()(slots, targets);
          columns.forEach(({ size }, c) => {
            const { data } = targets[c]!;
            const expected = Array.from(slots).flatMap((slot) =>
              Array.from(values[c]!.subarray(slot * size, (slot + 1) * size)),
            );
            expect(Array.from(data)).toEqual([...Array<number>(from).fill(77), ...expected, 77, 77, 77]);
            const [first, count] = [Math.floor(capacity / 3), Math.ceil(capacity / 2)];
            const read = arrayOf(columns[c]!.type, count * size);
            store.read(c, first, count, read);
            expect(read).toEqual(values[c]!.slice(first * size, (first + count) * size));
          });
        },
      ),
      { numRuns: 20 },
    );
  });

  it('keeps every bit, also of numbers that are not numbers', () => {
    const bits = new Uint32Array([0x7f800001, 0xffc00123, 0x80000000, 0x00000001]);
    for (const plain of [false, true]) {
      const columns = [columnOf('int32', 4, 0)];
      const store = rowStore(columns, 1, plain);
      store.reserve(0, 1);
      store.put(0, ndarray(new Int32Array(bits.buffer), [1, 4]), 1, 0);
      const read = new Int32Array(4);
      store.read(0, 0, 1, read);
      expect(new Uint32Array(read.buffer)).toEqual(bits);
    }
  });

  it('does without WebAssembly memory where more is wanted than there can be', () => {
    const columns = [columnOf('float32', 1000, 0)];
    const store = rowStore(columns, 2_000_000);
    store.reserve(0, 1);
    store.put(0, ndarray(new Float32Array(1000).fill(3), [1, 1000]), 1, 0);
    const read = new Float32Array(1000);
    store.read(0, 0, 1, read);
    expect(read.every((x) => x === 3)).toBe(true);
  });
});

describe('layoutOf', () => {
  it('puts words before bytes, aligned, and fills the row up to whole words', () => {
    const columns = [
      columnOf('uint8', 3, 0),
      columnOf('float32', 2, 1),
      columnOf('uint8', 2, 2),
      columnOf('int32', 1, 3),
    ];
    const { places, bytesPerRow } = layoutOf(columns);
    expect(places.map(({ offset }) => offset)).toEqual([12, 0, 15, 8]);
    expect(bytesPerRow).toBe(20);
  });
});

describe('gatherModule', () => {
  it('is a module that imports a memory and exports gather', () => {
    const wasm = Reflect.get(globalThis, 'WebAssembly') as {
      readonly Module: {
        new (bytes: Uint8Array): object;
        imports(module: object): unknown;
        exports(module: object): unknown;
      };
    };
    const made = new wasm.Module(gatherModule(20, [{ offset: 4, bytes: 16, to: 0 }]));
    expect(wasm.Module.imports(made)).toEqual([{ module: 'env', name: 'memory', kind: 'memory' }]);
    expect(wasm.Module.exports(made)).toEqual([{ name: 'gather', kind: 'function' }]);
  });
});
