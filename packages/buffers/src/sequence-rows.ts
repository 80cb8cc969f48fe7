import type { Episodes } from './episodes.js';

/** Sequences laid out in rows: row t · count + b is step t of sequence b, as in a rollout. */
export interface Laid {
  /** [steps · count]; where an episode is shorter, its last row again. */
  readonly slots: Int32Array;
  /** [count]; rows that only warm a memory up. */
  readonly warm: Int32Array;
  /** [count]; rows that are there, those included. */
  readonly real: Int32Array;
}

/** An empty layout. */
export const layOf = (steps: number, count: number): Laid => ({
  slots: new Int32Array(steps * count),
  warm: new Int32Array(count),
  real: new Int32Array(count),
});

/** Lays out the sequences that start at these slots: up to `burnIn` rows before, and `length` from there on. */
export const layOut = (
  starts: Int32Array,
  { slots, warm, real }: Laid,
  links: Pick<Episodes, 'following' | 'preceding'>,
  length: number,
  burnIn: number,
): void => {
  const count = starts.length;
  for (let b = 0; b < count; b++) {
    let at = starts[b]!;
    let before = 0;
    for (let slot = at; before < burnIn && (slot = links.preceding(slot)) >= 0; before++) at = slot;
    let there = 1;
    slots[b] = at;
    for (let t = 1; t < burnIn + length; t++) {
      const next = there === t && t < before + length ? links.following[at]! : -1;
      if (next >= 0) {
        at = next;
        there += 1;
      }
      slots[t * count + b] = at;
    }
    warm[b] = before;
    real[b] = there;
  }
};
