// A bundler that leaves out what nobody names must not leave out the backend: weights and learners without another need one.
import './backend.js';
export {
  deviations,
  clampedDeviation,
  logDeviation,
  sigmoidDeviation,
  tanhDeviation,
} from './distributions/deviation.js';
export type { Deviation } from './distributions/deviation.js';
export { distribution } from './distributions/distribution.js';
export type { Distribution, DistributionNoise, DistributionOptions } from './distributions/distribution.js';
export type { Sample } from './distributions/part.js';
export { encode, encodedSize } from './encode.js';
export { gumbel, gumbelSoftmax, maskLogits, modeOneHot, sampleOneHot } from './categorical.js';
export { flat } from './flat.js';
export type { FlatNetwork, WeightEntry } from './flat.js';
export { fromLayers } from './from-layers.js';
export { initialWeight } from './initial.js';
export type { Initialiser } from './initial.js';
export { layerNorm } from './layer-norm.js';
export { activations, gainOf } from './activation.js';
export type { Activation } from './activation.js';
export { mlp } from './mlp.js';
export type { MlpOptions } from './mlp.js';
export { feedForward, recurrent } from './recurrent.js';
export type { RecurrentNetwork, RecurrentOptions, SequenceInput, SequenceOutput } from './recurrent.js';
export { adam, clipByGlobalNorm, clipPerTensor, norm, polyak, sgd } from './optimiser.js';
export type { AdamMoments, AnyOptimiser, Moment, Optimiser } from './optimiser.js';
export { networkSettings } from './settings.js';
export { agentActing } from './agent-acting.js';
export { agentNetwork, networkCopies } from './agent-network.js';
export type { AgentNetwork, NetworkCopies, NetworkSizes, Sharing } from './agent-network.js';
export { descend, optimiserOf } from './descend.js';
export type { Descent } from './descend.js';
export { initialRole, stackRole, unstackRole } from './role.js';
export type { Moments, Part, PartOf, Role, RoleAtRest, TargetedPart, TargetedRole } from './role.js';
export {
  initialObservationMoments,
  moveObservationMoments,
  normaliseObservation,
} from './normalisers/observation-moments.js';
export type { ObservationMoments } from './normalisers/observation-moments.js';
export {
  denormaliseValues,
  initialValueMoments,
  moveValueMoments,
  normaliseValues,
  popArt,
  valueStatistics,
  valueStatisticsAtRest,
} from './normalisers/value-moments.js';
export type { ValueMoments, ValueStatistics } from './normalisers/value-moments.js';
