import type { F32, Metrics } from '@troupe/core';
import type { Tensor } from '@tensorflow/tfjs-core';
import type { TargetedRole } from '@troupe/networks';
import type { AtRest, Carry, Tree } from '@troupe/runtime';

/** Everything that an update changes: weights, targets and moments by group or team. */
export interface ValueCarry {
  /** What each group or team learns with. */
  readonly [name: string]: TargetedRole;
}

/** What a learner of values knows: plain data at rest. `structuredClone` copies it. */
export interface ValueState<C extends Tree = ValueCarry> {
  /** Weights, targets and moments. */
  readonly carry: Carry<C>;
  /** Updates made so far. */
  readonly updates: number;
  /** How many times `targetEvery` environment steps had passed when the targets last moved. */
  readonly periods: number;
}

/** One group's rows: [B, N, …]. Masks, the state of the world and noise are there only where they are wanted. */
export interface RowInput {
  readonly [column: string]: Tensor;
  readonly observation: Tensor;
  readonly active: Tensor;
  readonly action: Tensor;
  readonly reward: Tensor;
  readonly discount: Tensor;
  readonly nextObservation: Tensor;
  readonly nextActive: Tensor;
}

/**
 * Rows, and what time it is: [2], the number of this update, the factor on step sizes; where
 * a buffer gives importance weights, also `weight` [B].
 */
export interface ValueInput {
  readonly [key: string]: Readonly<Record<string, RowInput>> | Tensor;
  readonly groups: Readonly<Record<string, RowInput>>;
  readonly time: Tensor;
}

/** `metrics` [names of `METRICS`, learners] and `error` [B]. */
export interface ValueOutput {
  readonly [key: string]: Tensor;
  readonly metrics: Tensor;
  readonly error: Tensor;
}
/** What is told of every learner: `value` is the mean prediction, `error` the mean size of the temporal-difference error. */
export const METRICS = ['loss', 'gradNorm', 'value', 'error'] as const;

/** Reads metrics and errors of an output. */
export const reportOf =
  (read: (data: Float32Array) => Metrics) =>
  ({ metrics, error }: AtRest<ValueOutput>): readonly [Metrics, F32] => [
    read(metrics.data as Float32Array),
    error as F32,
  ];
