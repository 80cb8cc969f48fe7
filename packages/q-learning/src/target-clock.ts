import type { Clock } from '@troupe/core';

/** When targets move, and how far. */
export interface TargetSettings {
  readonly tau: number;
  readonly targetEvery: number;
  readonly targetClock: 'updates' | 'steps';
}

/** What a learner state remembers of time. */
export interface TargetTime {
  readonly updates: number;
  /** How many times `targetEvery` environment steps had passed when the targets last moved. */
  readonly periods: number;
}

/**
 * Time after the next update, and the share of the online weights that targets take on after it: `tau` in every
 * `targetEvery`-th update, or in the first update after every `targetEvery` environment steps; else 0.
 */
export const targetClock = ({ tau, targetEvery, targetClock: unit }: TargetSettings) => {
  const inSteps = unit === 'steps';
  return (state: TargetTime, { steps }: Clock): TargetTime & { readonly move: number } => {
    const updates = state.updates + 1;
    const periods = inSteps ? Math.floor(steps / targetEvery) : 0;
    const moves = inSteps ? periods > state.periods : updates % targetEvery === 0;
    return { updates, periods, move: moves ? tau : 0 };
  };
};
