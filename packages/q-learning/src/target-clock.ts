import type { Clock } from '@troupe/core';

/** When targets move, and how far. */
export interface TargetSettings {
  readonly tau: number;
  readonly targetEvery: number;
  readonly targetClock: 'updates' | 'steps';
  /** Share of the step size that is left at the end of a run. */
  readonly learningRateEnd?: number;
}

/** What a learner state remembers of time. */
export interface TargetTime {
  readonly updates: number;
  /** How many times `targetEvery` environment steps had passed when the targets last moved. */
  readonly periods: number;
}

/** Do targets follow in every update, inside the step? */
export const followsAlways = ({
  targetEvery,
  targetClock,
}: Pick<TargetSettings, 'targetEvery' | 'targetClock'>): boolean => targetEvery === 1 && targetClock === 'updates';

/** The moment of an update. */
export interface UpdateTime extends TargetTime {
  /** Share of the online weights that targets take on after it. */
  readonly move: number;
  /** Factor on the step size. */
  readonly rate: number;
}

/**
 * The moment of the next update. Targets take on `tau` of the online weights in every `targetEvery`-th update, or in the
 * first update after every `targetEvery` environment steps; else nothing.
 */
export const targetClock = ({ tau, targetEvery, targetClock: unit, learningRateEnd = 1 }: TargetSettings) => {
  const inSteps = unit === 'steps';
  return (state: TargetTime, { steps, total }: Clock): UpdateTime => {
    const updates = state.updates + 1;
    const periods = inSteps ? Math.floor(steps / targetEvery) : 0;
    const moves = inSteps ? periods > state.periods : updates % targetEvery === 0;
    const rate = 1 + (learningRateEnd - 1) * Math.min(1, steps / total);
    return { updates, periods, move: moves ? tau : 0, rate };
  };
};
