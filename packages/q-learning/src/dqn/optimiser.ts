import type { Tensor } from '@tensorflow/tfjs-core';
import { adam, sgd, type Optimiser } from '@troupe/networks';
import type { DqnConfig } from './settings.js';

/** The rule by which values learn. */
export const optimiserOf = ({
  optimiser,
  learningRate,
  adamEpsilon,
}: DqnConfig): Optimiser<Readonly<Record<string, Tensor>>> =>
  optimiser === 'adam' ? adam({ learningRate, epsilon: adamEpsilon }) : sgd({ learningRate });
