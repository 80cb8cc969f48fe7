import type { Groups, VecEnv } from '@troupe/core';

type Make<S = object> = (settings: S & { readonly numEnvs: number }) => VecEnv<Groups>;

export const makeGathering: Make<{ readonly length?: number }>;
export const makeTag: Make;
export const makeSpread: Make<{ readonly maxCycles: number }>;
export const makeHerd: Make;
export const makeFragile: Make<{ readonly at: 'make' | 'step' | 'hang' }>;
export const makeUneven: Make;
export const makeLater: Make;
