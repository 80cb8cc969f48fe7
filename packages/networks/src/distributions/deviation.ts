import * as tf from '@tensorflow/tfjs-core';

/** How a number that a network learns becomes the standard deviation of a Gaussian. */
export interface Deviation {
  /** log sd from the raw number, element by element. */
  log(raw: tf.Tensor2D): tf.Tensor2D;
  /** d log sd / d raw. */
  slope(raw: tf.Tensor2D): tf.Tensor2D;
  /** Where the raw number begins if it does not depend on the state. */
  readonly initial: number;
}

/** sd = exp(raw): TRPO, PPO (Schulman et al. 2015, 2017), the MAPPO code. Spinning Up begins at −0.5. */
export const logDeviation = (options: { readonly initial?: number } = {}): Deviation => ({
  log: (raw) => raw,
  slope: (raw) => tf.onesLike(raw),
  initial: options.initial ?? 0,
});

/**
 * sd = y · sigmoid(raw / x), so that it never passes y: HARL (Zhong et al. 2024), with x = 1 and y = 0.5. Begins at
 * raw = x, where sd = 0.7311 y.
 */
export const sigmoidDeviation = (options: { readonly x?: number; readonly y?: number } = {}): Deviation => {
  const { x = 1, y = 0.5 } = options;
  return {
    log: (raw) => tf.sub(Math.log(y), tf.softplus(tf.div(raw, -x))),
    slope: (raw) => tf.div(tf.sigmoid(tf.div(raw, -x)), x),
    initial: x,
  };
};

/** sd = exp(clip(raw, low, high)): soft actor-critic (Haarnoja et al. 2018, code). No gradient beyond the limits. */
export const clampedDeviation = (options: { readonly low?: number; readonly high?: number } = {}): Deviation => {
  const { low = -20, high = 2 } = options;
  return {
    log: (raw) => tf.clipByValue(raw, low, high),
    slope: (raw) =>
      tf.mul<tf.Tensor2D>(tf.cast(tf.greaterEqual(raw, low), 'float32'), tf.cast(tf.lessEqual(raw, high), 'float32')),
    initial: 0,
  };
};

/** log sd = low + (high − low)(tanh(raw) + 1)/2: CleanRL's soft actor-critic. The gradient never vanishes altogether. */
export const tanhDeviation = (options: { readonly low?: number; readonly high?: number } = {}): Deviation => {
  const { low = -5, high = 2 } = options;
  const half = (high - low) / 2;
  return {
    log: (raw) => tf.add(tf.mul(tf.tanh(raw), half), low + half),
    slope: (raw) => tf.mul(tf.sub(1, tf.square(tf.tanh(raw))), half),
    initial: 0,
  };
};

/** Parametrisations by name, with the values of their sources. */
export const deviations = {
  log: logDeviation(),
  sigmoid: sigmoidDeviation(),
  clamped: clampedDeviation(),
  tanh: tanhDeviation(),
} as const satisfies Record<string, Deviation>;
