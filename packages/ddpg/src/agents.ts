import type { Tensor } from '@tensorflow/tfjs-core';
import {
  headOf,
  idsOf,
  mapGroups,
  outputSizeOf,
  slotsOf,
  type Group,
  type Groups,
  type HeadPart,
  type Network,
  type Space,
} from '@troupe/core';
import {
  agentNetwork,
  encodedSize,
  mlp,
  networkCopies,
  type AgentNetwork,
  type NetworkCopies,
  type NetworkSizes,
} from '@troupe/networks';
import type { MaddpgConfig } from './settings.js';

/** Networks in place of the standard ones. `fromLayers(model)` makes one of any tfjs-layers model. */
export interface MaddpgNetworks {
  /** [B, inputs] encoded observation → [B, outputs] logits, or real numbers before tanh. */
  readonly actor?: (sizes: NetworkSizes) => Network<Tensor, Tensor>;
  /** [B, inputs] encoded observations, then actions → [B, 1] or [B]. */
  readonly critic?: (sizes: NetworkSizes) => Network<Tensor, Tensor>;
}

/** The networks and spaces of one group: its agents have weights of their own in the same shapes. */
export interface Team {
  readonly name: string;
  readonly size: number;
  readonly ids: readonly string[];
  readonly observation: Space;
  readonly action: Space;
  readonly head: readonly HeadPart[];
  /** Width of the actor's output and of an encoded action. */
  readonly width: number;
  readonly scope: 'joint' | 'own';
  readonly actor: AgentNetwork;
  readonly critic: NetworkCopies;
}

/** One agent: its place in its group, and in the order of all agents. */
export interface Agent {
  readonly index: number;
  readonly team: Team;
  readonly slot: number;
}

const requireBounded = (name: string, head: readonly HeadPart[]): void => {
  for (const part of head) {
    if (part.kind === 'real' && ![...part.low, ...part.high].every(Number.isFinite)) {
      throw new RangeError(`maddpg: expected finite bounds for the actions of group '${name}', got an unbounded box`);
    }
  }
};

/** The teams of an environment's groups. Throws a RangeError for actions without finite bounds. */
export const teamsOf = (
  groups: Groups,
  config: MaddpgConfig,
  scopes: Readonly<Partial<Record<string, 'joint' | 'own'>>>,
  networks: MaddpgNetworks,
): readonly Team[] => {
  const standard = (outputs: number) => (sizes: NetworkSizes) =>
    mlp({ inputs: sizes.inputs, hidden: config.hidden, outputs, activation: config.activation });
  const sizes = mapGroups(groups, (group: Group) => ({
    seen: encodedSize(group.observation),
    done: outputSizeOf(headOf(group.action)),
    size: slotsOf(group.agents),
  }));
  const joint = Object.values(sizes).reduce((sum, { seen, done, size }) => sum + size * (seen + done), 0);
  return Object.entries(groups).map(([name, group]): Team => {
    const { seen, done, size } = sizes[name]!;
    const head = headOf(group.action);
    requireBounded(name, head);
    const scope = scopes[name] ?? config.critic;
    const observation = group.observation;
    const actor = { group: name, slots: size, observation, outputs: done, make: networks.actor ?? standard(done) };
    const forCritic = { group: name, inputs: scope === 'joint' ? joint : seen + done, outputs: 1 };
    const known = idsOf(group.agents);
    return {
      name,
      size,
      ids: Array.from({ length: size }, (_, slot) => known[slot] ?? `slot ${slot}`),
      observation,
      action: group.action,
      head,
      width: done,
      scope,
      actor: agentNetwork({ ...actor, sharing: 'separate' }),
      critic: networkCopies((networks.critic ?? standard(1))(forCritic), size),
    };
  });
};

/** All agents, in group order and slot order: the order in which they are updated and joined. */
export const agentsOf = (teams: readonly Team[]): readonly Agent[] =>
  teams
    .flatMap((team) => Array.from({ length: team.size }, (_, slot) => ({ team, slot })))
    .map((agent, index) => ({ ...agent, index }));
