/** Which row follows which within an episode, in a ring of slots. */
export interface Episodes {
  /** Slot of the next row of the same episode; −1 where there is none, or none yet. */
  readonly following: Int32Array;
  /** Slot of the row before of the same episode; −1 where there is none, or none any more. */
  preceding(slot: number): number;
  /** Enters a row that was written to a slot, and returns the slot of the row before, or −1. Rows of an environment come in order. */
  enter(slot: number, env: number, last: number): number;
  /** Rows to come continue no episode that is remembered. */
  cut(): void;
  clear(): void;
  /** The first `size` slots. */
  save(size: number): SavedEpisodes;
  load(saved: SavedEpisodes): void;
}

/** Which row follows which, as plain data. */
export interface SavedEpisodes {
  /** By slot: that of the next row of the episode, or −1. */
  readonly following: Int32Array;
  /** Rows entered so far. */
  readonly entered: number;
  /** Environments in the middle of an episode. */
  readonly envs: readonly number[];
  /** The number of the row that each of them entered last. */
  readonly newest: readonly number[];
}

export const episodes = (capacity: number): Episodes => {
  const following = new Int32Array(capacity).fill(-1);
  const preceding = new Int32Array(capacity).fill(-1);
  /** By environment, in the middle of an episode: the number of its newest row, counted from the first row of all. */
  const newest = new Map<number, number>();
  let entered = 0;
  /** How many rows came after that of a slot. */
  const age = (slot: number): number => (((entered - 1 - slot) % capacity) + capacity) % capacity;
  const clear = (): void => {
    following.fill(-1);
    preceding.fill(-1);
    newest.clear();
    entered = 0;
  };
  return {
    following,
    preceding(slot) {
      const before = preceding[slot]!;
      // Something newer may have been written over it.
      return before >= 0 && age(before) > age(slot) ? before : -1;
    },
    enter(slot, env, last) {
      const row = newest.get(env);
      // Rows are overwritten in the order in which they came: an older one than `capacity` is gone.
      const before = row !== undefined && entered - row < capacity ? row % capacity : -1;
      if (before >= 0) following[before] = slot;
      following[slot] = -1;
      preceding[slot] = before;
      if (last === 0) newest.set(env, entered);
      else if (row !== undefined) newest.delete(env);
      entered += 1;
      return before;
    },
    cut: () => newest.clear(),
    clear,
    save: (size) => ({
      following: following.slice(0, size),
      entered,
      envs: [...newest.keys()],
      newest: [...newest.values()],
    }),
    load(saved) {
      clear();
      following.set(saved.following);
      for (let slot = 0; slot < saved.following.length; slot++) {
        if (following[slot]! >= 0) preceding[following[slot]!] = slot;
      }
      entered = saved.entered;
      saved.envs.forEach((env, k) => newest.set(env, saved.newest[k]!));
    },
  };
};
