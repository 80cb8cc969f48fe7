export { discountedReturns, gae, normalised } from './advantages.js';
export type { Worth } from './advantages.js';
export { deterministicPolicyLoss, outputPenalty } from './deterministic.js';
export { weightedMean } from './reduce.js';
export { clippedSurrogate, clippedValueLoss, surrogate } from './surrogate.js';
export { huber, squaredError, tdTarget } from './temporal-difference.js';
export { conjugateGradient, gaussNewton } from './trust-region.js';
export type { ConjugateGradient } from './trust-region.js';
