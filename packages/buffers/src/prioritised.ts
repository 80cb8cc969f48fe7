import { minTree } from './min-tree.js';
import type { Sampler } from './sampler.js';
import { sumTree } from './sum-tree.js';

/** Settings of `prioritised`. */
export interface PrioritisedOptions {
  /** α: 0 draws uniformly, 1 in proportion to the errors. Default 0.6. */
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

interface SavedPrioritised {
  readonly kind: 'prioritised';
  /** 1 where a slot can be drawn, up to the last one. */
  readonly present: Uint8Array;
  /** pᵅ of every slot. */
  readonly priorities: Float64Array;
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

/** x^a for x ≥ 0, in less than half the time of `**`. */
const power = (x: number, a: number): number => (a === 0 ? 1 : Math.exp(a * Math.log(x)));

/** A sampler of priorities, which can be looked at. */
export interface Prioritised extends Sampler {
  /** Sum of pᵅ over all slots. */
  readonly total: number;
  /** The largest p so far, which new rows get; 1 in the beginning. */
  readonly largest: number;
}

/**
 * Proportional prioritisation (Schaul et al. 2016, arXiv 1511.05952, section 3.3): row i is drawn with probability
 * P(i) = pᵢᵅ / Σ pᵅ, pᵢ = |δᵢ| + ε, and weighs (n P(i))^−β, normalised. New rows get the largest p so far. Draws and
 * updates cost O(log capacity). Dopamine's form is `alpha: 0.5` on losses in place of errors, `beta` and `betaEnd` 0.5,
 * `epsilon: 1e-10`.
 */
export const prioritised = (options: PrioritisedOptions = {}): ((capacity: number) => Prioritised) => {
  const alpha = requireFraction('alpha', options.alpha ?? 0.6);
  const beta = requireFraction('beta', options.beta ?? 0.4);
  const betaEnd = requireFraction('betaEnd', options.betaEnd ?? 1);
  const epsilon = requireFraction('epsilon', options.epsilon ?? 1e-6, Number.MAX_VALUE);
  const normalise = requireOneOf('normalise', ['batch', 'buffer', 'none'], options.normalise ?? 'batch');
  const stratified =
    requireOneOf('draws', ['stratified', 'independent'], options.draws ?? 'stratified') !== 'independent';
  return (capacity) => {
    const tree = sumTree(capacity);
    const smallest = normalise === 'buffer' ? minTree(capacity) : undefined;
    const present = new Uint8Array(capacity);
    let size = 0;
    let largest = 1;
    let scratch = new Float64Array(0);
    const room = (count: number): Float64Array =>
      scratch.length < count ? (scratch = new Float64Array(count)) : scratch;

    /** Writes values to as many slots, and keeps the smallest. */
    const write = (slots: Int32Array, values: Float64Array): void => {
      tree.set(slots, values, slots.length);
      if (!smallest) return;
      for (let b = 0; b < slots.length; b++) {
        const value = tree.get(slots[b]!);
        smallest.set(slots[b]!, value > 0 ? value : Infinity);
      }
    };
    const clear = (): void => {
      tree.fill(0, capacity, 0);
      for (let slot = 0; smallest && slot < capacity; slot++) if (present[slot] === 1) smallest.set(slot, Infinity);
      present.fill(0);
      [size, largest] = [0, 1];
    };

    return {
      weighs: true,
      get size() {
        return size;
      },
      get total() {
        return tree.total;
      },
      get largest() {
        return largest;
      },
      put(first, count) {
        const value = power(largest, alpha);
        tree.fill(first, count, value);
        for (let slot = first; slot < first + count; slot++) {
          size += 1 - present[slot]!;
          present[slot] = 1;
          smallest?.set(slot, value);
        }
      },
      drop(slot) {
        if (present[slot] === 0) return;
        present[slot] = 0;
        size -= 1;
        tree.fill(slot, 1, 0);
        smallest?.set(slot, Infinity);
      },
      draw(slots, weights, rng, clock) {
        const { total } = tree;
        if (!(total > 0)) throw new RangeError('prioritised: expected a row whose priority is not 0, got none');
        const count = slots.length;
        const masses = room(count);
        for (let b = 0; b < count; b++) {
          masses[b] = stratified ? ((b + rng.uniform()) / count) * total : rng.uniform() * total;
        }
        tree.find(masses, slots, count);
        let low = Infinity;
        for (let b = 0; b < count; b++) low = Math.min(low, tree.get(slots[b]!));
        const exponent = clock ? beta + (betaEnd - beta) * Math.min(1, clock.steps / clock.total) : beta;
        // (n P)^−β over its largest: the row with the smallest P has the largest weight, and n cancels.
        const scale = normalise === 'batch' ? low : (smallest?.least ?? total / size);
        for (let b = 0; b < count; b++) weights[b] = power(scale / tree.get(slots[b]!), exponent);
      },
      prioritise(slots, { data, offset, stride, shape }) {
        const count = slots.length;
        if (shape.length !== 1 || shape[0] !== count) {
          throw new RangeError(
            `prioritise: expected one error per row, [${count}], got an array of shape [${shape.join(', ')}]`,
          );
        }
        const values = room(count);
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
          values[b] = here * power(p, alpha); // a slot that was dropped meanwhile stays empty
          if (here === 1 && p > top) top = p;
        }
        largest = top;
        write(slots, values);
      },
      clear,
      save(): SavedPrioritised {
        const used = present.lastIndexOf(1) + 1;
        return { kind: 'prioritised', present: present.slice(0, used), priorities: tree.leaves(used), largest };
      },
      load(saved) {
        const from = saved as SavedPrioritised | undefined;
        if (from?.kind !== 'prioritised' || !(from.priorities.length <= capacity)) {
          throw new TypeError(
            `prioritised.load: expected what save of a prioritised sampler of at most ${capacity} slots gave, got something else`,
          );
        }
        clear();
        const slots = Int32Array.from({ length: from.priorities.length }, (_, slot) => slot);
        write(slots, from.priorities);
        present.set(from.present);
        size = from.present.reduce((sum, flag) => sum + flag, 0);
        largest = from.largest;
      },
    };
  };
};
