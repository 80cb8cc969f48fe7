import type { Seats } from './seats.js';
import { shapeOf, sizeOf } from '../space.js';
import { show } from './space-value.js';
import { elementOffsets, hasShape, isContiguous } from '../strided.js';
import type { GroupAction } from '../vec.js';
import type { GroupPlan } from './seats.js';

/** Reads one group's actions, whatever their strides. */
export interface ActionReader {
  /** Of the group whose actions are read. */
  readonly plan: GroupPlan;
  /** [E, N, ...action] */
  readonly shape: readonly number[];
  /** int32 for choices alone. */
  readonly dtype: 'float32' | 'int32';
  /** Where the elements of one action lie, and for which strides that was worked out. */
  offsets: Int32Array;
  /** Of the actions read last. */
  strides: readonly number[];
}

/** A reader of the actions of E = `numEnvs` environments. */
export const actionReader = (plan: GroupPlan, numEnvs: number): ActionReader => ({
  plan,
  shape: [numEnvs, plan.slots, ...shapeOf(plan.group.action)],
  dtype: plan.group.action.kind === 'box' || plan.group.action.kind === 'hybrid' ? 'float32' : 'int32',
  offsets: Int32Array.from({ length: sizeOf(plan.group.action) }, (_, k) => k),
  strides: [],
});

const sameStrides = (a: readonly number[], b: readonly number[]): boolean => {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
};

const check = (reader: ActionReader, array: GroupAction | undefined): GroupAction => {
  const { plan, shape, dtype } = reader;
  const where = `vectorize: step: actions of group '${plan.name}'`;
  if (array === undefined || array === null || !('stride' in array)) {
    throw new TypeError(`${where}: expected an ndarray [${shape.join(', ')}], got ${show(array)}`);
  }
  if (!hasShape(array, shape)) {
    throw new RangeError(`${where}: expected shape [${shape.join(', ')}], got [${array.shape.join(', ')}]`);
  }
  if (array.dtype !== dtype) throw new TypeError(`${where}: expected ${dtype}, got ${array.dtype}`);
  if (!sameStrides(reader.strides, array.stride)) {
    reader.offsets = elementOffsets(array, 2);
    reader.strides = [...array.stride];
  }
  return array;
};

/** The dictionary of one group of one environment: everyone of a fixed cast, the living of a population. */
const dictionaryOf = ({ plan, ids, alive, values }: Seats): Record<string, number | Float32Array | Int32Array> => {
  const discrete = plan.group.action.kind === 'discrete';
  const actions: Record<string, number | Float32Array | Int32Array> = {};
  ids.forEach((id, seat) => {
    if (id !== undefined && (plan.fixed || alive[seat] === 1)) actions[id] = discrete ? 0 : values[seat]!;
  });
  return actions;
};

/**
 * Fills the dictionaries of one group in all environments from [E, N, ...action]. The dead of a fixed cast act 0.
 * Throws for a wrong shape or type, a choice out of range or that `legal`, [E, N, A], forbids, and a number that is not
 * finite.
 */
export const readActions = (
  reader: ActionReader,
  array: GroupAction | undefined,
  all: readonly (readonly Seats[])[],
  handed: readonly Record<string, unknown>[],
  g: number,
  legal: Uint8Array | undefined,
): void => {
  const { data, stride, offset } = check(reader, array);
  const { plan, offsets } = reader;
  const { name, slots, actionSize: size, fixed } = plan;
  const discrete = plan.group.action.kind === 'discrete';
  const [envStride, slotStride] = stride as [number, number];
  const contiguous = isContiguous(array!, 2);
  for (let e = 0; e < all.length; e++) {
    const seats = all[e]![g]!;
    if (seats.stale) {
      seats.actions = dictionaryOf(seats);
      handed[e]![name] = seats.actions;
      seats.stale = false;
    }
    for (let seat = 0; seat < slots; seat++) {
      const id = seats.ids[seat];
      const own = seats.values[seat]!;
      if (seats.alive[seat] === 0) {
        if (fixed) own.fill(0);
        if (fixed && discrete) seats.actions[id!] = 0;
        continue;
      }
      const start = offset + e * envStride + seat * slotStride;
      if (contiguous) for (let k = 0; k < size; k++) own[k] = data[start + k]!;
      else for (let k = 0; k < size; k++) own[k] = data[start + offsets[k]!]!;
      const wrong =
        plan.writeAction(discrete ? own[0] : own, own, 0) ??
        (legal && plan.findForbidden(own, legal, (e * slots + seat) * plan.choices));
      if (wrong !== undefined) {
        throw new RangeError(`vectorize: step: action of environment ${e}, group '${name}', agent '${id}': ${wrong}`);
      }
      if (discrete) seats.actions[id!] = own[0]!;
    }
  }
};
