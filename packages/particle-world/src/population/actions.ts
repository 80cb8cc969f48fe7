import { shapeOf, sizeOf, type Group } from '@troupe/core';
import { checkShape, type ActionsRead } from '../actions.js';
import { MOVES } from '../spaces.js';
import type { Crowd } from './crowd.js';

/** Reads the actions of one role of environment `e` into the forces; those of slots where nobody lives are not looked at. */
export type ReadForces = (crowd: Crowd, e: number, actions: ActionsRead) => void;

/** What a role's actions are checked and read with. */
export interface CrowdActions {
  /** Throws a TypeError for missing actions and a RangeError for a wrong shape or an action outside the space. */
  check(crowd: Crowd, actions: ActionsRead | undefined): void;
  readonly read: ReadForces;
}

/** For the group `name`, which is role `r`. */
export const crowdActions = (name: string, group: Group, r: number, crowd: Crowd): CrowdActions => {
  const { numEnvs, slots, first, roles } = crowd;
  const where = `step: group '${name}'`;
  const [from, to] = [first[r]!, first[r + 1]!];
  const shape = [numEnvs, to - from, ...shapeOf(group.action)];
  const { accel } = roles[r]!;
  const real = group.action.kind === 'box';
  const width = sizeOf(group.action);

  const unit = (x: number): number => (x < 0 ? 0 : x > 1 ? 1 : x);
  return {
    check(world, actions) {
      checkShape(where, actions, shape);
      const { data, offset, stride } = actions!;
      for (let e = 0; e < numEnvs; e++) {
        for (let slot = 0; slot < to - from; slot++) {
          if (world.alive[e * slots + from + slot] === 0) continue;
          const at = offset + e * stride[0]! + slot * stride[1]!;
          for (let k = 0; k < width; k++) {
            const value = data[real ? at + k * stride[2]! : at]!;
            if (real ? value === value : (value | 0) === value && value >= 0 && value < MOVES) continue;
            throw new RangeError(
              `${where}, slot ${slot}, environment ${e}: expected ` +
                `${real ? `a number as component ${k}` : `an integer in [0, ${MOVES})`}, got ${String(value)}`,
            );
          }
        }
      }
    },
    read({ alive, force }, e, { data, offset, stride }) {
      for (let i = from; i < to; i++) {
        if (alive[e * slots + i] === 0) continue;
        const at = offset + e * stride[0]! + (i - from) * stride[1]!;
        if (real) {
          const s = stride[2]!;
          force[2 * i] = (unit(data[at + 2 * s]!) - unit(data[at + s]!)) * accel;
          force[2 * i + 1] = (unit(data[at + 4 * s]!) - unit(data[at + 3 * s]!)) * accel;
        } else {
          const move = data[at]!;
          force[2 * i] = move === 1 ? -accel : move === 2 ? accel : 0;
          force[2 * i + 1] = move === 3 ? -accel : move === 4 ? accel : 0;
        }
      }
    },
  };
};
