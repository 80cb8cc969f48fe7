import * as tf from '@tensorflow/tfjs-core';
import { sizeOf, type Box, type Groups } from '@troupe/core';
import { encodedSize, flat, type FlatNetwork, type SequenceInput, type SequenceOutput } from '@troupe/networks';
import { column } from './rows.js';
import { sequenceOf, type Remembering } from './sequences.js';
import type { CommonConfig } from './settings.js';
import { inputsOf, sequential, standardNetwork, type Team, type TrustRegionNetworks } from './teams.js';
import type { CriticRows } from './types.js';

/**
 * One critic: what it sees, and whose values it tells. It has K values per row: one for everybody or a group, or one for
 * each of n agents. Shapes: B rows.
 */
export interface CriticUnit extends Remembering {
  readonly name: string;
  readonly kind: 'own' | 'joint';
  /** Whose rewards it learns from. */
  readonly teams: readonly Team[];
  /** The one agent it is for; undefined where it is for all agents of its teams. */
  readonly slot: number | undefined;
  /** K. */
  readonly columns: number;
  /** n, how many views of a row it has, each with a memory of its own: those of K agents, or one of all. */
  readonly views: number;
  readonly network: FlatNetwork<SequenceInput, SequenceOutput>;
  /** [B·K] in normalised units, agents of a row one after another. With memory, rows are sequences. */
  value(theta: tf.Tensor1D, rows: CriticRows): tf.Tensor1D;
  /** The same for rows that are single steps, and what is remembered after them [B·n, H]. */
  recall(theta: tf.Tensor1D, rows: CriticRows): { readonly value: tf.Tensor1D; readonly memory: tf.Tensor };
}

/** Critics by what they see: one per actor of its own observations, or joint ones. */
export const criticsOf = (
  groups: Groups,
  teams: readonly Team[],
  config: CommonConfig,
  networks: TrustRegionNetworks,
  stateSpace: Box | undefined,
): readonly CriticUnit[] => {
  const make = networks.critic ?? standardNetwork(config, config.criticMemory, 1);
  /** What a critic of this network is, given how it sees rows [B·n, inputs]. */
  const judging = (
    sizes: { readonly group: string; readonly inputs: number; readonly views: number; readonly columns: number },
    seen: (rows: CriticRows) => tf.Tensor2D,
  ): Pick<CriticUnit, 'columns' | 'views' | 'network' | 'value' | 'recall' | keyof Remembering> => {
    const { group, inputs, columns, views } = sizes;
    const wanted = { group, inputs, outputs: 1 };
    const one = sequential(make(wanted), 'critic', wanted);
    const network = flat(one);
    const remembering = { memory: one.memory, sequenceLength: one.memory > 0 ? config.sequenceLength : 1 };
    /** One value per view as K per row. */
    const spread = (output: tf.Tensor): tf.Tensor1D => {
      const value = column(output);
      return views === columns ? value : column(tf.mul(tf.reshape(value, [value.size, 1]), tf.ones([1, columns])));
    };
    return {
      ...{ columns, views, network, ...remembering },
      value: (theta, rows) => spread(network.apply(theta, sequenceOf(remembering, rows, seen(rows))).output),
      recall(theta, rows) {
        const said = network.apply(theta, sequenceOf({ ...remembering, sequenceLength: 1 }, rows, seen(rows)));
        return { value: spread(said.output), memory: said.memory! };
      },
    };
  };

  if (config.critic === 'own') {
    return teams.flatMap((team) => {
      const inputs = encodedSize(team.group.observation) + (team.withIds ? team.slots : 0);
      const sizes = { group: team.name, inputs, views: team.agents, columns: team.agents };
      const judge = judging(sizes, ({ observation }) => inputsOf(team, observation![team.name]!));
      return Array.from({ length: team.copies }, (_, copy): CriticUnit => ({
        name: team.copies === team.slots ? `${team.name}/${team.ids[copy]!}` : team.name,
        kind: 'own',
        teams: [team],
        slot: team.agents === 1 && team.copies === team.slots ? copy : undefined,
        ...judge,
      }));
    });
  }
  const joined = teams.reduce((n, team) => n + team.slots * encodedSize(team.group.observation), 0);
  const inputs = stateSpace ? sizeOf(stateSpace) : joined;
  const seen = ({ state, observation }: CriticRows): tf.Tensor2D => {
    if (state) return tf.reshape(state, [state.shape[0], state.size / state.shape[0]]);
    const parts = teams.map((team) => {
      const own = observation![team.name]!;
      const rows = own.shape[0];
      return tf.reshape<tf.Rank.R2>(inputsOf({ ...team, withIds: false }, own), [rows, -1]);
    });
    return parts.length === 1 ? parts[0]! : tf.concat2d(parts, 1);
  };
  const joint = (name: string, of: readonly Team[], columns: number): CriticUnit => ({
    name,
    kind: 'joint',
    teams: of,
    slot: undefined,
    ...judging({ group: name, inputs, views: 1, columns }, seen),
  });
  if (config.values === 'team') return [joint('team', teams, 1)];
  return teams.map((team) => joint(team.name, [team], config.values === 'group' ? 1 : team.slots));
};
