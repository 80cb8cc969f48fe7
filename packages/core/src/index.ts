export { box, boundOf, choicesOf, discrete, hybrid, multiDiscrete, shapeOf, sizeOf } from './space.js';
export type { ActionArray, Box, Discrete, Emits, Hybrid, MultiDiscrete, Receives, Space } from './space.js';
export { defineEnv, defineSingleAgentEnv } from './env.js';
export type {
  Actions,
  Env,
  Group,
  Groups,
  GroupsActing,
  LegalActions,
  Observations,
  PerAgent,
  Rewards,
  Roster,
  SingleAgent,
  SoloEnv,
  Step,
} from './env.js';
export { actionArray, emptyAction, emptyActions, idsOf, mapGroups, slotsOf } from './vec.js';
export type {
  F32,
  GroupAction,
  GroupObservation,
  I32,
  JointAction,
  JointObservation,
  MaybePromise,
  U8,
  VecEnv,
  VecStep,
} from './vec.js';
export type { ArrayKind, Streamed, TypedArray } from './streamed.js';
export { copyFrame, stepArrays } from './step-arrays.js';
export type { FrameArrays, FrameParts, StepArrays } from './step-arrays.js';
export type { Scene, Shape } from './scene.js';
export { vectorize } from './vectorize/vectorize.js';
export type { LocalVecEnv } from './vectorize/vectorize.js';
export { agentIds, mapObservations, mapRewards, scaleRewards, shareReward, timeLimit } from './wrappers.js';
export type { WithObservation, Wrapper } from './wrappers.js';
export { repeatAction } from './repeat-action.js';
export { assertEnv, checkEnv } from './check/check-env.js';
export type { Checkable, CheckOptions, Problem } from './check/check-env.js';
export type { Rule } from './check/breach.js';
export { schema } from './schema.js';
export type { Schema, SchemaEntry, SchemaPart } from './schema.js';
export { rng } from './rng.js';
export type { Rng, RngState } from './rng.js';
export type {
  Act,
  Acting,
  ActingInput,
  ActingOutput,
  Batch,
  Buffer,
  Clock,
  Critic,
  Episode,
  Extras,
  GroupBatch,
  HeadPart,
  Learner,
  Metrics,
  Mode,
  Network,
  Params,
  Policies,
  Policy,
  Progress,
  Rollout,
  Updated,
  Snapshot,
  Training,
  Weights,
} from './learn.js';
export { defineLearner } from './define-learner.js';
export type { Experiences } from './define-learner.js';
export { requireGroups, requireOptions } from './require.js';
export { asOneAgent } from './as-one-agent.js';
export type { ControllerGroups } from './as-one-agent.js';
export { copyInto, elementOffsets, elements, hasShape, isContiguous } from './strided.js';
export type { Layout } from './strided.js';
export {
  count,
  decode,
  describe,
  field,
  flag,
  fraction,
  nonNegative,
  oneOf,
  optional,
  orThrow,
  positive,
  real,
  requireKnown,
  widths,
} from './config.js';
export type { ConfigIssue, ConfigOf, Field, Fields } from './config.js';
export { offPolicy } from './loops/off-policy.js';
export type { OffPolicyRun } from './loops/off-policy.js';
export { onPolicy } from './loops/on-policy.js';
export type { OnPolicyRun } from './loops/on-policy.js';
export { bootstrapMean, evaluate } from './loops/evaluate.js';
export type { Estimate, Evaluation } from './loops/evaluate.js';
export { independent, only } from './loops/combine.js';
export type { ExperienceOf, GroupsOf, LearnersByGroup, StatesOf } from './loops/combine.js';
export { policiesOf, randomPolicy, scripted } from './policies.js';
export { actingPolicy } from './acting/acting-policy.js';
export type { Choosing } from './acting/decode-row.js';
export { epsilonGreedy, gaussianNoise, linearSchedule, ornsteinUhlenbeckNoise } from './acting/explore.js';
export type { Explore, Schedule } from './acting/explore.js';
export { drawnSizeOf, headOf, outputSizeOf, partSize, stochasticHeadOf } from './acting/head.js';
export { metricsReader } from './metrics.js';
export { noiseSource } from './noise.js';
export type { Draw, NoiseShape } from './noise.js';
export type { NumberArray } from './strided.js';
export type { Emitting } from './wrappers.js';
