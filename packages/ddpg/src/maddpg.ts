import {
  actingPolicy,
  defineLearner,
  mapGroups,
  metricsReader,
  noiseSource,
  orThrow,
  policiesOf,
  requireGroups,
  requireKnown,
  type Batch,
  type Draw,
  type Groups,
  type Learner,
} from '@troupe/core';
import { runtimeOrDefault, isPromise, type AtRest, type Runtime } from '@troupe/runtime';
import { actingOf } from './acting.js';
import { agentsOf, teamsOf, type MaddpgNetworks } from './agents.js';
import { explorationOf } from './exploration.js';
import { inputReader } from './input.js';
import { decodeMaddpg, type MaddpgConfig } from './settings.js';
import { initialState, type MaddpgState } from './state.js';
import { maddpgStep } from './step.js';
import { METRICS, type MaddpgOutput } from './types.js';

/** Settings of `maddpg`: those of the table, and what is not a number or a name. */
export interface MaddpgOptions<G extends Groups> extends Partial<Omit<MaddpgConfig, 'critic'>> {
  /** `joint` (MADDPG) or `own` (DDPG) for all groups, or by group. */
  readonly critic?: MaddpgConfig['critic'] | { readonly [K in keyof G]?: MaddpgConfig['critic'] };
  /** Networks of your own in place of the standard ones, whose widths `hidden` says. */
  readonly networks?: MaddpgNetworks;
  /** Where updates and policies are computed. Default: `eager()`, with a notice that names the faster one. */
  readonly runtime?: Runtime;
  /** Draws the noise of updates. Replaced only to replay recorded noise. */
  readonly draw?: Draw;
}

/**
 * Multi-agent deep deterministic policy gradient. Lowe et al. 2017 (arXiv 1706.02275), algorithm 1; choices by
 * Gumbel-softmax as in section 4 there. Each agent has an actor on its own observation and a critic on everybody's
 * observations and actions; with `critic: 'own'` it is DDPG (Lillicrap et al. 2016) for each agent by itself. Rewards
 * are each agent's own, so cooperation, competition and mixtures are the same. Throws a RangeError for settings out of
 * range or actions without finite bounds.
 */
export const maddpg = <const G extends Groups>(
  groups: G,
  options: MaddpgOptions<G> = {},
): Learner<G, MaddpgState, Batch<G>> => {
  requireGroups('maddpg', groups);
  const { networks = {}, runtime: given, draw = noiseSource(), critic, ...settings } = options;
  const runtime = runtimeOrDefault('maddpg', given);
  const scopes = typeof critic === 'object' ? (critic as Readonly<Record<string, MaddpgConfig['critic']>>) : {};
  const config = orThrow('maddpg')(decodeMaddpg({ ...settings, ...(typeof critic === 'string' && { critic }) }));
  requireKnown('maddpg', 'critic', scopes, Object.keys(groups));
  requireKnown('maddpg', 'networks', networks, ['actor', 'critic']);
  const teams = teamsOf(groups, config, scopes, networks);
  const compiled = runtime.compile(maddpgStep(teams, config), { name: 'maddpg update' });
  const read = inputReader(teams, config, draw);
  const agents = agentsOf(teams).map(({ team, slot }) => `${team.name}/${team.ids[slot]!}`);
  const metrics = metricsReader({ metrics: METRICS, agents, perAgent: config.perAgentMetrics });
  const report = (output: AtRest<MaddpgOutput>) => metrics(output.metrics.data as Float32Array);
  const acting = Object.fromEntries(teams.map((team) => [team.name, actingOf(team)]));

  return defineLearner('maddpg', 'rows', {
    init: (rng) => initialState(teams, config, rng),
    policies: (state, mode) =>
      policiesOf(groups, (group, of) => {
        const explore = explorationOf(group, config);
        const [name, actingIn] = [`maddpg policy of ${of}`, acting[of]!];
        return actingPolicy({ runtime, name, group, mode, state, acting: actingIn, ...(explore && { explore }) });
      }),
    update(state, batch, rng, clock) {
      const updates = state.updates + 1;
      const running = compiled.run(state.carry, read(batch, rng, updates, clock));
      return isPromise(running)
        ? running.then(({ carry, output }) => [{ carry, updates }, report(output)] as const)
        : [{ carry: running.carry, updates }, report(running.output)];
    },
    acting: (state) => mapGroups(groups, (_, name) => acting[name]!(state)),
  });
};
