export { happo, hatrpo, ippo, mappo, ppo, trpo } from './algorithms.js';
export type { PpoOptions, TrpoOptions } from './algorithms.js';
export type { LearnerOptions, UpdateReport } from './learner.js';
export type { Attempt } from './natural-rule.js';
export {
  decodeHappo,
  decodeHatrpo,
  decodeIppo,
  decodeMappo,
  decodePpo,
  decodeTrpo,
  happoSettings,
  hatrpoSettings,
  ippoSettings,
  mappoSettings,
  ppoSettings,
  trpoSettings,
} from './settings.js';
export type { CommonConfig, PpoConfig, TrpoConfig } from './settings.js';
export type { TrustRegionState } from './state.js';
export type { NetworkSizes, TrustRegionNetworks } from './teams.js';
export type { ActorCarry, CriticCarry } from './types.js';
