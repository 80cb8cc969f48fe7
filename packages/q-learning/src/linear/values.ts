import type { LinearCrew } from './state.js';

/** Features of one observation, in arrays that are kept. */
export interface Seen {
  readonly index: Int32Array;
  readonly value: Float64Array;
  count: number;
}

export const emptySeen = ({ features }: LinearCrew): Seen => ({
  index: new Int32Array(features.most),
  value: new Float64Array(features.most),
  count: 0,
});

/** φ(s) · w, weights of one choice beginning at `at`. */
export const dot = ({ index, value, count }: Seen, weights: Float64Array, at: number): number => {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += value[i]! * weights[at + index[i]!]!;
  return sum;
};

/** Q(s, ·) of an agent whose weights begin at `at`. */
export const valuesInto = (
  { choices, features }: LinearCrew,
  seen: Seen,
  weights: Float64Array,
  at: number,
  out: Float64Array,
): Float64Array => {
  for (let a = 0; a < choices; a++) out[a] = dot(seen, weights, at + a * features.size);
  return out;
};
