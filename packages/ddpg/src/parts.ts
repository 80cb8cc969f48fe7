import * as tf from '@tensorflow/tfjs-core';
import type { Agent, Team } from './agents.js';
import type { GroupInput, MaddpgRole } from './types.js';

type Moments = Readonly<Record<string, tf.Tensor>>;

/** One agent's part of one role while a step goes on. */
export interface Parts {
  theta: tf.Tensor1D;
  target: tf.Tensor1D;
  moments: Moments;
}

/** A role agent by agent. */
export const unstackRole = (role: MaddpgRole, teams: readonly Team[]): Parts[] =>
  teams.flatMap(({ name, size }) => {
    const { theta, target } = role[name]!;
    const moments = (role[name]!['moments'] ?? {}) as Moments; // absent for optimisers without any
    const [thetas, targets] = [tf.unstack(theta), tf.unstack(target)];
    const each = Object.entries(moments).map(([key, value]) => [key, tf.unstack(value)] as const);
    return Array.from({ length: size }, (_, slot) => ({
      theta: thetas[slot] as tf.Tensor1D,
      target: targets[slot] as tf.Tensor1D,
      moments: Object.fromEntries(each.map(([key, values]) => [key, values[slot]!])),
    }));
  });

/** The role again, from its agents. */
export const stackRole = (parts: readonly Parts[], agents: readonly Agent[], teams: readonly Team[]): MaddpgRole =>
  Object.fromEntries(
    teams.map((team) => {
      const own = agents.filter((agent) => agent.team === team).map(({ index }) => parts[index]!);
      const over = (of: (part: Parts) => tf.Tensor) => tf.stack(own.map(of));
      const keys = Object.keys(own[0]!.moments);
      const moments = Object.fromEntries(keys.map((key) => [key, over((part) => part.moments[key]!)]));
      return [
        team.name,
        { theta: over((part) => part.theta), target: over((part) => part.target), ...(keys.length > 0 && { moments }) },
      ];
    }),
  );

/** [B, N, …] as one [B, size] per slot. */
const perSlot = (x: tf.Tensor): tf.Tensor2D[] => {
  const [rows, slots] = x.shape as [number, number];
  const flattened = tf.reshape(x, [rows, slots, x.size / (rows * slots)]);
  return tf.unstack(flattened, 1) as tf.Tensor2D[];
};

/** A column of the batch agent by agent, after `transform`; undefined where a group has none. */
export const columnOf = (
  teams: readonly Team[],
  groups: Readonly<Record<string, GroupInput>>,
  name: string,
  transform: (x: tf.Tensor) => tf.Tensor = (x) => x,
): (tf.Tensor2D | undefined)[] =>
  teams.flatMap((team): (tf.Tensor2D | undefined)[] => {
    const column = groups[team.name]![name];
    return column === undefined ? Array.from({ length: team.size }, () => undefined) : perSlot(transform(column));
  });

/** [B, 1] → [B]. */
export const rowOf = (x: tf.Tensor2D | undefined): tf.Tensor1D => tf.reshape(x!, [x!.shape[0]]);
