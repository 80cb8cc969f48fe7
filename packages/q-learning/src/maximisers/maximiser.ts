import type * as tf from '@tensorflow/tfjs-core';
import type { NoiseShape } from '@troupe/core';

/** Worth of N candidates for each of S problems at once, so that a network runs once on S·N rows: [S, N, A] → [S, N]. */
export type Scorer = (candidates: tf.Tensor3D) => tf.Tensor2D;

/** S problems of one box: the best of A numbers for each. */
export interface MaximiserProblem {
  /** Gives the candidates of all problems their values. */
  readonly score: Scorer;
  /** S */
  readonly problems: number;
  /** [A], finite */
  readonly low: readonly number[];
  /** [A], finite */
  readonly high: readonly number[];
  /** As `Maximiser.noise` asks for it. */
  readonly noise: tf.Tensor;
  /** [S, A]; where the search begins. Default: the middle of the box. */
  readonly start?: tf.Tensor2D;
}

/** One argument per problem, and its score. */
export interface Found {
  /** [S, A], within the box. */
  readonly action: tf.Tensor2D;
  /** [S] */
  readonly value: tf.Tensor1D;
}

/** What a search comes back with. */
export interface Maximum extends Found {
  /** What the search believes at its end, by name, for those that are curious. */
  readonly search: Readonly<Record<string, tf.Tensor>>;
}

/**
 * Finds good arguments of a function that can only be asked for values. Pure, in plain tfjs, for use inside a step: the
 * whole search becomes part of one native call. No gradient flows through it.
 */
export interface Maximiser {
  /** The noise of a search of `problems` problems in `size` numbers: [S, iterations, N, A]. */
  noise(problems: number, size: number): NoiseShape;
  /** The best argument found for each problem. */
  maximise(problem: MaximiserProblem): Maximum;
  /** Evaluations per problem. */
  readonly evaluations: (size: number) => number;
}
