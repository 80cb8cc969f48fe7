import { choicesOf, sizeOf, type Space } from '@troupe/core';

/** Features φ(s) of an observation, of which few may be other than zero. */
export interface Features {
  /** F */
  readonly size: number;
  /** At most so many are not zero. */
  readonly most: number;
  /**
   * Writes those that are not zero, by index and value, and returns how many there are. `observation` is one agent's, flat;
   * it begins at `at`.
   */
  write(observation: Float32Array, at: number, index: Int32Array, value: Float64Array): number;
}

/** Features by a function from an observation to F numbers. Throws a RangeError if it gives another number of them. */
export const featuresOf = (
  space: Space,
  size: number,
  phi: (observation: Float32Array) => ArrayLike<number>,
): Features => {
  const width = sizeOf(space);
  return {
    size,
    most: size,
    write(observation, at, index, value) {
      const found = phi(observation.subarray(at, at + width));
      if (found.length !== size) throw new RangeError(`linearQ: expected ${size} features, got ${found.length}`);
      let n = 0;
      for (let i = 0; i < size; i++) {
        if (found[i] === 0) continue;
        index[n] = i;
        value[n++] = found[i]!;
      }
      return n;
    },
  };
};

/** One feature per state, named by `stateOf`. Throws a RangeError for a state that there is not. */
const oneHot = (states: number, stateOf: (observation: Float32Array, at: number) => number): Features => ({
  size: states,
  most: 1,
  write(observation, at, index, value) {
    const state = stateOf(observation, at);
    if (!(Number.isInteger(state) && state >= 0 && state < states)) {
      throw new RangeError(`tabularQ: expected a state in [0, ${states}), got ${String(state)}`);
    }
    index[0] = state;
    value[0] = 1;
    return 1;
  },
});

/** How a world's observations name states, where they do not do so by themselves. */
export interface TableStates {
  /** S */
  readonly count: number;
  /** The state, from 0 to S − 1, that an observation shows. */
  readonly of: (observation: Float32Array) => number;
}

/**
 * The states of an observation space: choices as they are, several counted row-major, a box by its largest component (one-hot
 * observations). Throws a RangeError for hybrid spaces, which name no states.
 */
export const tableOf = (space: Space, states?: TableStates): Features => {
  if (states) {
    const width = sizeOf(space);
    return oneHot(states.count, (seen, at) => states.of(seen.subarray(at, at + width)));
  }
  switch (space.kind) {
    case 'discrete':
      return oneHot(space.n, (seen, at) => seen[at]!);
    case 'multiDiscrete': {
      const { counts } = space;
      return oneHot(
        counts.reduce((a, b) => a * b, 1),
        (seen, at) => counts.reduce((state, n, i) => state * n + seen[at + i]!, 0),
      );
    }
    case 'box': {
      const size = sizeOf(space);
      return oneHot(size, (seen, at) => {
        let best = 0;
        for (let i = 1; i < size; i++) if (seen[at + i]! > seen[at + best]!) best = i;
        return best;
      });
    }
    case 'hybrid':
      throw new RangeError(
        `tabularQ: expected observations that name states, got hybrid ones of ${choicesOf(space)} choices and real numbers; give states: { count, of }`,
      );
  }
};
