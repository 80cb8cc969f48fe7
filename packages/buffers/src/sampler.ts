import type { Clock, F32, Rng } from '@troupe/core';

/**
 * Chooses what is drawn. It knows slots, not what lies in them: rows, or beginnings of sequences. `uniform` and
 * `prioritised` make samplers; one of your own is an object of this kind.
 */
export interface Sampler {
  /** Whether draws have weights and want to know errors. */
  readonly weighs: boolean;
  /** Slots that can be drawn. */
  readonly size: number;
  /**
   * New rows lie in `count` slots from `first` on (not round the end), in place of those that lay there: they can be drawn
   * from now on.
   */
  put(first: number, count: number): void;
  /** The slot can no longer be drawn. */
  drop(slot: number): void;
  /** Fills `slots`, and `weights` (as many) if it weighs. There is something to draw. */
  draw(slots: Int32Array, weights: Float32Array, rng: Rng, clock: Clock | undefined): void;
  /** How wrong a learner was about the rows of these slots. */
  prioritise?(slots: Int32Array, error: F32): void;
  /** Forgets all slots. */
  clear(): void;
  /** Plain data that the caller owns. */
  save(): unknown;
  /** Continues from what `save` returned, which is copied. */
  load(saved: unknown): void;
}

/** Makes the sampler of a buffer with so many slots. */
export type Sampling = (capacity: number) => Sampler;
