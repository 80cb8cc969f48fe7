import * as tf from '@tensorflow/tfjs-core';

/** What is added to the logit of a choice that is not permitted: its probability underflows to exactly 0. */
const FORBIDDEN = -1e9;

/** Logits with forbidden choices out of reach. `legal` is 1 where permitted, of the same shape as `logits`. */
export const maskLogits = <T extends tf.Tensor>(logits: T, legal: tf.Tensor | undefined): T =>
  legal === undefined ? logits : tf.add(logits, tf.mul(tf.sub(1, tf.cast(legal, 'float32')), FORBIDDEN));

/** Indices [B] as one-hot rows [B, n]. */
export const oneHot = (index: tf.Tensor1D, n: number): tf.Tensor2D =>
  // tfjs knows no one-hot row of one column.
  n === 1 ? tf.ones([index.shape[0], 1]) : (tf.oneHot(tf.cast(index, 'int32'), n, 1, 0, 'float32') as tf.Tensor2D);

/** The most probable choice as a one-hot row. [B, A] → [B, A]; no gradient. */
export const modeOneHot = (logits: tf.Tensor2D): tf.Tensor2D =>
  oneHot(tf.argMax<tf.Tensor1D>(logits, 1), logits.shape[1]);

/** Standard Gumbel noise from uniforms in [0, 1): −log(−log(u + ε) + ε), ε = 1e-20 against u = 0 and 1. */
export const gumbel = <T extends tf.Tensor>(uniform: T): T =>
  tf.neg(tf.log(tf.add(tf.neg(tf.log(tf.add(uniform, 1e-20))), 1e-20)));

/** A sample as a one-hot row, by the Gumbel-max trick. `noise` is Gumbel. [B, A] → [B, A]; no gradient. */
export const sampleOneHot = (logits: tf.Tensor2D, noise: tf.Tensor2D): tf.Tensor2D => modeOneHot(tf.add(logits, noise));

/**
 * Gumbel-softmax sample. Jang et al. 2017, Maddison et al. 2017. [B, A] → [B, A].
 * `soft` gives softmax((logits + g)/T); `straightThrough` gives the one-hot arg max of it, with the gradient of the soft one.
 */
export const gumbelSoftmax = (x: {
  /** [B, A] */
  readonly logits: tf.Tensor2D;
  /** Gumbel: see `gumbel`. */
  readonly noise: tf.Tensor2D;
  /** T > 0; the lower, the nearer to one-hot. */
  readonly temperature: number;
  /** What goes forward; the gradient is the same. */
  readonly kind: 'soft' | 'straightThrough';
}): tf.Tensor2D => {
  const noisy = tf.add<tf.Tensor2D>(x.logits, x.noise);
  const soft = tf.softmax<tf.Tensor2D>(tf.div(noisy, x.temperature));
  return x.kind === 'soft' ? soft : straightThrough(modeOneHot(soft), soft);
};

/** Forward `hard`, backward `soft`. Bengio et al. 2013. */
const straightThrough = tf.customGrad((...args) => {
  const [hard] = args as unknown as [tf.Tensor, tf.Tensor];
  return {
    value: tf.clone(hard),
    gradFunc: (dy: tf.Tensor) => [tf.zerosLike(dy), dy],
  };
}) as unknown as (hard: tf.Tensor2D, soft: tf.Tensor2D) => tf.Tensor2D;
