/**
 * What makes probabilities of priorities p ≥ 0: the slots that can be drawn, each with a mass ≥ 0, one after another in an
 * order of its own.
 */
export interface Priorities {
  /** Sum of all masses. */
  readonly total: number;
  /** The smallest mass that is not 0; Infinity where there is none. Kept only if asked for when made. */
  readonly least: number;
  /** Writes the masses of `count` slots that can be drawn. */
  massesOf(slots: Int32Array, masses: Float64Array, count: number): void;
  /** Slots from `first` on can be drawn, with this p each. */
  fill(first: number, count: number, p: number): void;
  /** Other p for slots that can be drawn, below 0 for others; where a slot occurs twice, the later p stays. */
  set(slots: Int32Array, p: Float64Array, count: number): void;
  /** The slot can no longer be drawn. */
  drop(slot: number): void;
  /** For each of `count` masses below the total, which are used up, the slot where the sum up to and with it exceeds it. */
  find(masses: Float64Array, slots: Int32Array, count: number): void;
  /** No slot can be drawn. */
  clear(): void;
  /** Plain data about the first `used` slots. */
  save(used: number): SavedPriorities;
  /** Continues from that, bit for bit. */
  load(saved: SavedPriorities): void;
}

/** The priorities of all slots as plain data. */
export interface SavedPriorities {
  /** What is drawn by: the size of an error, or its rank. */
  readonly by: 'size' | 'rank';
  /** By slot: of sizes the mass, of ranks p. */
  readonly priorities: Float64Array;
  /** The slots that can be drawn, by rank; null where ranks do not matter. */
  readonly order: Int32Array | null;
  /** How often a rank may change before all are put in order again; 0 where ranks do not matter. */
  readonly left: number;
}

/** x^a for x ≥ 0, in less than half the time of `**`. */
export const power = (x: number, a: number): number => (a === 0 ? 1 : Math.exp(a * Math.log(x)));
