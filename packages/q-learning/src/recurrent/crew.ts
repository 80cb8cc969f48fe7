import type { Discrete, GroupsActing } from '@troupe/core';
import { flat, recurrent, type FlatNetwork, type SequenceInput, type SequenceOutput } from '@troupe/networks';
import { crewsOf, type CrewSizes } from '../dqn/crew.js';
import type { DqnConfig } from '../dqn/settings.js';
import type { RecurrentDqnConfig } from './settings.js';

/** One group and its networks with memory. */
export interface RecurrentCrew extends CrewSizes {
  readonly noise: 0;
  /** M */
  readonly memory: number;
  readonly network: FlatNetwork<SequenceInput, SequenceOutput>;
}

/** The crews of an environment's groups. Throws a RangeError for actions that are not one choice. */
export const recurrentCrewsOf = (
  groups: GroupsActing<Discrete>,
  config: RecurrentDqnConfig,
  plain: DqnConfig,
): readonly RecurrentCrew[] =>
  crewsOf(groups, plain).map((crew): RecurrentCrew => {
    const { hidden, activation, cell, width } = config;
    const network = recurrent({ inputs: crew.inputs, hidden, outputs: crew.choices, activation, cell, width });
    return { ...crew, noise: 0, memory: network.memory, network: flat(network) };
  });
