import type { Tensor } from '@tensorflow/tfjs-core';
import type { TargetedRole } from '@troupe/networks';

/** Weights, targets and moments of one group: [C · T, P], sets of weights one under the other, twins side by side. */
export type DqnRole = TargetedRole & {
  /** [C · T]; how often each twin has learnt. */
  readonly counts?: Tensor;
};

/** Everything that an update changes, by group. */
export interface DqnCarry {
  /** What each group learns with. */
  readonly [group: string]: DqnRole;
}

/** What cannot be put into one array with the rest: [B, N, …] as the buffer holds it; noise [C, 3, K]. */
export interface DqnGroupInput {
  readonly [column: string]: Tensor;
  readonly observation: Tensor;
  readonly nextObservation: Tensor;
}

/** `packed`: small columns of all groups and the scalars, in one array: a native call pays for every array by itself. */
export interface DqnInput {
  readonly [key: string]: Readonly<Record<string, DqnGroupInput>> | Tensor;
  readonly groups: Readonly<Record<string, DqnGroupInput>>;
  readonly packed: Tensor;
}

/** By group errors [C · R], predictions [C · R], losses [C], gradient norms [C], one after another. */
export interface DqnOutput {
  readonly [key: string]: Tensor;
  readonly report: Tensor;
}

/** The end of `packed`: number of the update, factor on the learning rate, which twin learns. */
export const SCALARS = ['updates', 'rate', 'coin'] as const;

/** Which pass each row of noise is for: one draw per update each, so that they are independent. */
export const NOISE_ROWS = ['online', 'target', 'choice'] as const;
