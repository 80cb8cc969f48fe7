import { actingPolicy, defineLearner, mapGroups, metricsReader, policiesOf, type Acting, type Batch, type Box, type Draw, type Explore, type Group, type GroupsActing, type Learner } from '@troupe/core'; // prettier-ignore
import { initialRole, optimiserOf } from '@troupe/networks';
import { carryOf, type Runtime } from '@troupe/runtime';
import type { FitSettings } from '../regression/fit.js';
import { inputReader, type Wanted } from '../regression/input.js';
import { valueUpdate } from '../regression/learner.js';
import { METRICS, reportOf, type ValueCarry, type ValueState } from '../regression/types.js';
import type { RealCrew } from './crew.js';
import { realStep, type Valuer } from './step.js';

/** Who a network belongs to, for metrics: every agent, or the group that shares it. */
const owners = ({ name, ids, agents }: RealCrew): string[] =>
  agents.copies === 1 ? [ids.length === 1 ? `${name}/${ids[0]!}` : name] : ids.map((id) => `${name}/${id}`);

/** A learner of values of real actions from its parts: what its networks say, and how it acts and explores by them. */
export const realLearner = <G extends GroupsActing<Box>>(options: {
  readonly name: string;
  readonly groups: G;
  readonly crews: readonly RealCrew[];
  readonly config: FitSettings & { readonly discount: number };
  readonly valuer: Valuer;
  readonly wanted: (crew: RealCrew) => Wanted;
  readonly acting: (crew: RealCrew) => (state: ValueState) => Acting;
  readonly explore: (group: Group) => Explore | undefined;
  readonly runtime: Runtime;
  readonly draw: Draw | undefined;
}): Learner<G, ValueState, Batch<G>> => {
  const { name, groups, crews, config, runtime } = options;
  const wanted = Object.fromEntries(crews.map((crew) => [crew.name, options.wanted(crew)]));
  const agents = crews.flatMap(owners);
  const acting = Object.fromEntries(crews.map((crew) => [crew.name, options.acting(crew)]));
  return defineLearner(name, 'rows', {
    init(rng) {
      const optimiser = optimiserOf(config);
      const roles = crews.map((crew) => {
        const thetas = crew.agents.init(rng, crew.name);
        return [crew.name, initialRole({ thetas, optimiser, target: true })] as const;
      });
      return { carry: carryOf<ValueCarry>(Object.fromEntries(roles)), updates: 0, periods: 0 };
    },
    policies: (state, mode) =>
      policiesOf(groups, (group, of) => {
        const explore = options.explore(group);
        const shown = { runtime, name: `${name} policy of ${of}`, group, mode, state };
        return actingPolicy({ ...shown, acting: acting[of]!, ...(explore && { explore }) });
      }),
    update: valueUpdate({
      name,
      runtime,
      step: realStep(crews, config, options.valuer),
      read: inputReader(name, wanted, options.draw),
      report: reportOf(metricsReader({ metrics: METRICS, agents, perAgent: agents.length > 1 })),
      target: config,
    }),
    acting: (state) => mapGroups(groups, (_, name) => acting[name]!(state)),
  });
};
