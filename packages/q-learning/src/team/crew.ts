import type { Tensor, Tensor1D } from '@tensorflow/tfjs-core';
import { slotsOf, type Box, type Discrete, type GroupsActing, type Network, type Rng, type Space } from '@troupe/core';
import { agentNetwork, encodedSize, flat, mlp, type AgentNetwork, type FlatNetwork, type NetworkSizes } from '@troupe/networks'; // prettier-ignore
import type { Mixer, MixerInput, MixerSizes } from './mixer.js';
import type { VdnConfig } from './settings.js';

/** One group of a team. */
export interface Member {
  readonly name: string;
  /** N */
  readonly slots: number;
  /** A */
  readonly choices: number;
  readonly observation: Space;
  readonly agents: AgentNetwork;
  /** Where its weights [C · P] begin in those of the team. */
  readonly offset: number;
}

/** Groups that share a reward: the weights of their agents and of the mixing network are one vector. */
export interface Team {
  readonly name: string;
  readonly members: readonly Member[];
  readonly mixer: FlatNetwork<MixerInput, Tensor1D>;
  /** Length of the vector. */
  readonly size: number;
}

/** A mixing network without weights fits too, which `flat` alone would not take apart. */
const flatMixer = (mixer: Mixer): FlatNetwork<MixerInput, Tensor1D> => {
  const one = flat(mixer);
  return one.size > 0 ? one : { ...one, apply: (_theta, input) => mixer.apply({}, input) };
};

const checkTeams = (where: string, known: readonly string[], teams: readonly (readonly string[])[]): void => {
  const named = teams.flat();
  const wrong = named.find((name) => !known.includes(name));
  if (wrong !== undefined) throw new RangeError(`${where}: teams: expected groups ${known.join(', ')}, got '${wrong}'`);
  if (new Set(named).size < named.length) {
    throw new RangeError(`${where}: teams: expected every group at most once, got ${named.join(', ')}`);
  }
};

/** What makes the networks of a team. */
export interface TeamNetworks {
  readonly agent?: (sizes: NetworkSizes) => Network<Tensor, Tensor>;
  readonly mixer: (sizes: MixerSizes) => Mixer;
}

/** The teams of an environment's groups; groups that `teams` leaves out are teams by themselves. Throws a RangeError. */
export const teamsOf = (
  where: string,
  groups: GroupsActing<Discrete>,
  config: VdnConfig,
  networks: TeamNetworks,
  given: { readonly teams?: readonly (readonly string[])[]; readonly stateSpace?: Box | undefined },
): readonly Team[] => {
  const known = Object.keys(groups);
  const teams = given.teams ?? [];
  checkTeams(where, known, teams);
  const alone = known.filter((name) => !teams.flat().includes(name)).map((name) => [name]);
  const { hidden, activation } = config;
  const standard = ({ inputs, outputs }: NetworkSizes) => mlp({ inputs, hidden, outputs, activation });
  return [...teams, ...alone].map((names): Team => {
    let offset = 0;
    const members = names.map((name): Member => {
      const { action, observation, agents: roster } = groups[name]!;
      if (action.kind !== 'discrete') {
        throw new RangeError(`${where}: expected group '${name}' to make one choice of n (discrete), got ${(action as Space).kind}`); // prettier-ignore
      }
      const slots = slotsOf(roster);
      const make = networks.agent ?? standard;
      const agents = agentNetwork({
        group: name,
        slots,
        observation,
        outputs: action.n,
        sharing: config.sharing,
        make,
      });
      const member = { name, slots, choices: action.n, observation, agents, offset };
      offset += agents.copies * agents.network.size;
      return member;
    });
    const seen = members.reduce((sum, { slots, observation }) => sum + slots * encodedSize(observation), 0);
    const state = given.stateSpace ? encodedSize(given.stateSpace) : seen;
    const agents = members.reduce((sum, { slots }) => sum + slots, 0);
    const name = names.join('+');
    const mixer = flatMixer(networks.mixer({ team: name, agents, state }));
    return { name, members, mixer, size: offset + mixer.size };
  });
};

/** Initial weights of a team: every agent's and the mixing network's from streams of their own. */
export const initialTheta = ({ members, mixer, size, name }: Team, rng: Rng): Float32Array => {
  const theta = new Float32Array(size);
  for (const { name: group, agents, offset } of members) {
    agents.init(rng, group).forEach((one, copy) => theta.set(one, offset + copy * agents.network.size));
  }
  if (mixer.size > 0) theta.set(mixer.init(rng.split(`${name} mixer`)), size - mixer.size);
  return theta;
};
