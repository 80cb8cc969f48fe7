import type { Column } from './columns.js';
import { keepFew } from './keep-few.js';
import type { RowStore } from './row-store.js';
import type { Target } from './targets.js';

/** What becomes of a column when a window of rows becomes one row. */
type Part = 'first' | 'last' | 'reward' | 'discount';

const partOf = ({ path: [a, , b] }: Column): Part => {
  if (a === 'next' || a === 'last') return 'last';
  if (a !== 'groups') return 'first';
  return b === 'next' ? 'last' : b === 'reward' || b === 'discount' ? b : 'first';
};

/** Rewards and discounts of one group: where they are gathered to, and where they are written. */
interface Sums {
  readonly size: number;
  readonly rewards: Float32Array;
  readonly discounts: Float32Array;
}

const targetOf = (data: Float32Array): Target => ({ data, from: 0, bytes: new Uint8Array(data.buffer), byteFrom: 0 });

/**
 * Makes rows of windows of up to n rows that follow each other in an episode (n-step returns: Sutton and Barto 2018,
 * eq. 7.1; Watkins 1989). A window ends with its episode, or at the newest row. For m rows from t on, agent by agent,
 * with d the discounts that the environment gave:
 *
 *   reward   = Σ_{k<m} γᵏ (Π_{j<k} d_{t+j}) r_{t+k}
 *   discount = γᵐ⁻¹ Π_{j<m} d_{t+j}
 *   next, last: those of row t+m−1; everything else: that of row t
 *
 * A learner that takes reward + γ · discount · value(next), as for single rows, gets γᵐ.
 */
export const windowReader = (store: RowStore, following: Int32Array, steps: number, gamma: number) => {
  const all = store.columns.map((column, c) => ({ c, part: partOf(column), size: column.size }));
  const columnsOf = (...parts: readonly Part[]) => all.filter(({ part }) => parts.includes(part)).map(({ c }) => c);
  const [first, last, reward, discount] = [
    columnsOf('first'),
    columnsOf('last'),
    columnsOf('reward'),
    columnsOf('discount'),
  ];
  const gatherFirst = store.gatherer(first);
  const gatherLast = store.gatherer(last);
  const gatherSums = store.gatherer([...reward, ...discount]);

  const scratch = keepFew((count) => {
    const sums = reward.map((c): Sums => {
      const { size } = store.columns[c]!;
      const room = () => new Float32Array(steps * count * size);
      return { size, rewards: room(), discounts: room() };
    });
    const targets: Target[] = [];
    reward.forEach((c, g) => (targets[c] = targetOf(sums[g]!.rewards)));
    discount.forEach((c, g) => (targets[c] = targetOf(sums[g]!.discounts)));
    return {
      /** Row k of window b at k · count + b. */
      window: new Int32Array(steps * count),
      ends: new Int32Array(count),
      lengths: new Int32Array(count),
      sums,
      targets,
    };
  });

  /** Sums of one group, for all windows and agents. */
  const sumUp = ({ size, rewards, discounts }: Sums, lengths: Int32Array, reward: Target, discount: Target): void => {
    const count = lengths.length;
    for (let b = 0; b < count; b++) {
      for (let i = 0; i < size; i++) {
        let [sum, worth] = [0, 1];
        for (let k = 0; k < lengths[b]!; k++) {
          const at = (k * count + b) * size + i;
          if (k > 0) worth *= gamma;
          sum += worth * rewards[at]!;
          worth *= discounts[at]!;
        }
        reward.data[reward.from + b * size + i] = sum;
        discount.data[discount.from + b * size + i] = worth;
      }
    }
  };

  /** Reads the windows that begin at these slots. */
  return (slots: Int32Array, targets: readonly Target[]): void => {
    const count = slots.length;
    const { window, ends, lengths, sums, targets: gathered } = scratch(count);
    for (let b = 0; b < count; b++) {
      let at = slots[b]!;
      let m = 1;
      window[b] = at;
      for (let k = 1; k < steps; k++) {
        const next = m === k ? following[at]! : -1;
        if (next >= 0) {
          at = next;
          m += 1;
        }
        window[k * count + b] = at;
      }
      ends[b] = at;
      lengths[b] = m;
    }
    gatherFirst(slots, targets);
    gatherLast(ends, targets);
    gatherSums(window, gathered);
    for (let g = 0; g < sums.length; g++) {
      sumUp(sums[g]!, lengths, targets[reward[g]!]!, targets[discount[g]!]!);
    }
  };
};
