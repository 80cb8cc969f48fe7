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
import type { CommonConfig } from './settings.js';

/** What a factory of networks is told. */
export interface NetworkSizes {
  /** The group that the network is for; `team` for a critic of everybody. */
  readonly group: string;
  readonly inputs: number;
  readonly outputs: number;
}

/** Networks in place of the standard ones. `fromLayers(model)` makes one of any tfjs-layers model. */
export interface TrustRegionNetworks {
  /**
   * [B, inputs] encoded observation → [B, outputs]: means of real-valued actions, then logits. Deviations are added. Or
   * one that remembers, such as `recurrent` makes.
   */
  readonly actor?: (sizes: NetworkSizes) => Network<tf.Tensor, tf.Tensor> | RecurrentNetwork;
  /** [B, inputs] → [B, 1] or [B]. */
  readonly critic?: (sizes: NetworkSizes) => Network<tf.Tensor, tf.Tensor>;
}

/** The policy of one group: its agents have actors of their own in the same shapes, or share one. */
export interface Team {
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
  /** Width of an agent's memory; 0 for actors without. */
  readonly memory: number;
  /** Steps of the sequences that actors with memory learn from; 1 for actors without. */
  readonly sequenceLength: number;
}

/** One actor: the unit that learns. */
export interface Actor {
  readonly team: Team;
  readonly copy: number;
  /** `group/agent`, or `group` where all agents share it. */
  readonly name: string;
}

/** The standard network of actors and critics. */
export const standardNetwork =
  (config: CommonConfig, outputGain: number) =>
  ({ inputs, outputs }: NetworkSizes): Network<tf.Tensor, tf.Tensor> =>
    mlp({
      ...{ inputs, outputs, outputGain, hidden: config.hidden, activation: config.activation },
      ...{ inputNorm: config.layerNorm, layerNorm: config.layerNorm },
      initialiser: 'orthogonal',
      gain: gainOf(config.activation),
    });

/** The standard network of actors, with the memory that settings ask for. */
const standardActor =
  (config: CommonConfig) =>
  (sizes: NetworkSizes): Network<tf.Tensor, tf.Tensor> | RecurrentNetwork => {
    if (config.memory === 'none') return standardNetwork(config, 0.01)(sizes);
    const { hidden, activation, layerNorm, memory: cell } = config;
    const start = { initialiser: 'orthogonal', gain: gainOf(activation), outputGain: 0.01 } as const;
    const { inputs, outputs } = sizes;
    return recurrent({ inputs, outputs, hidden, activation, cell, inputNorm: layerNorm, layerNorm, ...start });
  };

/** The teams of an environment's groups. Throws a RangeError for squashed actions without finite bounds. */
export const teamsOf = (groups: Groups, config: CommonConfig, networks: TrustRegionNetworks): readonly Team[] => {
  const deviation =
    config.deviation === 'exp'
      ? logDeviation({ initial: config.deviationStart })
      : {
          ...sigmoidDeviation({ x: config.deviationScale, y: config.deviationLimit }),
          initial: config.deviationStart,
        };
  return Object.entries(groups).map(([name, group]): Team => {
    const slots = slotsOf(group.agents);
    const shared = config.sharing !== 'separate';
    const withIds = config.sharing === 'sharedWithIds' && slots > 1;
    const policy = distribution(group.action, { deviation, deviationOf: 'weights', squashed: config.squash });
    const inputs = encodedSize(group.observation) + (withIds ? slots : 0);
    const made = (networks.actor ?? standardActor(config))({ group: name, inputs, outputs: policy.outputs });
    const network = 'memory' in made ? made : feedForward(made);
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

/** [B, n, …] → [B·n, rest]. */
export const merged = (x: tf.Tensor): tf.Tensor2D => {
  const rows = x.shape[0] * x.shape[1]!;
  return tf.reshape(x, [rows, x.size / rows]);
};

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
