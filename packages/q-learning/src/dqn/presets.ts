import type { DqnConfig } from './settings.js';

/**
 * Rainbow as settings. Hessel et al. 2018 (arXiv 1710.02298), table 1: double, dueling, distributional and noisy, with
 * Adam's step size and ε from there; what remains is the buffer's: three steps and prioritised draws with α = ½, β from 0.4
 * to 1. The support is that of Atari's clipped rewards: give your own.
 */
export const rainbow = {
  double: 'online',
  dueling: true,
  distributional: true,
  atoms: 51,
  supportLow: -10,
  supportHigh: 10,
  noisy: true,
  noiseStart: 0.5,
  epsilonStart: 0,
  epsilonEnd: 0,
  learningRate: 6.25e-5,
  adamEpsilon: 1.5e-4,
  maxGradNorm: 10,
  discount: 0.99,
  tau: 1,
  targetEvery: 8000,
  targetClock: 'steps',
} as const satisfies Partial<DqnConfig>;
