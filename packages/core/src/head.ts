import type { HeadPart } from './learn.js';
import type { Rng } from './rng.js';
import { boundOf, sizeOf, type Space } from './space.js';

/** The parts of an action from a space, in order. */
export const headOf = (space: Space): readonly HeadPart[] => {
  switch (space.kind) {
    case 'discrete':
      return [{ kind: 'choice', n: space.n }];
    case 'multiDiscrete':
      return space.counts.map((n) => ({ kind: 'choice', n }));
    case 'box': {
      const bounds = (bound: number | readonly number[]) =>
        Array.from({ length: sizeOf(space) }, (_, i) => boundOf(bound, i));
      return [{ kind: 'real', low: bounds(space.low), high: bounds(space.high) }];
    }
    case 'hybrid':
      return [...headOf(space.box), ...headOf(space.choices)];
  }
};

/** Width of a part in an output row: its logits, or its real numbers. */
export const partSize = (part: HeadPart): number => (part.kind === 'choice' ? part.n : part.low.length);

/** Width W of an output row. */
export const outputSizeOf = (head: readonly HeadPart[]): number => head.reduce((sum, part) => sum + partSize(part), 0);

/** The most probable legal choice: the arg max of `n` logits from `at` on. */
const mode = (logits: Float32Array, at: number, n: number, legal: (i: number) => boolean): number => {
  let best = -1;
  for (let i = 0; i < n; i++) if (legal(i) && (best < 0 || logits[at + i]! > logits[at + best]!)) best = i;
  return Math.max(best, 0); // no legal choice: a dead agent, whose action is ignored
};

/** A draw from the softmax of the legal logits, by inversion. */
const sample = (logits: Float32Array, at: number, n: number, legal: (i: number) => boolean, rng: Rng): number => {
  const top = logits[at + mode(logits, at, n, legal)]!;
  let total = 0;
  for (let i = 0; i < n; i++) if (legal(i)) total += Math.exp(logits[at + i]! - top);
  let left = rng.uniform() * total;
  let last = 0;
  for (let i = 0; i < n; i++) {
    if (!legal(i)) continue;
    last = i;
    left -= Math.exp(logits[at + i]! - top);
    if (left < 0) return i;
  }
  return last; // rounding left a crumb
};

const always = (): boolean => true;

/** Writes one action row from one output row. With `rng`, choices are sampled; without, they are the mode. */
export const decodeRow = (
  head: readonly HeadPart[],
  output: Float32Array,
  from: number,
  action: Float32Array | Int32Array,
  to: number,
  legal: { readonly data: Uint8Array; readonly at: number } | undefined,
  rng: Rng | undefined,
): void => {
  let mask = legal?.at ?? 0;
  for (const part of head) {
    if (part.kind === 'real') {
      for (let i = 0; i < part.low.length; i++) action[to++] = output[from++]!;
      continue;
    }
    const start = mask;
    const permitted = legal === undefined ? always : (i: number): boolean => legal.data[start + i] === 1;
    action[to++] = rng ? sample(output, from, part.n, permitted, rng) : mode(output, from, part.n, permitted);
    from += part.n;
    mask += part.n;
  }
};
