import {
  decode,
  flag,
  nonNegative,
  orThrow,
  type ConfigOf,
  type Groups,
  type Learner,
  type Rollout,
} from '@troupe/core';
import { runtimeOrDefault } from '@troupe/runtime';
import { clippedRule } from './clipped-rule.js';
import { trustRegionLearner, type LearnerOptions } from './learner.js';
import { alone, common, team, type Defaults } from './settings.js';
import type { TrustRegionState } from './state.js';

const policyGradient = (d: Defaults & { readonly entropy: number }) => {
  const shared: Partial<ReturnType<typeof common>> = common({ ...d, lambda: 1 });
  delete shared.minibatches;
  delete shared.criticEpochs;
  return {
    ...(shared as Omit<ReturnType<typeof common>, 'minibatches' | 'criticEpochs'>),
    normaliseAdvantages: flag(false, 'advantages with mean 0 and deviation 1 over the living rows of a rollout'),
    entropy: nonNegative(d.entropy, 'factor on the entropy (Mnih et al. 2016, EPyMARL: 0.01; SB3: 0)'),
  };
};

/** Settings of `a2c`, with the values of Stable-Baselines3, but for the factor on the entropy, which is the paper's (SB3: 0). */
export const a2cSettings = policyGradient({
  ...alone,
  learningRateActor: 7e-4,
  learningRateCritic: 7e-4,
  entropy: 0.01,
});
/** Settings of `maa2c`, with the values of EPyMARL (Papoudakis et al. 2021). */
export const maa2cSettings = policyGradient({
  ...team,
  activation: 'relu',
  layerNorm: false,
  deviation: 'exp',
  sharing: 'sharedWithIds',
  order: 'together',
  values: 'group',
  valueNorm: 'none',
  valueClip: null,
  huber: null,
  entropy: 0.01,
});

/** Settings of `a2c` and `maa2c`. */
export type A2cConfig = ConfigOf<typeof a2cSettings>;
/** Checks settings of `a2c` from outside: every issue, or the settings with defaults filled in. */
export const decodeA2c = decode(a2cSettings);
/** The same for `maa2c`. */
export const decodeMaa2c = decode(maa2cSettings);

/** Settings of `a2c` and `maa2c`, and what is not a number or a name. */
export type A2cOptions = Partial<A2cConfig> & LearnerOptions;

/** One step along ∇ log π · A per rollout is one pass of PPO, in which all ratios are 1 (Huang et al. 2022, arXiv 2205.09123). */
const onePass = { epochs: 1, minibatches: 1, criticEpochs: 1, clip: 1, maxKl: null };

const learner = <const G extends Groups>(
  where: string,
  check: typeof decodeA2c,
  groups: G,
  { networks, stateSpace, runtime: given, inspect, ...settings }: A2cOptions,
): Learner<G, TrustRegionState, Rollout<G>> => {
  const runtime = runtimeOrDefault(where, given);
  const config = { ...orThrow(where)(check(settings)), ...onePass };
  return trustRegionLearner(where, groups, config, clippedRule(config, runtime), {
    ...(networks && { networks }),
    ...(stateSpace && { stateSpace }),
    ...(inspect && { inspect }),
    runtime,
  });
};

/**
 * Advantage actor-critic with many environments at once: one step per rollout. Mnih et al. 2016 (arXiv 1602.01783),
 * algorithm S3, synchronous. With λ = 1, the default, advantages are of n-step returns, n up to the end of the rollout: a
 * horizon of 5 is that of the paper. For many agents IA2C: each learns by itself. Differs from the paper: Adam in place of
 * RMSProp, and a critic with weights of its own.
 */
export const a2c = <const G extends Groups>(
  groups: G,
  options: A2cOptions = {},
): Learner<G, TrustRegionState, Rollout<G>> => learner('a2c', decodeA2c, groups, options);

/**
 * Multi-agent A2C: one actor shared by the agents of a group, with their ids, and a critic that sees everything.
 * Papoudakis et al. 2021 (arXiv 2006.07869), section 3. Differs from EPyMARL: the critic has no target network.
 */
export const maa2c = <const G extends Groups>(
  groups: G,
  options: A2cOptions = {},
): Learner<G, TrustRegionState, Rollout<G>> => learner('maa2c', decodeMaa2c, groups, options);
