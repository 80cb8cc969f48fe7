import { orThrow, requireGroups, type Groups, type Learner, type Rollout } from '@troupe/core';
import { runtimeOrDefault } from '@troupe/runtime';
import { clippedRule } from './clipped-rule.js';
import { inEveryPart } from './in-every-part.js';
import { trustRegionLearner, type LearnerOptions } from './learner.js';
import { naturalRule } from './natural-rule.js';
import {
  decodeHappo,
  decodeHatrpo,
  decodeIppo,
  decodeMappo,
  decodePpo,
  decodeTrpo,
  type PpoConfig,
  type TrpoConfig,
} from './settings.js';
import type { TrustRegionState } from './state.js';

/** Settings of `ppo`, `ippo`, `mappo` and `happo`: those of their tables, and what is not a number or a name. */
export type PpoOptions = Partial<PpoConfig> & LearnerOptions;
/** Settings of `trpo` and `hatrpo`. */
export type TrpoOptions = Partial<TrpoConfig> & LearnerOptions;

const parts = <C>(
  where: string,
  { networks, stateSpace, runtime, inspect, ...settings }: Partial<C> & LearnerOptions,
) => ({
  settings,
  rest: { ...(networks && { networks }), ...(stateSpace && { stateSpace }), ...(inspect && { inspect }) },
  runtime: runtimeOrDefault(where, runtime),
});

const clipped = <const G extends Groups>(
  where: string,
  check: typeof decodePpo,
  groups: G,
  options: PpoOptions,
): Learner<G, TrustRegionState, Rollout<G>> => {
  const { settings, rest, runtime } = parts<PpoConfig>(where, options);
  const config = orThrow(where)(check(settings));
  return trustRegionLearner(where, groups, config, clippedRule(config, runtime), { ...rest, runtime });
};

const natural = <const G extends Groups>(
  where: string,
  check: typeof decodeTrpo,
  groups: G,
  options: TrpoOptions,
): Learner<G, TrustRegionState, Rollout<G>> => {
  const { settings, rest, runtime } = parts<TrpoConfig>(where, options);
  const config = orThrow(where)(check(settings));
  requireGroups(where, groups);
  const [mixed] = Object.entries(groups).find(([, { action }]) => action.kind === 'hybrid') ?? [];
  if (config.divergence === 'ratio' && mixed !== undefined) {
    throw new RangeError(
      `${where}: divergence: expected 'exact' or 'reverseMean' for the hybrid actions of group '${mixed}', got 'ratio', which is for choices or for real numbers alone`,
    );
  }
  const rule = inEveryPart(naturalRule(config, runtime), config.parts, runtime);
  return trustRegionLearner(where, groups, config, rule, { ...rest, runtime });
};

/**
 * Proximal policy optimisation. Schulman et al. 2017 (arXiv 1707.06347), algorithm 1. For one agent, or for many by
 * themselves: each with an actor and a critic of its own on its own observation and reward. Throws a RangeError for
 * settings out of range, or squashed actions without finite bounds, as all algorithms here do.
 */
export const ppo = <const G extends Groups>(
  groups: G,
  options: PpoOptions = {},
): Learner<G, TrustRegionState, Rollout<G>> => clipped('ppo', decodePpo, groups, options);

/**
 * Trust-region policy optimisation. Schulman et al. 2015 (arXiv 1502.05477), algorithm 1 with conjugate gradients and a
 * line search (appendix C). For one agent, or for many by themselves (ITRPO).
 */
export const trpo = <const G extends Groups>(
  groups: G,
  options: TrpoOptions = {},
): Learner<G, TrustRegionState, Rollout<G>> => natural('trpo', decodeTrpo, groups, options);

/**
 * Independent PPO with one actor and one critic shared by the agents of a group, on their own observations. de Witt et
 * al. 2020 (arXiv 2011.09533).
 */
export const ippo = <const G extends Groups>(
  groups: G,
  options: PpoOptions = {},
): Learner<G, TrustRegionState, Rollout<G>> => clipped('ippo', decodeIppo, groups, options);

/**
 * Multi-agent PPO: one actor shared by the agents of a group, a critic that sees everything. Yu et al. 2022 (arXiv
 * 2103.01955). Actors are updated at the same time against the same old joint policy.
 */
export const mappo = <const G extends Groups>(
  groups: G,
  options: PpoOptions = {},
): Learner<G, TrustRegionState, Rollout<G>> => clipped('mappo', decodeMappo, groups, options);

/**
 * Heterogeneous-agent PPO. Kuba et al. 2022 (arXiv 2109.11251), algorithm 4; Zhong et al. 2024. Actors of their own are
 * updated one after another in a random order, each with the advantage of the team times the compound factor: what those
 * before it have changed about the probability of the joint action.
 */
export const happo = <const G extends Groups>(
  groups: G,
  options: PpoOptions = {},
): Learner<G, TrustRegionState, Rollout<G>> => clipped('happo', decodeHappo, groups, options);

/** Heterogeneous-agent TRPO. Kuba et al. 2022, algorithm 3: `happo` with a trust-region step for each actor. */
export const hatrpo = <const G extends Groups>(
  groups: G,
  options: TrpoOptions = {},
): Learner<G, TrustRegionState, Rollout<G>> => natural('hatrpo', decodeHatrpo, groups, options);
