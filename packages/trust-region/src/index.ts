export { happo, hatrpo, ippo, mappo, ppo, trpo } from './algorithms.js';
export type { PpoOptions, TrpoOptions } from './algorithms.js';
export { a2c, a2cSettings, decodeA2c, decodeMaa2c, maa2c, maa2cSettings } from './a2c.js';
export type { A2cConfig, A2cOptions } from './a2c.js';
export { coma } from './coma.js';
export type { ComaOptions } from './coma.js';
export { comaSettings, decodeComa } from './coma-settings.js';
export type { ComaConfig } from './coma-settings.js';
export type { ComaCarry, ComaState } from './coma-step.js';
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
export type { PpoConfig, TrpoConfig } from './settings.js';
export type { TrustRegionState } from './state.js';
export type { NetworkSizes, TrustRegionNetworks } from './teams.js';
export type { ActorCarry, CriticCarry } from './types.js';
