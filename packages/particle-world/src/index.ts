export { particleEnv } from './particle-env.js';
export type { ParticleActions, ParticleEnv, ParticleSettings } from './particle-env.js';
export type { Physics } from './physics.js';
export type { Scenario } from './scenario.js';
export type { WorldState } from './state.js';
export type { AgentBody, Cast, Colour, LandmarkBody, World } from './world.js';
export type { ActionSpace } from './spaces.js';
export { simpleSpread } from './scenarios/simple-spread.js';
export type { SpreadGroups, SpreadOptions } from './scenarios/simple-spread.js';
