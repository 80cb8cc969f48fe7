import { hasShape, idsOf, shapeOf, sizeOf, slotsOf, type Group } from '@troupe/core';
import type { ActionsRead } from './world.js';

/** Reads the actions of one group into [E, N, size], row-major. */
export type ReadActions = (actions: ActionsRead | undefined, out: Float64Array) => void;

/**
 * A reader for one group of agents with discrete or box actions. It honours any strides and throws a TypeError for
 * missing actions, a RangeError for another shape, a choice out of range or a component that is not a finite number.
 */
export const actionReader = (name: string, group: Group, numEnvs: number): ReadActions => {
  const { action: space } = group;
  const [slots, size, ids] = [slotsOf(group.agents), sizeOf(space), idsOf(group.agents)];
  const shape = [numEnvs, slots, ...shapeOf(space)];
  const n = space.kind === 'discrete' ? space.n : 0;
  const expected = n > 0 ? `an integer in [0, ${n})` : 'a finite number';

  return (actions, out) => {
    if (actions === undefined) {
      throw new TypeError(`step: group '${name}': expected actions [${shape.join(', ')}], got none`);
    }
    if (!hasShape(actions, shape)) {
      throw new RangeError(
        `step: group '${name}': expected actions [${shape.join(', ')}], got [${actions.shape.join(', ')}]`,
      );
    }
    const { data, offset, stride } = actions;
    const [nextEnv, nextSlot, nextPart] = [stride[0]!, stride[1]!, stride[2] ?? 0];
    let to = 0;
    for (let e = 0; e < numEnvs; e++) {
      for (let slot = 0; slot < slots; slot++) {
        for (let k = 0; k < size; k++, to++) {
          const value = data[offset + e * nextEnv + slot * nextSlot + k * nextPart]!;
          const fits = n > 0 ? (value | 0) === value && value >= 0 && value < n : value - value === 0;
          if (!fits) {
            const where = `step: group '${name}', agent '${ids[slot]!}', environment ${e}`;
            throw new RangeError(`${where}${n > 0 ? '' : `, component ${k}`}: expected ${expected}, got ${value}`);
          }
          out[to] = value;
        }
      }
    }
  };
};
