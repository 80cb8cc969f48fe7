import type { Tensor } from '@tensorflow/tfjs-core';
import type { ValueMoments } from '@troupe/networks';

/** One actor between updates. */
export type ActorCarry = {
  /** [P]; all weights, the deviations of real-valued actions last. */
  readonly theta: Tensor;
  /** []; how many steps by gradient it has taken. Trust-region steps do not count: it stays 0. */
  readonly updates: Tensor;
  /** [P] each, zero at the beginning: what the optimiser remembers. Absent for SGD and for trust-region steps. */
  readonly moments?: Readonly<Record<string, Tensor>>;
};

/** One critic between updates. */
export type CriticCarry = ActorCarry & {
  /** Running moments of returns, in units of the reward, zero at the beginning. Absent with `valueNorm: 'none'`. */
  readonly norm?: ValueMoments;
};

/** What one actor learns from: B rows of its n agents (n = 1 where each has an actor of its own). */
export type ActorRows = {
  /** [B, n, …observation] */
  readonly observation: Tensor;
  /** [B, n, …action] */
  readonly action: Tensor;
  /** [B, n, D]; what normal distributions gave before clipping. Absent where nothing was drawn or remembered. */
  readonly drawn?: Tensor;
  /** [B, n, A] */
  readonly legal?: Tensor;
  /** [B, n]; log-probability when acting. Absent where it was not remembered: then that of the policy before the update. */
  readonly logProb?: Tensor;
  /** [B, n, H]; what was remembered before the row, for actors with memory. */
  readonly memory?: Tensor;
  /** [B, n]; 1 where an episode begins with the row, for actors with memory: rows are sequences, step by step. */
  readonly started?: Tensor;
  /** [B, n]; normalised, times the compound factor. */
  readonly advantage: Tensor;
  /** [B, n] */
  readonly active: Tensor;
};

/** What a critic is given: the state, or observations by group. */
export type CriticRows = {
  /** [B, …state] */
  readonly state?: Tensor;
  /** [B, n, …observation] by group. */
  readonly observation?: Readonly<Record<string, Tensor>>;
  /** [B, n, H]; what was remembered before the row, for critics with memory. */
  readonly memory?: Tensor;
  /** [B, n]; 1 where an episode begins with the row, for critics with memory. */
  readonly started?: Tensor;
};
