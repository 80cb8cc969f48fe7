import {
  elements,
  emptyAction,
  epsilonGreedy,
  linearSchedule,
  type Act,
  type Discrete,
  type Group,
  type Mode,
  type Policy,
  type Roster,
  type Space,
} from '@troupe/core';
import { greedyChoice } from '../greedy.js';
import type { LinearConfig } from './settings.js';
import type { LinearCrew, LinearState } from './state.js';
import { emptySeen, valuesInto } from './values.js';

/** ε-greedy over permitted choices, ε falling in the course of the run; greedy when exploiting. Of two estimates the sum decides. */
export const linearPolicy = <A extends Group<Roster, Space, Discrete>>(
  group: A,
  crew: LinearCrew,
  config: LinearConfig,
  initial: LinearState,
  mode: Mode,
): Policy<A, LinearState> => {
  const { slots, choices, width, features } = crew;
  const explore = epsilonGreedy(group, linearSchedule(config.epsilonStart, config.epsilonEnd, config.epsilonFraction));
  const tables = config.double ? 2 : 1;
  const agent = choices * features.size;
  const seen = emptySeen(crew);
  const [values, others] = [new Float64Array(choices), new Float64Array(choices)];
  let weights = initial.groups[crew.name]!.weights.data;
  let action = emptyAction(group, 0);

  return {
    act(given, rng, clock): Act<A> {
      const numEnvs = given.active.shape[0]!;
      if (action.shape[0] !== numEnvs) action = emptyAction(group, numEnvs);
      const observation = elements(given.observation);
      const legal = given.legal && elements(given.legal);
      for (let row = 0; row < numEnvs * slots; row++) {
        const slot = row % slots;
        seen.count = features.write(observation, row * width, seen.index, seen.value);
        valuesInto(crew, seen, weights, slot * agent, values);
        for (let table = 1; table < tables; table++) {
          valuesInto(crew, seen, weights, (table * slots + slot) * agent, others);
          for (let a = 0; a < choices; a++) values[a]! += others[a]!;
        }
        action.data[row] = greedyChoice(values, 0, choices, legal, row * choices);
      }
      if (mode === 'explore') explore.perturb(action.data, numEnvs, legal, rng, clock);
      return { action };
    },
    update(state) {
      weights = state.groups[crew.name]!.weights.data;
    },
  };
};
