export { deterministicPolicyLoss, outputPenalty } from './deterministic.js';
export { weightedMean } from './reduce.js';
export { huber, squaredError, tdTarget } from './temporal-difference.js';
