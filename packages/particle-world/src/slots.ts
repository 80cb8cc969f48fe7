import { squaredDistance, writeRange, writeRelative } from './geometry.js';
import type { World } from './world.js';

/** Which entities an agent's observation shows, one after another. */
export interface Slots {
  /** Entities shown; the same for every agent. */
  readonly count: number;
  /** Entities to show to agent `self`, −1 for an empty slot. Valid until the next call. */
  select(world: World, e: number, self: number): Int32Array;
  /** Writes where they are, seen from agent `self`, zeros for empty slots; returns the place after them. */
  write(world: World, e: number, self: number, out: Float32Array, at: number): number;
}

const nearest = (candidates: readonly Int32Array[], count: number): Slots => {
  const chosen = new Int32Array(count);
  const squared = new Float64Array(count);
  const slots: Slots = {
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
    write(world, e, self, out, at) {
      slots.select(world, e, self);
      for (let k = 0; k < count; k++) at = writeRelative(world, e, self, chosen[k]!, out, at);
      return at;
    },
  };
  return slots;
};

const slots = (agents: number, from: number, to: number, limit: number | null): Slots => {
  const candidates = Array.from({ length: agents }, (_, self) =>
    Int32Array.from(Array.from({ length: to - from }, (_, k) => from + k).filter((entity) => entity !== self)),
  );
  if (limit !== null) return nearest(candidates, limit);
  return {
    count: candidates[0]!.length,
    select: (_world, _e, self) => candidates[self]!,
    write: (world, e, self, out, at) => writeRange(world, e, self, from, to, out, at),
  };
};

/** Slots for the other agents: all in order, or the `limit` nearest, nearest first, empty slots where there are fewer. */
export const otherAgents = (agents: number, limit: number | null): Slots => slots(agents, 0, agents, limit);

/** Slots for the landmarks: all in order, or the `limit` nearest, nearest first, empty slots where there are fewer. */
export const landmarks = (agents: number, count: number, limit: number | null): Slots =>
  slots(agents, agents, agents + count, limit);
