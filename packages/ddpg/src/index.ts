export type { MaddpgNetworks } from './agents.js';
export { maddpg } from './maddpg.js';
export type { MaddpgOptions } from './maddpg.js';
export type { MaddpgState } from './state.js';
export { decodeMaddpg, maddpgSettings } from './settings.js';
export type { MaddpgConfig } from './settings.js';
export type { MaddpgCarry, MaddpgRole } from './types.js';
export type { RewardMoments } from './reward-scaling.js';
