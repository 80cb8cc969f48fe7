import { choicesOf, idsOf, shapeOf, sizeOf, type Group } from '@troupe/core';
import type ndarray from 'ndarray';
import { MOVES } from './spaces.js';
import type { World } from './world.js';

/** Directions of the moves. */
const MOVE_X = Float64Array.of(0, -1, 1, 0, 0);
const MOVE_Y = Float64Array.of(0, 0, 0, -1, 1);

/** Actions of one group as the environment reads them: any strides, single or double precision. */
export type ActionsRead = ndarray.NdArray<Float32Array | Float64Array | Int32Array>;

/** Reads the actions of one group into the forces and messages of a world. */
export type ReadActions = (world: World, actions: ActionsRead) => void;

/** Throws a TypeError for missing actions and a RangeError for a shape other than `expected`. */
export const checkShape = (where: string, actions: ActionsRead | undefined, expected: readonly number[]): void => {
  if (actions === undefined) throw new TypeError(`${where}: expected actions [${expected.join(', ')}], got none`);
  const { shape } = actions;
  let same = shape.length === expected.length;
  for (let d = 0; d < expected.length; d++) same &&= shape[d] === expected[d];
  if (!same) {
    throw new RangeError(`${where}: expected actions [${expected.join(', ')}], got [${shape.join(', ')}]`);
  }
};

/**
 * A reader for one group: `members` are its agents' indices in the world, slot by slot. It throws a TypeError for
 * missing actions, a RangeError for a wrong shape, for a choice out of range and for a component that is not a number. `mirrored`: continuous
 * components 1 and 3 push to +x and +y, as in older versions of the environments.
 */
export const actionReader = (
  name: string,
  group: Group,
  members: Int32Array,
  numEnvs: number,
  mirrored: boolean,
): ReadActions => {
  const where = `step: group '${name}'`;
  const space = group.action;
  const ids = idsOf(group.agents);
  const shape = [numEnvs, members.length, ...shapeOf(space)];
  const at = (e: number, slot: number): string => `${where}, agent '${ids[slot]!}', environment ${e}`;

  const n = choicesOf(space);
  const readChoices: ReadActions = (world, { data, offset, stride }) => {
    const { agents, messageSize, movable, speaks, accel, force, spoken } = world;
    const [nextEnv, nextSlot] = [stride[0]!, stride[1]!];
    for (let e = 0; e < numEnvs; e++) {
      for (let slot = 0; slot < members.length; slot++) {
        const choice = data[offset + e * nextEnv + slot * nextSlot]!;
        const index = choice | 0;
        if (index !== choice || index < 0 || index >= n) {
          throw new RangeError(`${at(e, slot)}: expected an integer in [0, ${n}), got ${String(choice)}`);
        }
        const member = members[slot]!;
        const agent = e * agents + member;
        const moves = movable[member] === 1;
        if (moves) {
          // Tables, because which way somebody goes is not to be predicted by the processor.
          const move = index < MOVES ? index : index % MOVES;
          const push = accel[agent]!;
          force[2 * agent] = MOVE_X[move]! * push;
          force[2 * agent + 1] = MOVE_Y[move]! * push;
        }
        if (speaks[member] === 1) {
          const word = moves ? Math.floor(index / MOVES) : index;
          const from = agent * messageSize;
          for (let k = 0; k < messageSize; k++) spoken[from + k] = k === word ? 1 : 0;
        }
      }
    }
  };

  const width = sizeOf(space);
  const clipped = new Float64Array(width);
  const sign = mirrored ? -1 : 1;
  const readReals: ReadActions = (world, { data, offset, stride }) => {
    const { agents, messageSize, movable, speaks, accel, force, spoken } = world;
    for (let e = 0; e < numEnvs; e++) {
      for (let slot = 0; slot < members.length; slot++) {
        const from = offset + e * stride[0]! + slot * stride[1]!;
        for (let k = 0; k < width; k++) {
          const value = data[from + k * stride[2]!]!;
          if (!(value === value)) {
            throw new RangeError(`${at(e, slot)}, component ${k}: expected a number, got ${String(value)}`);
          }
          clipped[k] = value < 0 ? 0 : value > 1 ? 1 : value;
        }
        const agent = e * agents + members[slot]!;
        let message = 0;
        if (movable[members[slot]!] === 1) {
          message = MOVES;
          force[2 * agent] = sign * (clipped[2]! - clipped[1]!) * accel[agent]!;
          force[2 * agent + 1] = sign * (clipped[4]! - clipped[3]!) * accel[agent]!;
        }
        if (speaks[members[slot]!] === 1) {
          for (let k = 0; k < messageSize; k++) spoken[agent * messageSize + k] = clipped[message + k]!;
        }
      }
    }
  };

  const readHeads: ReadActions = (world, { data, offset, stride }) => {
    const { agents, messageSize, accel, force, spoken } = world;
    for (let e = 0; e < numEnvs; e++) {
      for (let slot = 0; slot < members.length; slot++) {
        const from = offset + e * stride[0]! + slot * stride[1]!;
        const move = data[from]!;
        const word = data[from + stride[2]!]!;
        for (let head = 0; head < 2; head++) {
          const [choice, most] = head === 0 ? [move, MOVES] : [word, messageSize];
          if ((choice | 0) === choice && choice >= 0 && choice < most) continue;
          throw new RangeError(
            `${at(e, slot)}, head ${head}: expected an integer in [0, ${most}), got ${String(choice)}`,
          );
        }
        const agent = e * agents + members[slot]!;
        force[2 * agent] = MOVE_X[move]! * accel[agent]!;
        force[2 * agent + 1] = MOVE_Y[move]! * accel[agent]!;
        for (let k = 0; k < messageSize; k++) spoken[agent * messageSize + k] = k === word ? 1 : 0;
      }
    }
  };

  const read = space.kind === 'box' ? readReals : space.kind === 'multiDiscrete' ? readHeads : readChoices;
  return (world, actions) => {
    checkShape(where, actions, shape);
    read(world, actions);
  };
};
