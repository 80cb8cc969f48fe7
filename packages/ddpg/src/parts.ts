import * as tf from '@tensorflow/tfjs-core';
import { stackRole, unstackRole, type TargetedPart } from '@troupe/networks';
import type { Agent, Team } from './agents.js';
import type { GroupInput, MaddpgRole } from './types.js';

/** A role agent by agent. */
export const agentParts = (role: MaddpgRole, teams: readonly Team[]): TargetedPart[] =>
  teams.flatMap(({ name }) => unstackRole(role[name]!));

/** The role again, from its agents. */
export const roleOf = (parts: readonly TargetedPart[], agents: readonly Agent[], teams: readonly Team[]): MaddpgRole =>
  Object.fromEntries(
    teams.map((team) => {
      const own = agents.filter((agent) => agent.team === team).map(({ index }) => parts[index]!);
      return [team.name, stackRole(own)];
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
