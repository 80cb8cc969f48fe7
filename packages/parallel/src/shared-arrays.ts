import { choicesOf, shapeOf, sizeOf, slotsOf, type Box, type Groups } from '@troupe/core';

/** What is seen at one moment; arrays by group, in the order of the groups. First axis: environments. */
export interface FrameArrays {
  readonly observation: readonly Float32Array[];
  readonly active: readonly Uint8Array[];
  /** Empty arrays for groups without choices. */
  readonly legal: readonly Uint8Array[];
  /** Empty where there is no state. */
  readonly state: Float32Array;
}

/** One of the two sets of arrays that are handed out in turn. */
export interface SetArrays {
  readonly next: FrameArrays;
  readonly current: FrameArrays;
  readonly reward: readonly Float32Array[];
  readonly discount: readonly Float32Array[];
  readonly last: Uint8Array;
}

/** Everything that threads share: two sets of results, and actions. */
export interface SharedArrays {
  readonly sets: readonly [SetArrays, SetArrays];
  readonly actions: readonly (Float32Array | Int32Array)[];
}

/** What decides where everything lies in the shared memory. */
export interface Plan {
  readonly groups: Groups;
  readonly stateSpace: Box | undefined;
  readonly numEnvs: number;
}

/** Bytes of a cache line: arrays begin on one. */
const LINE = 64;

type ArrayKind<T> = { new (memory: SharedArrayBuffer, offset: number, length: number): T; BYTES_PER_ELEMENT: number };
/** Gives out arrays of `perEnv` numbers for each environment, one after another. */
type Take = <T>(kind: ArrayKind<T>, perEnv: number) => T;

const arrangedBy = (take: Take, { groups, stateSpace }: Plan): SharedArrays => {
  const all = Object.values(groups);
  const slots = all.map(({ agents }) => slotsOf(agents));
  const frame = (): FrameArrays => ({
    observation: all.map(({ observation }, g) => take(Float32Array, slots[g]! * sizeOf(observation))),
    active: slots.map((n) => take(Uint8Array, n)),
    legal: all.map(({ action }, g) => take(Uint8Array, slots[g]! * choicesOf(action))),
    state: take(Float32Array, stateSpace ? sizeOf(stateSpace) : 0),
  });
  const set = (): SetArrays => ({
    next: frame(),
    current: frame(),
    reward: slots.map((n) => take(Float32Array, n)),
    discount: slots.map((n) => take(Float32Array, n)),
    last: take(Uint8Array, 1),
  });
  return {
    sets: [set(), set()],
    actions: all.map(({ action }, g): Float32Array | Int32Array =>
      action.kind === 'box' || action.kind === 'hybrid'
        ? take(Float32Array, slots[g]! * sizeOf(action))
        : take(Int32Array, slots[g]! * sizeOf(action)),
    ),
  };
};

/** Shared memory for a plan. */
export const memoryFor = (plan: Plan): SharedArrayBuffer => {
  let bytes = 0;
  const nothing = new SharedArrayBuffer(0);
  arrangedBy((kind, perEnv) => {
    bytes += Math.ceil((perEnv * plan.numEnvs * kind.BYTES_PER_ELEMENT) / LINE) * LINE;
    return new kind(nothing, 0, 0);
  }, plan);
  return new SharedArrayBuffer(bytes);
};

/** The arrays in the memory of a plan, as environments [first, first + count) see them. */
export const arraysIn = (memory: SharedArrayBuffer, plan: Plan, first = 0, count = plan.numEnvs): SharedArrays => {
  let offset = 0;
  return arrangedBy((kind, perEnv) => {
    const bytes = kind.BYTES_PER_ELEMENT * perEnv;
    const array = new kind(memory, offset + first * bytes, count * perEnv);
    offset += Math.ceil((plan.numEnvs * bytes) / LINE) * LINE;
    return array;
  }, plan);
};

/** Shape of the actions of a group in `count` environments. */
export const actionShape = ({ groups }: Plan, name: string, count: number): readonly number[] => {
  const { agents, action } = groups[name]!;
  return [count, slotsOf(agents), ...shapeOf(action)];
};
