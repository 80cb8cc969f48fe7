import {
  defineLearner,
  orThrow,
  policiesOf,
  requireGroups,
  requireOptions,
  slotsOf,
  sizeOf,
  type Batch,
  type Clock,
  type Discrete,
  type GroupsActing,
  type Learner,
  type Space,
} from '@troupe/core';
import ndarray from 'ndarray';
import { targetClock } from '../target-clock.js';
import { featuresOf, tableOf, type Features, type TableStates } from './features.js';
import { fitter } from './fit.js';
import { linearPolicy } from './policy.js';
import { decodeLinear, linearSettings, type LinearConfig } from './settings.js';
import { consume, zeroState, type LinearCrew, type LinearRole, type LinearState } from './state.js';

/** Moves the targets of one group: share `tau` of the weights, 1 copies. */
const move = ({ weights, target }: LinearRole, tau: number): void => {
  if (tau === 1) target.data.set(weights.data);
  else if (tau > 0) {
    for (let i = 0; i < target.data.length; i++) target.data[i]! += tau * (weights.data[i]! - target.data[i]!);
  }
};

const linearLearner = <const G extends GroupsActing<Discrete>>(
  where: string,
  groups: G,
  settings: Partial<LinearConfig>,
  features: (name: string, space: Space) => { readonly features: Features; readonly table: boolean },
): Learner<G, LinearState, Batch<G>> => {
  requireGroups(where, groups);
  const config = orThrow(where)(decodeLinear(settings));
  const crews = Object.entries(groups).map(([name, group]): LinearCrew => {
    if (group.action.kind !== 'discrete') {
      throw new RangeError(
        `${where}: expected group '${name}' to make one choice of n (discrete), got ${(group.action as Space).kind}`,
      );
    }
    const own = features(name, group.observation);
    if (config.visitPower > 0 && !own.table) {
      throw new RangeError(`${where}: expected visitPower 0 for features that are no states, got ${config.visitPower}`);
    }
    const { n: choices } = group.action;
    return { name, slots: slotsOf(group.agents), choices, width: sizeOf(group.observation), ...own };
  });
  const crewOf = new Map(crews.map((crew) => [crew.name, crew]));
  const fitters = crews.map((crew) => [crew.name, fitter(crew, config)] as const);
  const clockOf = targetClock(config);

  return defineLearner(where, 'rows', {
    init: () => zeroState(crews, config),
    policies: (state, mode) =>
      policiesOf(groups, (group, name) => linearPolicy(group, crewOf.get(name)!, config, state, mode)),
    update(state, batch, rng, clock: Clock) {
      const { updates, periods, move: share } = clockOf(state, clock);
      const { groups: roles } = state;
      consume(where, state);
      const errors = new Float32Array(batch.last.length);
      const importance = batch.weight?.data;
      const sums = { loss: 0, error: 0, value: 0, count: 0 };
      for (const [name, fit] of fitters) {
        const found = fit(roles[name]!, batch.groups[name]!, importance, rng, errors);
        for (const key of ['loss', 'error', 'value', 'count'] as const) sums[key] += found[key];
        move(roles[name]!, share);
      }
      const { loss, error, value, count } = sums;
      const n = Math.max(count, 1);
      const metrics = { loss: loss / n, error: error / n, value: value / n };
      return [{ groups: roles, updates, periods }, metrics, ndarray(errors, [errors.length])];
    },
  });
};

/** Settings of `tabularQ`: those of the table, and how observations name states. */
export interface TabularOptions extends Partial<LinearConfig> {
  /** For observations that do not name states by themselves. */
  readonly states?: TableStates;
}

/**
 * Tabular Q-learning. Watkins 1989; with `double` van Hasselt 2010; with `fit: 'exact'` one sweep of fitted Q-iteration per
 * update. Each agent has a table of its own, of its own observations and rewards. States are named by discrete
 * observations, one-hot boxes, or `states`. Values are in double precision and begin at 0. Throws a RangeError for actions
 * that are not one choice and observations that name no state.
 */
export const tabularQ = <const G extends GroupsActing<Discrete>>(
  groups: G,
  options: TabularOptions = {},
): Learner<G, LinearState, Batch<G>> => {
  const { states, ...settings } = options;
  return linearLearner('tabularQ', groups, settings, (_name, space) => ({
    features: tableOf(space, states),
    table: true,
  }));
};

/** Settings of `linearQ`: those of the table, and the features. */
export interface LinearOptions extends Partial<LinearConfig> {
  /** F */
  readonly size: number;
  /** φ(s): F numbers from one agent's flat observation, a view that is valid during the call. */
  readonly features: (observation: Float32Array, group: string) => ArrayLike<number>;
}

/**
 * Q(s, a) = φ(s) · w_a, learnt by semi-gradient steps or, with `fit: 'exact'`, by ridge regression in closed form. With
 * targets of its own or fixed data this is fitted Q-iteration (Ernst et al. 2005). Semi-gradient steps with linear features may
 * diverge (Tsitsiklis and Van Roy 1997); nothing here hides it. Throws a RangeError for actions that are not one choice,
 * features of another number, and an exact fit to dependent features without ridge.
 */
export const linearQ = <const G extends GroupsActing<Discrete>>(
  groups: G,
  options: LinearOptions,
): Learner<G, LinearState, Batch<G>> => {
  const known = ['size', 'features', ...Object.keys(linearSettings)];
  requireOptions('linearQ', options, known, '{ size: 2, features: ([x]) => [1, x] }');
  const { size, features, ...settings } = options;
  return linearLearner('linearQ', groups, settings, (name, space) => ({
    features: featuresOf(space, size, (observation) => features(observation, name)),
    table: false,
  }));
};
