import fc from 'fast-check';
import { describe, expect, expectTypeOf, it } from 'vitest';
import {
  actionArray,
  boundOf,
  box,
  choicesOf,
  discrete,
  emptyActions,
  hybrid,
  multiDiscrete,
  shapeOf,
  sizeOf,
  slotsOf,
  type ActionArray,
  type Box,
  type Discrete,
  type Emits,
  type Hybrid,
  type MultiDiscrete,
  type Receives,
} from '../src/index.js';

describe('spaces', () => {
  it('are plain frozen data', () => {
    const spaces = [
      discrete(3),
      box([2, 2], { low: -1, high: [1, 2, 3, 4] }),
      multiDiscrete(2, 3),
      hybrid(box([1]), multiDiscrete(2)),
    ];
    for (const space of spaces) {
      expect(Object.isFrozen(space)).toBe(true);
      expect(structuredClone(space)).toEqual(space);
    }
  });

  it.each([
    [discrete(5), [], 1, 5],
    [box([]), [], 1, 0],
    [box([3]), [3], 3, 0],
    [box([2, 4]), [2, 4], 8, 0],
    [multiDiscrete(2), [1], 1, 2],
    [multiDiscrete(2, 3, 4), [3], 3, 9],
    [hybrid(box([2, 2]), multiDiscrete(3, 4)), [6], 6, 7],
  ])('%j has shape %j, %i components and %i choices', (space, shape, size, choices) => {
    expect(shapeOf(space)).toEqual(shape);
    expect(sizeOf(space)).toBe(size);
    expect(choicesOf(space)).toBe(choices);
  });

  it('size is the product of the shape, for any box', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }), (shape) => {
        expect(sizeOf(box(shape))).toBe(shape.reduce((a, b) => a * b, 1));
      }),
    );
  });

  it('a bound is one number for all or one per component', () => {
    const { low, high } = box([2], { low: -1, high: [1, 2] });
    expect([boundOf(low, 0), boundOf(low, 1), boundOf(high, 0), boundOf(high, 1)]).toEqual([-1, -1, 1, 2]);
    expect(box([2])).toMatchObject({ low: -Infinity, high: Infinity });
  });

  it('do not change with what they were made from', () => {
    const shape = [2];
    const made = box(shape);
    shape[0] = 3;
    expect(made.shape).toEqual([2]);
  });

  it('refuse what makes no space, and say why', () => {
    for (const n of [0, -1, 1.5, NaN, Infinity]) {
      expect(() => discrete(n)).toThrow(`discrete: expected an integer >= 1, got ${n}`);
      expect(() => multiDiscrete(2, n)).toThrow(`multiDiscrete: expected an integer >= 1, got ${n}`);
      expect(() => box([2, n])).toThrow(`box shape: expected an integer >= 1, got ${n}`);
    }
    expect(() => multiDiscrete()).toThrow('multiDiscrete: expected at least one count, got none');
    expect(() => box(3 as never)).toThrow('box: expected a shape such as [3], got 3');
    expect(() => box([2], { low: [0] })).toThrow('box: expected 2 components in low, got 1');
    expect(() => box([2], { high: [0, 1, 2] })).toThrow('box: expected 2 components in high, got 3');
    expect(() => box([2], { low: 0, high: [1, -1] })).toThrow('box: expected low <= high, got 0 > -1 in component 1');
    expect(() => box([1], { low: NaN })).toThrow('box: expected low <= high, got NaN > Infinity in component 0');
  });

  it('give the types of what is emitted and received', () => {
    expectTypeOf<Emits<Discrete>>().toEqualTypeOf<number>();
    expectTypeOf<Emits<Box>>().toEqualTypeOf<ArrayLike<number>>();
    expectTypeOf<Emits<Hybrid>>().toEqualTypeOf<ArrayLike<number>>();
    expectTypeOf<Receives<Discrete>>().toEqualTypeOf<number>();
    expectTypeOf<Receives<MultiDiscrete>>().toEqualTypeOf<Int32Array>();
    expectTypeOf<Receives<Box>>().toEqualTypeOf<Float32Array>();
    expectTypeOf<Receives<Hybrid>>().toEqualTypeOf<Float32Array>();
    expectTypeOf<ActionArray<Discrete>>().toEqualTypeOf<Int32Array>();
    expectTypeOf<ActionArray<Hybrid>>().toEqualTypeOf<Float32Array>();
  });
});

describe('arrays of groups', () => {
  it('actions are [E, N, ...action] of zeros, in the element type of the space', () => {
    const actions = emptyActions(
      {
        d: { agents: ['a', 'b'], observation: box([1]), action: discrete(3) },
        m: { agents: { max: 4 }, observation: box([1]), action: multiDiscrete(2, 2) },
        b: { agents: ['a'], observation: box([1]), action: box([2, 3]) },
        h: { agents: ['a'], observation: box([1]), action: hybrid(box([2]), multiDiscrete(3)) },
      } as const,
      5,
    );
    expect([actions.d.shape, actions.m.shape, actions.b.shape, actions.h.shape]).toEqual([
      [5, 2],
      [5, 4, 2],
      [5, 1, 2, 3],
      [5, 1, 3],
    ]);
    expect([actions.d.data, actions.m.data].every((data) => data instanceof Int32Array)).toBe(true);
    expect([actions.b.data, actions.h.data].every((data) => data instanceof Float32Array)).toBe(true);
    expect(actions.b.data.every((x) => x === 0)).toBe(true);
    expect(actionArray(discrete(2), 3)).toEqual(new Int32Array(3));
  });

  it('slots are the agents of a cast, or the most of a population', () => {
    expect(slotsOf(['a', 'b'])).toBe(2);
    expect(slotsOf({ max: 7 })).toBe(7);
  });
});
