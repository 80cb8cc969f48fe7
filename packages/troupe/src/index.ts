/**
 * Multi-agent reinforcement learning for TypeScript in one import: what most programs need. Everything else is in the
 * packages `@troupe/…` that this one gathers.
 *
 * @module
 */
export { fastestRuntime } from './runtime.js';
export { eager } from '@troupe/runtime';
export type { Runtime } from '@troupe/runtime';
export {
  asOneAgent,
  assertEnv,
  box,
  checkEnv,
  defineEnv,
  defineSingleAgentEnv,
  discrete,
  evaluate,
  hybrid,
  independent,
  multiDiscrete,
  offPolicy,
  onPolicy,
  randomPolicy,
  rng,
  scripted,
  shareReward,
  timeLimit,
  vectorize,
} from '@troupe/core';
export type {
  Batch,
  Buffer,
  Critic,
  Env,
  Evaluation,
  Group,
  Groups,
  Learner,
  Network,
  Policies,
  Policy,
  Progress,
  Rng,
  Rollout,
  Scene,
  Snapshot,
  Space,
  Training,
  VecEnv,
} from '@troupe/core';
export { fromLayers, mlp } from '@troupe/networks';
export { prioritised, replay, sequenceReplay } from '@troupe/buffers';
export { maddpg } from '@troupe/ddpg';
export type { MaddpgOptions, MaddpgState } from '@troupe/ddpg';
export { a2c, coma, happo, hatrpo, ippo, maa2c, mappo, ppo, trpo } from '@troupe/trust-region';
export type {
  A2cOptions,
  ComaOptions,
  ComaState,
  PpoOptions,
  TrpoOptions,
  TrustRegionState,
} from '@troupe/trust-region';
export {
  adversarial,
  chasePrey,
  fleePrey,
  foodCollect,
  grassland,
  populationSpread,
  simple,
  simpleAdversary,
  simpleCrypto,
  simplePush,
  simpleReference,
  simpleSpeakerListener,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
  spreadAssignment,
} from '@troupe/particle-world';
export { animateScenes, learningCurve, record, replayRecording, sceneToSvg } from '@troupe/report';
export type { LearningCurve, Recording } from '@troupe/report';
