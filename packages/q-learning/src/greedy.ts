/**
 * The most valuable permitted choice of `n` values from `at` on: the lowest index among equals. 0 where nothing is
 * permitted: a dead agent, whose action is ignored. `legal` is 1 where permitted, from `mask` on.
 */
export const greedyChoice = (
  values: Float32Array | Float64Array,
  at: number,
  n: number,
  legal?: Uint8Array,
  mask = 0,
): number => {
  let best = -1;
  for (let i = 0; i < n; i++) {
    if (legal !== undefined && legal[mask + i] === 0) continue;
    if (best < 0 || values[at + i]! > values[at + best]!) best = i;
  }
  return Math.max(best, 0);
};
