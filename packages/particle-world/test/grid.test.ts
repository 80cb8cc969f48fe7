import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createGrid } from '../src/population/grid.js';

const ONE = Float64Array.of(1);
const TEN = Float64Array.of(10);
const ORIGIN = Float64Array.of(0, 0);

interface Query {
  readonly places: readonly (readonly [number, number])[];
  readonly present: readonly boolean[];
  readonly radius: number;
  readonly k: number;
  readonly self: number;
}

// Coarse coordinates make ties; some places lie outside the square.
const coordinate = fc.oneof(
  fc.integer({ min: -12, max: 12 }).map((x) => x / 10),
  fc.double({ min: -1, max: 1, noNaN: true }),
);
const query: fc.Arbitrary<Query> = fc.integer({ min: 1, max: 80 }).chain((n) =>
  fc.record({
    places: fc.array(fc.tuple(coordinate, coordinate), { minLength: n, maxLength: n }),
    present: fc.array(fc.boolean(), { minLength: n, maxLength: n }),
    radius: fc.oneof(fc.constantFrom(0.1, 0.5, 3, 100), fc.double({ min: 0, max: 2, noNaN: true })),
    k: fc.integer({ min: 1, max: 12 }),
    self: fc.integer({ min: 0, max: n - 1 }),
  }),
);

/** Everything looked at: indices and squared distances of all that are there, but `self`. */
const all = ({ places, present, self }: Query) => {
  const [x, y] = places[self]!;
  return places
    .map(([px, py], index) => ({ index, d: (px - x) * (px - x) + (py - y) * (py - y) }))
    .filter(({ index }) => present[index] && index !== self);
};

it('finds what looking at everything finds, ties included', () => {
  fc.assert(
    fc.property(query, (q) => {
      const n = q.places.length;
      const grid = createGrid(n, false);
      // An offset on both sides, as the environments have it.
      const position = Float64Array.from([7, 7, ...q.places.flat()]);
      const present = Uint8Array.from([1, ...q.present.map(Number)]);
      grid.fill(position, 2, n, ONE, 0, present, 1);
      const radii = Float64Array.of(q.radius);

      const near = grid.within(position, 2 + 2 * q.self, radii, 0, q.self);
      const inside = all(q).filter(({ d }) => d < q.radius * q.radius);
      expect([...grid.found.subarray(0, near)]).toEqual(inside.map(({ index }) => index));
      expect([...grid.squared.subarray(0, near)]).toEqual(inside.map(({ d }) => d));

      const count = grid.nearest(position, 2 + 2 * q.self, q.k, radii, 0, q.self);
      const nearest = all(q)
        .filter(({ d }) => d <= q.radius * q.radius)
        .sort((a, b) => a.d - b.d || a.index - b.index)
        .slice(0, q.k);
      expect([...grid.found.subarray(0, count)]).toEqual(nearest.map(({ index }) => index));
      expect([...grid.squared.subarray(0, count)]).toEqual(nearest.map(({ d }) => d));
    }),
    { numRuns: 1000 },
  );
});

it('is filled anew with other numbers', () => {
  const grid = createGrid(50, false);
  const position = Float64Array.from({ length: 100 }, (_, k) => Math.sin(k));
  grid.fill(position, 0, 50, ONE, 0, null, 0);
  expect(grid.within(ORIGIN, 0, TEN, 0, -1)).toBe(50);
  grid.fill(position, 0, 3, Float64Array.of(2), 0, null, 0);
  expect(grid.within(ORIGIN, 0, TEN, 0, -1)).toBe(3);
  grid.fill(position, 0, 0, ONE, 0, null, 0);
  expect([grid.within(ORIGIN, 0, TEN, 0, -1), grid.nearest(ORIGIN, 0, 3, TEN, 0, -1)]).toEqual([0, 0]);
});
