import type { Tensor } from '@tensorflow/tfjs-core';
import { defineLearner, headOf, metricsReader, mapGroups, orThrow, requireGroups, type Batch, type Box, type Discrete, type Draw, type GroupsActing, type Learner, type Network } from '@troupe/core'; // prettier-ignore
import { agentActing, initialRole, optimiserOf, type NetworkSizes } from '@troupe/networks';
import { carryOf, runtimeOrDefault, leavesOf, type Runtime } from '@troupe/runtime';
import ndarray from 'ndarray';
import { greedyPolicies } from '../greedy-policies.js';
import { inputReader } from '../regression/input.js';
import { valueUpdate } from '../regression/learner.js';
import { METRICS, reportOf, type ValueCarry, type ValueState } from '../regression/types.js';
import { initialTheta, teamsOf, type Team } from './crew.js';
import { additiveMixer, monotoneMixer, type Mixer, type MixerSizes } from './mixer.js';
import { decodeQmix, decodeVdn, type QmixConfig, type VdnConfig } from './settings.js';
import { teamStep } from './step.js';

/** What is not a number or a name among the settings of `vdn`. */
export interface VdnOptions<G extends GroupsActing<Discrete>> extends Partial<VdnConfig> {
  /** Groups that are one team, with one reward. Groups left out are a team each: opponents are not mixed. */
  readonly teams?: readonly (readonly (keyof G & string)[])[];
  /** An agent's network in place of the standard one: [B, inputs] → [B, choices]. */
  readonly network?: (sizes: NetworkSizes) => Network<Tensor, Tensor>;
  /** Where updates and policies are computed. Default: `eager()`, with a notice that names the faster one. */
  readonly runtime?: Runtime;
  /** Draws the noise of updates, of which there is none. */
  readonly draw?: Draw;
}
/** What is not a number or a name among the settings of `qmix`. */
export interface QmixOptions<G extends GroupsActing<Discrete>>
  extends Partial<Omit<QmixConfig, keyof VdnConfig>>, VdnOptions<G> {
  /** `env.stateSpace`: the mixing network sees the environment's state. Without it, all observations of the team. */
  readonly stateSpace?: Box | undefined;
  /** A mixing network in place of that of the paper. */
  readonly mixer?: (sizes: MixerSizes) => Mixer;
}

/** A learner of teams from its mixing network. */
const decomposition = <G extends GroupsActing<Discrete>>(
  name: string,
  groups: G,
  config: VdnConfig,
  options: VdnOptions<G>,
  mixing: { readonly mixer: (sizes: MixerSizes) => Mixer; readonly stateSpace?: Box | undefined },
): Learner<G, ValueState, Batch<G>> => {
  requireGroups(name, groups);
  const { network, draw } = options;
  const runtime = runtimeOrDefault(name, options.runtime);
  const teams = teamsOf(
    name,
    groups,
    config,
    { mixer: mixing.mixer, ...(network && { agent: network }) },
    { ...(options.teams && { teams: options.teams }), stateSpace: mixing.stateSpace },
  );
  const acting = Object.fromEntries(
    teams.flatMap((team) => team.members.map((member) => [member.name, actingOf(team, member)])),
  );
  const wanted = { masks: true, state: mixing.stateSpace !== undefined };
  return defineLearner(name, 'rows', {
    init(rng) {
      const optimiser = optimiserOf(config);
      const roles = teams.map((team) => {
        const thetas = [initialTheta(team, rng)];
        return [team.name, initialRole({ thetas, optimiser, target: true })] as const;
      });
      return { carry: carryOf<ValueCarry>(Object.fromEntries(roles)), updates: 0, periods: 0 };
    },
    policies: greedyPolicies({ name, groups, runtime, acting, epsilon: config }),
    update: valueUpdate({
      name,
      runtime,
      step: teamStep(teams, config, mixing.stateSpace),
      read: inputReader(name, Object.fromEntries(Object.keys(groups).map((group) => [group, wanted])), draw), // prettier-ignore
      report: reportOf(metricsReader({ metrics: METRICS, agents: teams.map((team) => team.name), perAgent: teams.length > 1 })), // prettier-ignore
      target: config,
    }),
    acting: (state) => mapGroups(groups, (_, name) => acting[name]!(state)),
  });
};

/** Every agent acts by its own values alone. */
const actingOf = (team: Team, { agents, offset, choices }: Team['members'][number]) =>
  agentActing<ValueState>({
    agents,
    head: headOf({ kind: 'discrete', n: choices }),
    theta({ carry }) {
      const whole = leavesOf(carry)[team.name]!.theta as ndarray.NdArray<Float32Array>;
      return ndarray(whole.data, [agents.copies * agents.network.size], [1], whole.offset + offset);
    },
  });

/**
 * Value decomposition networks: a team's value is the sum of its agents', each on its own observation and choice; they
 * learn together from the team's reward and act by themselves. Sunehag et al. 2018 (arXiv 1706.05296). Throws a RangeError
 * for settings out of range, teams that do not fit the groups, and actions that are not one choice.
 */
export const vdn = <const G extends GroupsActing<Discrete>>(
  groups: G,
  options: VdnOptions<G> = {},
): Learner<G, ValueState, Batch<G>> => {
  const { teams: _teams, network: _network, runtime: _runtime, draw: _draw, ...settings } = options;
  const config = orThrow('vdn')(decodeVdn(settings));
  return decomposition('vdn', groups, config, options, { mixer: () => additiveMixer });
};

/**
 * QMIX: a team's value is a monotone mixture of its agents', with weights that depend on the state: everybody's own best
 * choice is its part of the best joint choice, and more teams' values can be represented than by a sum. Rashid et al.
 * 2018 (arXiv 1803.11485); acts as `vdn`. Throws a RangeError for settings out of range, teams that do not fit the groups,
 * and actions that are not one choice.
 */
export const qmix = <const G extends GroupsActing<Discrete>>(
  groups: G,
  options: QmixOptions<G> = {},
): Learner<G, ValueState, Batch<G>> => {
  const { teams: _teams, network: _network, runtime: _runtime, draw: _draw, stateSpace, mixer, ...settings } = options;
  const config = orThrow('qmix')(decodeQmix(settings));
  const standard = (sizes: MixerSizes) => monotoneMixer(sizes, config);
  return decomposition('qmix', groups, config, options, { mixer: mixer ?? standard, stateSpace });
};
