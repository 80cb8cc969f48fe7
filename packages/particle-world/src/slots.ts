import { squaredDistance } from './geometry.js';
import type { World } from './world.js';

/** Which entities an agent's observation shows, one after another. */
export interface Slots {
  /** Entities shown; the same for every agent. */
  readonly count: number;
  /** Entities to show to agent `self`, −1 for an empty slot. Valid until the next call. */
  select(world: World, e: number, self: number): Int32Array;
}

const nearest = (candidates: readonly Int32Array[], count: number): Slots => {
  const chosen = new Int32Array(count);
  const squared = new Float64Array(count);
  return {
    count,
    select(world, e, self) {
      let filled = 0;
      for (const candidate of candidates[self]!) {
        const d = squaredDistance(world, e, self, candidate);
        // Insertion keeps candidates at the same distance in their order.
        let k = filled < count ? filled++ : count;
        for (; k > 0 && d < squared[k - 1]!; k--) {
          if (k === count) continue;
          chosen[k] = chosen[k - 1]!;
          squared[k] = squared[k - 1]!;
        }
        if (k < count) {
          chosen[k] = candidate;
          squared[k] = d;
        }
      }
      return chosen.fill(-1, filled);
    },
  };
};

const slots = (candidates: readonly Int32Array[], limit: number | null): Slots =>
  limit === null
    ? { count: candidates[0]?.length ?? 0, select: (_world, _e, self) => candidates[self]! }
    : nearest(candidates, limit);

/** Slots for the other agents: all in order, or the `limit` nearest, nearest first, empty slots where there are fewer. */
export const otherAgents = (agents: number, limit: number | null): Slots =>
  slots(
    Array.from({ length: agents }, (_, self) =>
      Int32Array.from({ length: agents - 1 }, (_, k) => (k < self ? k : k + 1)),
    ),
    limit,
  );

/** Slots for the landmarks: all in order, or the `limit` nearest, nearest first, empty slots where there are fewer. */
export const landmarks = (agents: number, count: number, limit: number | null): Slots =>
  slots(
    Array.from({ length: agents }, () => Int32Array.from({ length: count }, (_, k) => agents + k)),
    limit,
  );
