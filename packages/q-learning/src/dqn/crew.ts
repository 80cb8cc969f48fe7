import type { Tensor, Tensor2D } from '@tensorflow/tfjs-core';
import { idsOf, slotsOf, type Discrete, type GroupsActing, type Network, type Space } from '@troupe/core';
import { encodedSize, flat, type FlatNetwork, type NetworkSizes } from '@troupe/networks';
import { noiseSizeOf, valueNetwork, type ValueInput } from '../networks/value-network.js';
import type { DqnConfig } from './settings.js';

/** One group, as numbers. */
export interface CrewSizes {
  readonly name: string;
  readonly ids: readonly string[];
  /** N */
  readonly slots: number;
  /** C: sets of weights; one per agent, or one for all. */
  readonly copies: number;
  /** Networks of a set: 1, or 2 for twins. */
  readonly twins: number;
  /** Agents that a set serves: N / C. */
  readonly served: number;
  readonly observation: Space;
  /** Encoded observation with agent ids. */
  readonly inputs: number;
  readonly agentIds: boolean;
  /** What each component of an encoded observation is divided by. */
  readonly inputScale: readonly number[] | null;
  /** A */
  readonly choices: number;
  /** Z; 1 where values are numbers. */
  readonly atoms: number;
}

/** One group and its networks. */
export interface Crew extends CrewSizes {
  /** Length of a row of noise; 0 without noisy layers. */
  readonly noise: number;
  readonly network: FlatNetwork<ValueInput, Tensor2D>;
}

const requireDiscrete = (name: string, action: Space): number => {
  if (action.kind === 'discrete') return action.n;
  throw new RangeError(
    `dqn: expected group '${name}' to make one choice of n (discrete), got ${action.kind}; make several choices one, or use a learner for such actions`,
  );
};

const requireScale = (name: string, scale: readonly number[] | null, size: number): readonly number[] | null => {
  if (scale === null || scale.length === size) return scale;
  throw new RangeError(
    `dqn: expected inputScale to have ${size} numbers, as the observations of group '${name}' have, got ${scale.length}`,
  );
};

const requireConsistent = (config: DqnConfig, custom: boolean): void => {
  if (config.distributional && !(config.supportLow < config.supportHigh)) {
    throw new RangeError(`dqn: expected supportLow < supportHigh, got ${config.supportLow} and ${config.supportHigh}`);
  }
  if (custom && (config.dueling || config.noisy)) {
    throw new RangeError('dqn: expected dueling and noisy to be left to a network of your own, got both');
  }
  if (config.streamHidden.length > 0 && !config.dueling) {
    throw new RangeError(`dqn: expected streamHidden with dueling only, got [${config.streamHidden.join(', ')}]`);
  }
};

/** The crews of an environment's groups. Throws a RangeError for actions that are not one choice, or settings at odds. */
export const crewsOf = (
  groups: GroupsActing<Discrete>,
  config: DqnConfig,
  custom?: (sizes: NetworkSizes) => Network<Tensor, Tensor>,
): readonly Crew[] => {
  requireConsistent(config, custom !== undefined);
  return Object.entries(groups).map(([name, group]): Crew => {
    const choices = requireDiscrete(name, group.action);
    const slots = slotsOf(group.agents);
    const known = idsOf(group.agents);
    const copies = config.sharing === 'separate' ? slots : 1;
    const agentIds = config.sharing === 'sharedWithIds' && slots > 1;
    const inputs = encodedSize(group.observation) + (agentIds ? slots : 0);
    const atoms = config.distributional ? config.atoms : 1;
    const standard = { ...config, inputs, choices, atoms };
    const network: Network<ValueInput, Tensor2D> = custom
      ? fromRows(custom({ group: name, inputs, outputs: choices * atoms }))
      : valueNetwork(standard);
    return {
      name,
      slots,
      copies,
      inputs,
      choices,
      atoms,
      ids: Array.from({ length: slots }, (_, slot) => known[slot] ?? `slot ${slot}`),
      served: slots / copies,
      twins: config.double === 'twin' ? 2 : 1,
      observation: group.observation,
      agentIds,
      inputScale: requireScale(name, config.inputScale, encodedSize(group.observation)),
      noise: custom ? 0 : noiseSizeOf(standard),
      network: flat(network),
    };
  });
};

const fromRows = (network: Network<Tensor, Tensor>): Network<ValueInput, Tensor2D> => ({
  init: (rng) => network.init(rng),
  apply: (params, { x }) => network.apply(params, x) as Tensor2D,
});
