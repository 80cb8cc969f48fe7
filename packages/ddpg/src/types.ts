import type { Tensor } from '@tensorflow/tfjs-core';
import type { TargetedRole } from '@troupe/networks';
import type { RewardMoments } from './reward-scaling.js';

/** Weights and moments of one role by group, agents of a group one under the other. */
export type MaddpgRole = Readonly<Record<string, TargetedRole>>;

/** Everything that an update changes. */
export interface MaddpgCarry {
  readonly [role: string]: MaddpgRole | RewardMoments;
  /** By group: weights, targets and moments [C, P] of its actors; C is the number of agents. */
  readonly actor: MaddpgRole;
  /** The same of its critics. */
  readonly critic: MaddpgRole;
}

/** One group's rows: [B, N, …]. Masks and noise are there only where they are wanted. */
export interface GroupInput {
  readonly [column: string]: Tensor;
  readonly observation: Tensor;
  readonly active: Tensor;
  readonly action: Tensor;
  readonly reward: Tensor;
  readonly discount: Tensor;
  readonly nextObservation: Tensor;
}

/** Scalars: the number of this update, 1 or 0 for moving the targets or not, and what multiplies the learning rates. */
export interface MaddpgInput {
  readonly [key: string]: Readonly<Record<string, GroupInput>> | Tensor;
  readonly groups: Readonly<Record<string, GroupInput>>;
  readonly updates: Tensor;
  readonly move: Tensor;
  readonly rate: Tensor;
}

/** [5, agents]: rows as `METRICS` names them, agents in group and slot order. */
export interface MaddpgOutput {
  readonly [key: string]: Tensor;
  readonly metrics: Tensor;
}
/** Rows of `MaddpgOutput.metrics`. */
export const METRICS = ['criticLoss', 'policyLoss', 'criticGradNorm', 'policyGradNorm', 'targetQ'] as const;

/** Noise of one update, by what it is for. */
export const NOISES = ['ownNoise', 'nextNoise', 'othersNoise'] as const;
