import type { Tensor } from '@tensorflow/tfjs-core';
import type { ValueMoments } from '@troupe/networks';

/** One actor between updates: weights [P], moments of the optimiser, and how many steps by gradient it has taken []. */
export type ActorCarry = {
  readonly theta: Tensor;
  readonly updates: Tensor;
  readonly moments?: Readonly<Record<string, Tensor>>;
};

/** One critic between updates: as an actor, and the moments of what it predicts where these are kept. */
export type CriticCarry = ActorCarry & { readonly norm?: ValueMoments };

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
