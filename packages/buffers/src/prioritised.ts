import { byRank } from './by-rank.js';
import { bySize } from './by-size.js';
import { power, type SavedPriorities } from './priorities.js';
import type { Sampler } from './sampler.js';

/** Settings of `prioritised`. */
export interface PrioritisedOptions {
  /**
   * What probabilities come from: the size of the errors, or their rank among all, which a few huge errors do not upset
   * (Schaul et al. 2016, section 3.3). Default `size`.
   */
  readonly by?: 'size' | 'rank';
  /** α: 0 draws uniformly, 1 in proportion to the errors (or to 1 / rank). Default 0.6 (by rank, the paper has 0.7). */
  readonly alpha?: number;
  /** β where the clock begins: 0 leaves the bias, 1 corrects all of it. Default 0.4. */
  readonly beta?: number;
  /** β where the clock ends, linear in between. Default 1. */
  readonly betaEnd?: number;
  /** What is added to the size of an error, so that nothing is never drawn again. Default 1e-6. */
  readonly epsilon?: number;
  /**
   * Weights are divided by the largest of the batch (most implementations), by the largest that any row of the buffer
   * would have (Schaul et al. 2016), or by nothing. Default `batch`.
   */
  readonly normalise?: 'batch' | 'buffer' | 'none';
  /** One draw from each of B equal parts of the total (Schaul et al. 2016, appendix B.2.1), or B from the whole of it. */
  readonly draws?: 'stratified' | 'independent';
}

interface SavedPrioritised extends SavedPriorities {
  readonly kind: 'prioritised';
  /** 1 where a slot can be drawn, up to the last one. */
  readonly present: Uint8Array;
  /** The largest p so far. */
  readonly largest: number;
}

const requireFraction = (name: string, value: number, top = 1): number => {
  if (!(value >= 0 && value <= top)) {
    throw new RangeError(`prioritised: expected ${name} in [0, ${top}], got ${String(value)}`);
  }
  return value;
};
const requireOneOf = <T extends string>(name: string, options: readonly T[], value: T): T => {
  if (!options.includes(value)) {
    throw new RangeError(`prioritised: expected ${name} to be one of ${options.join(', ')}, got ${value}`);
  }
  return value;
};

/** A sampler of priorities, which can be looked at. */
export interface Prioritised extends Sampler {
  /** Sum of pᵅ, or of rank^−α, over all slots. */
  readonly total: number;
  /** The largest p so far, which new rows get; 1 in the beginning. */
  readonly largest: number;
}

/**
 * Prioritisation (Schaul et al. 2016, arXiv 1511.05952, section 3.3): row i is drawn with probability P(i) = pᵢᵅ / Σ pᵅ,
 * pᵢ = |δᵢ| + ε, or by rank with rank(i)^−α / Σ rank^−α, and weighs (n P(i))^−β, normalised. New rows get the largest p so
 * far. Draws and updates cost O(log capacity). Dopamine's form is `alpha: 0.5` on losses in place of errors, `beta` and
 * `betaEnd` 0.5, `epsilon: 1e-10`.
 */
export const prioritised = (options: PrioritisedOptions = {}): ((capacity: number) => Prioritised) => {
  const by = requireOneOf('by', ['size', 'rank'], options.by ?? 'size');
  const alpha = requireFraction('alpha', options.alpha ?? 0.6);
  const beta = requireFraction('beta', options.beta ?? 0.4);
  const betaEnd = requireFraction('betaEnd', options.betaEnd ?? 1);
  const epsilon = requireFraction('epsilon', options.epsilon ?? 1e-6, Number.MAX_VALUE);
  const normalise = requireOneOf('normalise', ['batch', 'buffer', 'none'], options.normalise ?? 'batch');
  const stratified =
    requireOneOf('draws', ['stratified', 'independent'], options.draws ?? 'stratified') !== 'independent';
  return (capacity) => {
    const priorities = by === 'rank' ? byRank(capacity, alpha) : bySize(capacity, alpha, normalise === 'buffer');
    const present = new Uint8Array(capacity);
    let size = 0;
    let largest = 1;
    let scratch = new Float64Array(0);
    const room = (count: number): Float64Array =>
      scratch.length < count ? (scratch = new Float64Array(count)) : scratch;

    return {
      weighs: true,
      get size() {
        return size;
      },
      get total() {
        return priorities.total;
      },
      get largest() {
        return largest;
      },
      put(first, count) {
        priorities.fill(first, count, largest);
        for (let slot = first; slot < first + count; slot++) {
          size += 1 - present[slot]!;
          present[slot] = 1;
        }
      },
      drop(slot) {
        if (present[slot] === 0) return;
        present[slot] = 0;
        size -= 1;
        priorities.drop(slot);
      },
      draw(slots, weights, rng, clock) {
        const { total } = priorities;
        if (!(total > 0)) throw new RangeError('prioritised: expected a row whose priority is not 0, got none');
        const count = slots.length;
        const masses = room(count);
        for (let b = 0; b < count; b++) {
          masses[b] = stratified ? ((b + rng.uniform()) / count) * total : rng.uniform() * total;
        }
        priorities.find(masses, slots, count);
        priorities.massesOf(slots, masses, count);
        let low = Infinity;
        for (let b = 0; b < count; b++) if (masses[b]! < low) low = masses[b]!;
        const exponent = clock ? beta + (betaEnd - beta) * Math.min(1, clock.steps / clock.total) : beta;
        // (n P)^−β over its largest: the row with the smallest P has the largest weight, and n cancels.
        const scale = normalise === 'batch' ? low : normalise === 'buffer' ? priorities.least : total / size;
        for (let b = 0; b < count; b++) weights[b] = power(scale / masses[b]!, exponent);
      },
      prioritise(slots, { data, offset, stride, shape }) {
        const count = slots.length;
        if (shape.length !== 1 || shape[0] !== count) {
          throw new RangeError(
            `prioritise: expected one error per row, [${count}], got an array of shape [${shape.join(', ')}]`,
          );
        }
        const told = room(count);
        let top = largest;
        for (let b = 0; b < count; b++) {
          const error = data[offset + b * stride[0]!]!;
          const p = Math.abs(error) + epsilon;
          if (!(p < Infinity)) {
            throw new RangeError(`prioritise: expected finite errors, got ${String(error)} for row ${b}`);
          }
          const here = present[slots[b]!];
          if (here === undefined) {
            throw new RangeError(
              `prioritise: expected the index of a sample, slots below ${capacity}, got ${String(slots[b])}`,
            );
          }
          told[b] = here === 1 ? p : -1; // a slot that was dropped meanwhile stays empty
          if (here === 1 && p > top) top = p;
        }
        largest = top;
        priorities.set(slots, told, count);
      },
      clear() {
        priorities.clear();
        present.fill(0);
        [size, largest] = [0, 1];
      },
      save(): SavedPrioritised {
        const used = present.lastIndexOf(1) + 1;
        return { kind: 'prioritised', ...priorities.save(used), present: present.slice(0, used), largest };
      },
      load(saved) {
        const from = saved as SavedPrioritised | undefined;
        if (from?.kind !== 'prioritised' || !(from.priorities.length <= capacity) || from.by !== by) {
          throw new TypeError(
            `prioritised.load: expected what save of a prioritised sampler by ${by} of at most ${capacity} slots gave, got something else`,
          );
        }
        priorities.load(from);
        present.fill(0);
        present.set(from.present);
        size = from.present.reduce((sum, flag) => sum + flag, 0);
        largest = from.largest;
      },
    };
  };
};
