import * as tf from '@tensorflow/tfjs-core';

/** Numbers that a network puts out for A action components: V, then μ, then L row by row, without what is above its diagonal. */
export const nafOutputs = (size: number): number => 1 + size + (size * (size + 1)) / 2;

/** The three heads of R rows. */
export interface NafForm {
  /** [R]; V(s) */
  readonly value: tf.Tensor1D;
  /** [R, A]; μ(s), the best action */
  readonly mean: tf.Tensor2D;
  /** [R, A, A]; L(s): lower triangular, its diagonal positive. P = L Lᵀ. */
  readonly factor: tf.Tensor3D;
}

/** Where actions may lie; ±∞ where they are not bounded. */
interface Bounds {
  readonly low: readonly number[];
  readonly high: readonly number[];
}

/** tanh into the bounds; components without finite bounds are taken as they are. */
const intoBounds = (raw: tf.Tensor2D, { low, high }: Bounds): tf.Tensor2D => {
  const finite = low.map((l, i) => (Number.isFinite(l) && Number.isFinite(high[i]!) ? 1 : 0));
  if (!finite.includes(1)) return raw;
  const half = tf.tensor2d([low.map((l, i) => (finite[i] ? (high[i]! - l) / 2 : 0))]);
  const middle = tf.tensor2d([low.map((l, i) => (finite[i] ? (high[i]! + l) / 2 : 0))]);
  const squashed = tf.add<tf.Tensor2D>(tf.mul(tf.tanh(raw), half), middle);
  return finite.includes(0) ? tf.add(squashed, tf.mul(raw, tf.tensor2d([finite.map((f) => 1 - f)]))) : squashed;
};

/** The heads of an output [R, `nafOutputs`]. The raw diagonal of L is clipped to [`clip`] before exp. */
export const nafForm = (output: tf.Tensor2D, bounds: Bounds, clip: readonly [number, number]): NafForm => {
  const size = bounds.low.length;
  const [rows, entries] = [output.shape[0], (size * (size + 1)) / 2];
  const [value, mean, raw] = tf.split<tf.Tensor2D>(output, [1, size, entries], 1);
  // Where each entry goes in the matrix, and which of them lie on its diagonal.
  const place = new Float32Array(entries * size * size);
  const diagonal = new Float32Array(entries);
  for (let i = 0, k = 0; i < size; i++) {
    for (let j = 0; j <= i; j++, k++) {
      place[k * size * size + i * size + j] = 1;
      if (i === j) diagonal[k] = 1;
    }
  }
  const onDiagonal = tf.tensor2d(diagonal, [1, entries]);
  const positive = tf.mul(tf.exp(tf.clipByValue(raw!, ...clip)), onDiagonal);
  const filled = tf.add<tf.Tensor2D>(tf.mul(raw!, tf.sub(1, onDiagonal)), positive);
  return {
    value: tf.reshape(value!, [rows]),
    mean: intoBounds(mean!, bounds),
    factor: tf.reshape(tf.matMul(filled, tf.tensor2d(place, [entries, size * size])), [rows, size, size]),
  };
};

/**
 * Q(s, a) = V(s) − ½ (a − μ)ᵀ L Lᵀ (a − μ): the normalised advantage function. Gu et al. 2016, equations 7 and 8. Shapes:
 * R rows, `action` [R, A].
 */
export const nafValue = ({ value, mean, factor }: NafForm, action: tf.Tensor2D): tf.Tensor1D => {
  const apart = tf.expandDims<tf.Tensor3D>(tf.sub(action, mean), 1);
  const stretched = tf.matMul(apart, factor);
  return tf.sub(value, tf.mul(tf.sum<tf.Tensor1D>(tf.square(stretched), [1, 2]), 0.5));
};

/** x with Lᵀ x = z, by substitution from below: if z is standard normal, x has the covariance P⁻¹. [R, A, A], [R, A] → [R, A]. */
export const withPrecision = (factor: tf.Tensor3D, z: tf.Tensor2D): tf.Tensor2D => {
  const [rows, size] = z.shape;
  const entry = (i: number, j: number): tf.Tensor2D => tf.reshape(tf.slice(factor, [0, i, j], [rows, 1, 1]), [rows, 1]);
  const columns = tf.split<tf.Tensor2D>(z, size, 1);
  const x: tf.Tensor2D[] = [];
  for (let i = size - 1; i >= 0; i--) {
    let rest = columns[i]!;
    for (let j = i + 1; j < size; j++) rest = tf.sub(rest, tf.mul(entry(j, i), x[j]!));
    x[i] = tf.div(rest, entry(i, i));
  }
  return size === 1 ? x[0]! : tf.concat2d(x, 1);
};
