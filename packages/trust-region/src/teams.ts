import * as tf from '@tensorflow/tfjs-core';
import { idsOf, slotsOf, type Group, type Groups, type Network, type Rng } from '@troupe/core';
import {
  distribution,
  encode,
  encodedSize,
  feedForward,
  flat,
  gainOf,
  logDeviation,
  mlp,
  recurrent,
  sigmoidDeviation,
  type Distribution,
  type FlatNetwork,
  type RecurrentNetwork,
  type SequenceInput,
  type SequenceOutput,
} from '@troupe/networks';
import { merged } from './rows.js';
import type { Remembering } from './sequences.js';
import type { CommonConfig } from './settings.js';

/** What a factory of networks is told. */
export interface NetworkSizes {
  /** The group that the network is for; `team` for a critic of everybody. */
  readonly group: string;
  /** Width of the encoded observation, ids included, or of all that a joint critic sees. */
  readonly inputs: number;
  /** Width of what it should put out, without deviations. */
  readonly outputs: number;
}

/** Networks in place of the standard ones. `fromLayers(model)` makes one of any tfjs-layers model. */
export interface TrustRegionNetworks {
  /**
   * [B, inputs] encoded observation → [B, outputs]: means of real-valued actions, then logits. Deviations are added. Or
   * one that remembers, such as `recurrent` makes.
   */
  readonly actor?: (sizes: NetworkSizes) => Network<tf.Tensor, tf.Tensor> | RecurrentNetwork;
  /** [B, inputs] → [B, 1] or [B]. Or one that remembers. */
  readonly critic?: (sizes: NetworkSizes) => Network<tf.Tensor, tf.Tensor> | RecurrentNetwork;
}

/** The policy of one group: its agents have actors of their own in the same shapes, or share one. */
export interface Team extends Remembering {
  readonly name: string;
  readonly group: Group;
  /** Number of agents. */
  readonly slots: number;
  readonly ids: readonly string[];
  /** Number of actors: `slots`, or 1. */
  readonly copies: number;
  /** Agents that one actor acts for: 1, or `slots`. */
  readonly agents: number;
  readonly withIds: boolean;
  readonly policy: Distribution;
  readonly actor: FlatNetwork<SequenceInput, SequenceOutput>;
}

/** One actor: the unit that learns. */
export interface Actor {
  readonly team: Team;
  readonly copy: number;
  /** `group/agent`, or `group` where all agents share it. */
  readonly name: string;
}

/** The standard network of actors and critics, with a memory if wanted. */
export const standardNetwork =
  (config: CommonConfig, cell: CommonConfig['memory'], outputGain: number) =>
  ({ inputs, outputs }: NetworkSizes): Network<tf.Tensor, tf.Tensor> | RecurrentNetwork => {
    const { hidden, activation, layerNorm } = config;
    const start = { initialiser: 'orthogonal', gain: gainOf(activation), outputGain } as const;
    const options = { inputs, outputs, hidden, activation, inputNorm: layerNorm, layerNorm, ...start };
    return cell === 'none' ? mlp({ ...options, rowBlocks: true }) : recurrent({ ...options, cell });
  };

/** Any network as one of sequences. What it is for is told to who made one that puts out something else. */
export const sequential = (
  made: Network<tf.Tensor, tf.Tensor> | RecurrentNetwork,
  role: 'actor' | 'critic',
  { group, outputs }: NetworkSizes,
): RecurrentNetwork => {
  const network = 'memory' in made ? made : feedForward(made);
  return {
    memory: network.memory,
    init: (rng) => network.init(rng),
    apply(params, input) {
      const said = network.apply(params, input);
      const width = said.output.shape.at(-1);
      if (width === outputs) return said;
      throw new RangeError(
        `networks.${role}: expected a network for '${group}' with an output of width ${outputs}, got ${width}`,
      );
    },
  };
};

/** The teams of an environment's groups. Throws a RangeError for squashed actions without finite bounds. */
export const teamsOf = (groups: Groups, config: CommonConfig, networks: TrustRegionNetworks): readonly Team[] => {
  const form =
    config.deviation === 'exp'
      ? logDeviation()
      : sigmoidDeviation({ x: config.deviationScale, y: config.deviationLimit });
  const deviation = { ...form, initial: config.deviationStart ?? form.initial };
  return Object.entries(groups).map(([name, group]): Team => {
    const slots = slotsOf(group.agents);
    const shared = config.sharing !== 'separate';
    const withIds = config.sharing === 'sharedWithIds' && slots > 1;
    const policy = distribution(group.action, { deviation, deviationOf: 'weights', squashed: config.squash });
    const inputs = encodedSize(group.observation) + (withIds ? slots : 0);
    const make = networks.actor ?? standardNetwork(config, config.memory, 0.01);
    const sizes = { group: name, inputs, outputs: policy.outputs };
    const network = sequential(make(sizes), 'actor', sizes);
    const known = idsOf(group.agents);
    return {
      name,
      group,
      slots,
      ids: Array.from({ length: slots }, (_, slot) => known[slot] ?? `slot ${slot}`),
      copies: shared ? 1 : slots,
      agents: shared ? slots : 1,
      withIds,
      policy,
      actor: flat(policy.attach(network)),
      memory: network.memory,
      sequenceLength: network.memory > 0 ? config.sequenceLength : 1,
    };
  });
};

/** All actors, in group order and slot order. */
export const actorsOf = (teams: readonly Team[]): readonly Actor[] =>
  teams.flatMap((team) =>
    Array.from({ length: team.copies }, (_, copy) => ({
      team,
      copy,
      name: team.copies === team.slots ? `${team.name}/${team.ids[copy]!}` : team.name,
    })),
  );

/** What a network is given for observations [B, n, …] of n agents: encoded, with ids where wanted. [B·n, inputs]. */
export const inputsOf = (team: Team, observation: tf.Tensor): tf.Tensor2D => {
  const seen = encode(team.group.observation, merged(observation));
  if (!team.withIds) return seen;
  const ids = tf.oneHot(tf.range(0, team.slots, 1, 'int32'), team.slots, 1, 0, 'float32') as tf.Tensor2D;
  return tf.concat2d([seen, tf.tile(ids, [observation.shape[0], 1])], 1);
};

/** Initial weights of every actor of a team, each from a stream of its own. */
export const initialActors = (team: Team, rng: Rng): readonly Float32Array[] =>
  Array.from({ length: team.copies }, (_, copy) => team.actor.init(rng.split(`${team.name} actor ${copy}`)));
