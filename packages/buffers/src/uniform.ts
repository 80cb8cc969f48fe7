import type { Rng } from '@troupe/core';
import type { Sampler, Sampling } from './sampler.js';

interface SavedUniform {
  readonly kind: 'uniform';
  readonly size: number;
  /** The slots that can be drawn, in the order in which they are held; null where they are 0 … size − 1. */
  readonly slots: Int32Array | null;
}

/** Numbers in use, for a draw without replacement: a hash table with open addressing, emptied by every draw. */
const drawWithout = () => {
  let table = new Int32Array(0);
  return (out: Int32Array, size: number, rng: Rng): void => {
    const length = 2 ** Math.ceil(Math.log2(4 * out.length));
    if (table.length < length) table = new Int32Array(length);
    table.fill(-1);
    const mask = table.length - 1;
    for (let b = 0; b < out.length;) {
      const pick = rng.int(size);
      let at = Math.imul(pick, 0x9e3779b1) & mask;
      while (table[at] !== -1 && table[at] !== pick) at = (at + 1) & mask;
      if (table[at] === pick) continue; // drawn already: draw again
      table[at] = pick;
      out[b++] = pick;
    }
  };
};

/**
 * Every row with the same probability. Without replacement no row occurs twice in one draw, and a draw of more rows than
 * there are throws a RangeError.
 */
export const uniform =
  ({ replacement = true }: { readonly replacement?: boolean } = {}): Sampling =>
  (capacity): Sampler => {
    let size = 0;
    // The slots that can be drawn and where each is held. Not needed while they are 0 … size − 1.
    let held: { readonly slots: Int32Array; readonly place: Int32Array } | undefined;
    const without = replacement ? undefined : drawWithout();

    const hold = () => {
      if (held) return held;
      const slots = Int32Array.from({ length: capacity }, (_, slot) => slot);
      const place = Int32Array.from({ length: capacity }, (_, slot) => (slot < size ? slot : -1));
      return (held = { slots, place });
    };
    const has = (slot: number): boolean => (held ? held.place[slot]! >= 0 : slot < size);
    const putOne = (slot: number): void => {
      if (has(slot)) return;
      if (held || slot !== size) {
        const { slots, place } = hold();
        slots[size] = slot;
        place[slot] = size;
      }
      size += 1;
    };

    return {
      weighs: false,
      get size() {
        return size;
      },
      put(first, count) {
        for (let slot = first; slot < first + count; slot++) putOne(slot);
      },
      drop(slot) {
        if (!has(slot)) return;
        const { slots, place } = hold();
        size -= 1;
        const moved = slots[size]!;
        slots[place[slot]!] = moved;
        place[moved] = place[slot]!;
        place[slot] = -1;
      },
      draw(slots, _weights, rng) {
        if (without) {
          if (slots.length > size) {
            throw new RangeError(
              `uniform: expected to draw at most ${size} rows without replacement (all there are), got ${slots.length}`,
            );
          }
          without(slots, size, rng);
        } else rng.fillInt(slots, size);
        if (held) for (let b = 0; b < slots.length; b++) slots[b] = held.slots[slots[b]!]!;
      },
      clear() {
        size = 0;
        held = undefined;
      },
      save: (): SavedUniform => ({
        kind: 'uniform',
        size,
        slots: held ? held.slots.slice(0, size) : null,
      }),
      load(saved) {
        const from = saved as SavedUniform | undefined;
        if (from?.kind !== 'uniform') {
          throw new TypeError('uniform.load: expected what save of a uniform sampler gave, got something else');
        }
        size = from.slots ? 0 : from.size;
        held = undefined;
        from.slots?.forEach(putOne);
      },
    };
  };
