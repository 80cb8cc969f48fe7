import { rng } from '@troupe/core';
import fc from 'fast-check';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { simpleSpread, versions, type Version, type WorldState } from '../src/index.js';

const AGENTS = 4;
const place = fc.tuple(fc.double({ min: -1, max: 1, noNaN: true }), fc.double({ min: -1, max: 1, noNaN: true }));
// Different places on a fine lattice: discs at the same place part along x, which neither mirrors nor renames.
const lattice = fc.tuple(fc.integer({ min: -100, max: 100 }), fc.integer({ min: -100, max: 100 }));
const places = fc
  .uniqueArray(lattice, { minLength: AGENTS, maxLength: AGENTS, selector: String })
  .map((points) => points.map((point) => point.map((x) => x / 100)));
const start = fc.record({
  places,
  velocities: fc.array(place, { minLength: AGENTS, maxLength: AGENTS }),
  marks: fc.array(place, { minLength: AGENTS, maxLength: AGENTS }),
  moves: fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 5 * AGENTS, maxLength: 5 * AGENTS }),
  version: fc.constantFrom(...(Object.keys(versions) as Version[])),
});
interface Start {
  readonly places: readonly (readonly number[])[];
  readonly velocities: readonly (readonly number[])[];
  readonly marks: readonly (readonly number[])[];
  readonly moves: readonly number[];
  readonly version: Version;
}

/** Five steps from a state: the state after them and all rewards. */
const play = ({ places, velocities, marks, moves, version }: Start) => {
  const env = simpleSpread({ agents: AGENTS, version });
  env.reset(rng(1));
  env.setWorldState(0, {
    agents: places.map((position, i) => ({ position, velocity: velocities[i]!, message: [0, 0] })),
    landmarks: marks.map((position) => ({ position })),
  });
  const rewards: number[][] = [];
  for (let t = 0; t < 5; t++) {
    const action = ndarray(Int32Array.from(moves.slice(AGENTS * t, AGENTS * (t + 1))), [1, AGENTS]);
    rewards.push([...env.step({ agents: action }).reward.agents.data]);
  }
  return { state: env.worldState(0), rewards };
};
const mirror = ([x, y]: readonly number[]): readonly number[] => [-x!, y!];
const near = (a: readonly number[], b: readonly number[]): void => {
  a.forEach((x, k) => expect(Math.abs(x - b[k]!)).toBeLessThan(1e-9));
};
const placesOf = ({ agents }: WorldState) => agents.map(({ position }) => position);

describe('the world', () => {
  it('is the same in a mirror', () => {
    fc.assert(
      fc.property(start, (given) => {
        const seen = play(given);
        const reflected = play({
          ...given,
          places: given.places.map(mirror),
          velocities: given.velocities.map(mirror),
          marks: given.marks.map(mirror),
          moves: given.moves.map((move) => [0, 2, 1, 3, 4][move]!),
        });
        placesOf(reflected.state).forEach((position, i) => near(mirror(position), placesOf(seen.state)[i]!));
        reflected.rewards.forEach((paid, t) => paid.forEach((x, i) => expect(x).toBeCloseTo(seen.rewards[t]![i]!, 5)));
      }),
      { numRuns: 100 },
    );
  });

  it('does not care who is called what', () => {
    fc.assert(
      fc.property(start, fc.shuffledSubarray([0, 1, 2, 3], { minLength: AGENTS }), (given, order) => {
        const pick = <T>(values: readonly T[]): readonly T[] => order.map((k) => values[k]!);
        const one = play(given);
        const other = play({
          ...given,
          places: pick(given.places),
          velocities: pick(given.velocities),
          moves: Array.from({ length: 5 }, (_, t) => pick(given.moves.slice(AGENTS * t, AGENTS * (t + 1)))).flat(),
        });
        placesOf(other.state).forEach((position, i) => near(position, placesOf(one.state)[order[i]!]!));
      }),
      { numRuns: 100 },
    );
  });

  it('keeps three quarters of its momentum when nobody acts', () => {
    fc.assert(
      fc.property(start, (given) => {
        const { state } = play({ ...given, moves: given.moves.map(() => 0) });
        for (const axis of [0, 1]) {
          const before = given.velocities.reduce((sum, velocity) => sum + velocity[axis]!, 0);
          const after = state.agents.reduce((sum, { velocity }) => sum + velocity[axis]!, 0);
          expect(after).toBeCloseTo(before * 0.75 ** 5, 9);
        }
      }),
      { numRuns: 100 },
    );
  });

  it('loses energy when nobody acts and nobody touches', () => {
    fc.assert(
      fc.property(start, (given) => {
        const places = given.places.map(([x, y], i) => [10 * i + x!, y!]);
        const { state } = play({ ...given, places, moves: given.moves.map(() => 0) });
        state.agents.forEach(({ velocity }, i) =>
          near(
            velocity,
            given.velocities[i]!.map((v) => v * 0.75 ** 5),
          ),
        );
      }),
      { numRuns: 50 },
    );
  });
});
