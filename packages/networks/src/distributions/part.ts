import * as tf from '@tensorflow/tfjs-core';

/** What a part is asked about: its columns of the network's output, and of the legal-action mask. */
export interface Seen {
  /** [B, width] */
  readonly output: tf.Tensor2D;
  /** [B, choices]; 1 where permitted. */
  readonly legal: tf.Tensor2D | undefined;
}

/** A draw and its log-probability, both differentiable as far as the draw is reparameterised. */
export interface Sample {
  /** [B, actionSize] */
  readonly action: tf.Tensor2D;
  /** [B] */
  readonly logProb: tf.Tensor1D;
}

/** The distribution of one part of an action: one choice, or one block of real numbers. Shapes: B rows. */
export interface Part {
  /** Columns of the network's output. */
  readonly width: number;
  /** Columns of the action. */
  readonly actionSize: number;
  /** Columns of the mask, and of uniform noise. */
  readonly choices: number;
  /** Columns of normal noise. */
  readonly normals: number;
  /** `drawn` takes the place of the real numbers of an action: as they were before squashing or clipping. */
  logProb(seen: Seen, action: tf.Tensor2D, drawn?: tf.Tensor2D): tf.Tensor1D;
  entropy(seen: Seen): tf.Tensor1D;
  kl(old: Seen, now: Seen): tf.Tensor1D;
  mode(seen: Seen): tf.Tensor2D;
  sample(seen: Seen, noise: tf.Tensor2D): Sample;
  fisher(seen: Seen, v: tf.Tensor2D): tf.Tensor2D;
  decoded(output: tf.Tensor2D): tf.Tensor2D;
}

/** Columns of x by width. */
export const splitColumns = (x: tf.Tensor2D, widths: readonly number[]): readonly tf.Tensor2D[] =>
  widths.length === 1 ? [x] : tf.split<tf.Tensor2D>(x, [...widths], 1);

/** Columns side by side. */
export const joinColumns = (parts: readonly tf.Tensor2D[]): tf.Tensor2D =>
  parts.length === 1 ? parts[0]! : tf.concat2d([...parts], 1);

/**
 * eˣ − 1 − x ≥ 0, accurate near 0, where the plain form cancels: divergences of nearby distributions are sums of it.
 * `scale` and `scaledExp` = scale · eˣ give scale · (eˣ − 1 − x) without overflow where the scale is tiny.
 */
export const excess = (x: tf.Tensor2D, scale?: tf.Tensor2D, scaledExp?: tf.Tensor2D): tf.Tensor2D => {
  const half = tf.add(tf.mul(x, tf.add(tf.mul(x, tf.add(tf.mul(x, 1 / 120), 1 / 24)), 1 / 6)), 0.5);
  const series = tf.mul<tf.Tensor2D>(tf.square(x), half);
  const near = tf.less(tf.abs(x), 0.1);
  if (scale === undefined || scaledExp === undefined) {
    return tf.where(near, series, tf.sub<tf.Tensor2D>(tf.sub(tf.exp(x), 1), x));
  }
  return tf.where(near, tf.mul(scale, series), tf.sub(tf.sub(scaledExp, scale), tf.mul(scale, x)));
};
