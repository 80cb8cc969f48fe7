import type { Tensor } from '@tensorflow/tfjs-core';
import { adam, sgd, type Optimiser } from '@troupe/networks';
import type { MaddpgConfig } from './settings.js';

type AnyOptimiser = Optimiser<Readonly<Record<string, Tensor>>>;

/** The rule by which each role learns. */
export const optimisersOf = (config: MaddpgConfig): Readonly<Record<'actor' | 'critic', AnyOptimiser>> => {
  const optimiser = (learningRate: number): AnyOptimiser =>
    config.optimiser === 'adam' ? adam({ learningRate, epsilon: config.adamEpsilon }) : sgd({ learningRate });
  return { actor: optimiser(config.learningRateActor), critic: optimiser(config.learningRateCritic) };
};
