export type { MaddpgNetworks, NetworkSizes } from './agents.js';
export { maddpg } from './maddpg.js';
export type { MaddpgOptions, MaddpgState } from './maddpg.js';
export { decodeMaddpg, maddpgSettings } from './settings.js';
export type { MaddpgConfig } from './settings.js';
export type { MaddpgCarry, MaddpgRole } from './step.js';
export type { RewardMoments } from './reward-scaling.js';
