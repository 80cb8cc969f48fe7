import * as tf from '@tensorflow/tfjs-core';
import { sizeOf, type Box, type Groups } from '@troupe/core';
import { encodedSize, flat, type FlatNetwork } from '@troupe/networks';
import type { CommonConfig } from './settings.js';
import { inputsOf, standardNetwork, type Team, type TrustRegionNetworks } from './teams.js';
import type { CriticRows } from './types.js';

/**
 * One critic: what it sees, and whose values it tells. It has K values per row: one for everybody or a group, or one for
 * each of n agents. Shapes: B rows.
 */
export interface CriticUnit {
  readonly name: string;
  readonly kind: 'own' | 'joint';
  /** Whose rewards it learns from. */
  readonly teams: readonly Team[];
  /** The one agent it is for; undefined where it is for all agents of its teams. */
  readonly slot: number | undefined;
  /** K. */
  readonly columns: number;
  readonly network: FlatNetwork<tf.Tensor, tf.Tensor>;
  /** [B·K] in normalised units, agents of a row one after another. */
  value(theta: tf.Tensor1D, rows: CriticRows): tf.Tensor1D;
}

const column = (x: tf.Tensor): tf.Tensor1D => tf.reshape(x, [x.size]);

/** Critics by what they see: one per actor of its own observations, or joint ones. */
export const criticsOf = (
  groups: Groups,
  teams: readonly Team[],
  config: CommonConfig,
  networks: TrustRegionNetworks,
  stateSpace: Box | undefined,
): readonly CriticUnit[] => {
  const make = networks.critic ?? standardNetwork(config, 1);
  if (config.critic === 'own') {
    return teams.flatMap((team) => {
      const inputs = encodedSize(team.group.observation) + (team.withIds ? team.slots : 0);
      const network = flat(make({ group: team.name, inputs, outputs: 1 }));
      return Array.from({ length: team.copies }, (_, copy): CriticUnit => ({
        name: team.copies === team.slots ? `${team.name}/${team.ids[copy]!}` : team.name,
        kind: 'own',
        teams: [team],
        slot: team.agents === 1 && team.copies === team.slots ? copy : undefined,
        columns: team.agents,
        network,
        value: (theta, { observation }) => column(network.apply(theta, inputsOf(team, observation![team.name]!))),
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
  const joint = (name: string, of: readonly Team[], columns: number): CriticUnit => {
    const network = flat(make({ group: name, inputs, outputs: 1 }));
    return {
      name,
      kind: 'joint',
      teams: of,
      slot: undefined,
      columns,
      network,
      value(theta, rows) {
        const value = column(network.apply(theta, seen(rows)));
        if (columns === 1) return value;
        return column(tf.mul(tf.reshape(value, [value.size, 1]), tf.ones([1, columns])));
      },
    };
  };
  if (config.values === 'team') return [joint('team', teams, 1)];
  return teams.map((team) => joint(team.name, [team], config.values === 'group' ? 1 : team.slots));
};
