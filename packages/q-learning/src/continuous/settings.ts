import { decode, nonNegative, oneOf, real, type ConfigOf } from '@troupe/core';
import { valueSettings } from '../value-settings.js';

const {
  epsilonStart: _start,
  epsilonEnd: _end,
  epsilonFraction: _fraction,
  epsilonExploit: _exploit,
  ...common
} = valueSettings;

const noises = {
  explorationScale: nonNegative(0.1, 'deviation of the noise, in half ranges of the action'),
  explorationEnd: nonNegative(0.1, 'the same at the end of the run; linear in between'),
};

/** What settings of learners with real actions begin from: soft targets in every update, as is usual for them. */
const soft = {
  ...common,
  hidden: { ...common.hidden, initial: [256, 256] },
  learningRate: { ...common.learningRate, initial: 1e-3 },
  tau: { ...common.tau, initial: 0.005 },
  targetEvery: { ...common.targetEvery, initial: 1 },
  maxGradNorm: { ...common.maxGradNorm, initial: null },
};

/** Settings of `continuousDqn`. */
export const continuousDqnSettings = {
  ...soft,
  double: oneOf(
    ['no', 'online'],
    'no',
    'whose best next action the target network values: its own (QT-Opt), or that of the online network',
  ),
  exploration: oneOf(['gaussian', 'ornsteinUhlenbeck', 'none'], 'gaussian', 'noise on the actions while exploring'),
  ...noises,
} as const;
/** Settings of `continuousDqn`. */
export type ContinuousDqnConfig = ConfigOf<typeof continuousDqnSettings>;
/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeContinuousDqn = decode(continuousDqnSettings);

/** Settings of `naf`. */
export const nafSettings = {
  ...soft,
  hidden: { ...soft.hidden, initial: [200, 200] },
  maxGradNorm: { ...common.maxGradNorm, initial: 1 },
  factorLow: real(-5, 'least of the raw diagonal of L, before exp'),
  factorHigh: real(5, 'most of it'),
  exploration: oneOf(
    ['precision', 'gaussian', 'ornsteinUhlenbeck', 'none'],
    'gaussian',
    'noise while exploring: precision has the covariance explorationScale² P⁻¹, wide where the value is flat (Gu et al. 2016, section 4); the others know the range of the action only',
  ),
  explorationScale: nonNegative(
    1,
    'deviation of the noise, in half ranges of the action; wide at first, since what happens near μ alone does not tell where the value is largest',
  ),
  explorationEnd: noises.explorationEnd,
} as const;
/** Settings of `naf`. */
export type NafConfig = ConfigOf<typeof nafSettings>;
/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeNaf = decode(nafSettings);
