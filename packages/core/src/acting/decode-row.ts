import type { HeadPart } from '../learn.js';
import type { Rng } from '../rng.js';
import { drawnSizeOf, outputSizeOf } from './head.js';

/** How exploring policies make choices from logits: the most probable, or a draw from their softmax. */
export type Choosing = 'mode' | 'sample';

/** The arrays of one call of `act`, row by row: E environments × N slots. */
export interface Rows {
  /** [rows, W] */
  output: Float32Array;
  /** [rows, size] */
  action: Float32Array | Int32Array;
  /** [rows, D]; what normal distributions gave, before squashing or clipping. */
  drawn: Float32Array;
  /** [rows, A]; 1 where a choice is permitted. Absent where everything is. */
  legal: Uint8Array | undefined;
}

/** Writes actions and says how probable they were. */
export interface RowDecoder {
  /** Row `r` of the action. With `rng`, normal distributions are drawn and choices made as said; without, the modes. */
  write(rows: Rows, r: number, choosing: Choosing, rng: Rng | undefined): void;
  /**
   * Log of the probability (density) of what row `r` holds, summed over choices and normal distributions; of a squashed
   * part in the units of [−1, 1].
   */
  logProb(rows: Rows, r: number): number;
}

const permitted = (legal: Uint8Array | undefined, i: number): boolean => legal === undefined || legal[i] === 1;

/** The most probable of `n` choices whose logits begin at `at` and permissions at `mask`. */
const modeOf = ({ output, legal }: Rows, at: number, n: number, mask: number): number => {
  let best = -1;
  for (let i = 0; i < n; i++) {
    if (permitted(legal, mask + i) && (best < 0 || output[at + i]! > output[at + best]!)) best = i;
  }
  return Math.max(best, 0); // no legal choice: a dead agent, whose action is ignored
};

/** Σ exp(logit − top) over the legal choices. */
const massOf = ({ output, legal }: Rows, at: number, n: number, mask: number, top: number): number => {
  let mass = 0;
  for (let i = 0; i < n; i++) if (permitted(legal, mask + i)) mass += Math.exp(output[at + i]! - top);
  return mass;
};

/** A draw from the softmax of the legal logits, by inversion. */
const sampleOf = (rows: Rows, at: number, n: number, mask: number, rng: Rng): number => {
  const { output, legal } = rows;
  const top = output[at + modeOf(rows, at, n, mask)]!;
  let left = rng.uniform() * massOf(rows, at, n, mask, top);
  let last = 0;
  for (let i = 0; i < n; i++) {
    if (!permitted(legal, mask + i)) continue;
    last = i;
    left -= Math.exp(output[at + i]! - top);
    if (left < 0) return i;
  }
  return last; // rounding left a crumb
};

const HALF_LOG_TWO_PI = 0.5 * Math.log(2 * Math.PI);
const softplus = (x: number): number => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)));

/** The decoder of a head. Action rows have `size` components. */
export const rowDecoder = (head: readonly HeadPart[], size: number): RowDecoder => {
  const [width, draws] = [outputSizeOf(head), drawnSizeOf(head)];
  const choices = head.reduce((sum, part) => sum + (part.kind === 'choice' ? part.n : 0), 0);

  return {
    write(rows, r, choosing, rng) {
      const { output, action, drawn } = rows;
      let [from, to, at, mask] = [r * width, r * size, r * draws, r * choices];
      for (const part of head) {
        if (part.kind === 'choice') {
          const sampling = rng !== undefined && choosing === 'sample';
          action[to++] = sampling ? sampleOf(rows, from, part.n, mask, rng) : modeOf(rows, from, part.n, mask);
          from += part.n;
          mask += part.n;
          continue;
        }
        const n = part.low.length;
        if (part.kind === 'real') {
          for (let i = 0; i < n; i++) action[to++] = output[from++]!;
          continue;
        }
        for (let i = 0; i < n; i++) {
          const [low, high] = [part.low[i]!, part.high[i]!];
          drawn[at] = output[from + i]! + (rng ? Math.exp(output[from + n + i]!) * rng.normal() : 0);
          const x = drawn[at++]!;
          action[to++] = part.squash
            ? (low + high) / 2 + ((high - low) / 2) * Math.tanh(x)
            : Math.min(high, Math.max(low, x));
        }
        from += 2 * n;
      }
    },

    logProb(rows, r) {
      const { output, action, drawn } = rows;
      let [from, to, at, mask] = [r * width, r * size, r * draws, r * choices];
      let sum = 0;
      for (const part of head) {
        if (part.kind === 'choice') {
          const top = output[from + modeOf(rows, from, part.n, mask)]!;
          const mass = massOf(rows, from, part.n, mask, top);
          if (mass > 0) sum += output[from + action[to]!]! - top - Math.log(mass);
          from += part.n;
          mask += part.n;
          to += 1;
          continue;
        }
        const n = part.low.length;
        to += n;
        if (part.kind === 'real') {
          from += n;
          continue;
        }
        for (let i = 0; i < n; i++) {
          const [mean, logSd, x] = [output[from + i]!, output[from + n + i]!, drawn[at++]!];
          const z = (x - mean) * Math.exp(-logSd);
          sum -= 0.5 * z * z + logSd + HALF_LOG_TWO_PI;
          if (part.squash) sum -= 2 * (Math.LN2 - x - softplus(-2 * x));
        }
        from += 2 * n;
      }
      return sum;
    },
  };
};
