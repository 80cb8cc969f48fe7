import {
  elements,
  box,
  discrete,
  multiDiscrete,
  sizeOf,
  slotsOf,
  type Box,
  type Discrete,
  type Group,
  type GroupBatch,
  type GroupObservation,
  type GroupsActing,
  type Space,
} from '@troupe/core';
import ndarray from 'ndarray';
import { jointActionsOf, writeJointLegal, type JointActions } from './joint-actions.js';

/** A group as one agent that sees what all see and makes the choices of all. */
export type JointGroup = Group<readonly ['team'], Space, Discrete>;
/** All groups, each as one agent. */
export type JointGroups<G extends GroupsActing<Discrete>> = { readonly [K in keyof G]: JointGroup };

/** How one group looks as one agent. */
export interface JointView {
  readonly joint: JointActions;
  readonly group: JointGroup;
  /** What the controller sees of the group: [rows, 1, …]. The arrays are kept and used again. */
  see(seen: GroupObservation): GroupObservation;
  /** Rows of the group as rows of the controller. */
  read(batch: GroupBatch): GroupBatch<JointGroup>;
}

/** N observations as one. Boxes are joined, choices counted side by side. */
const joinedSpace = (where: string, name: string, space: Space, slots: number): Space => {
  const each = (x: number | readonly number[], n: number): number[] =>
    Array.from({ length: slots * n }, (_, i) => (typeof x === 'number' ? x : x[i % n]!));
  switch (space.kind) {
    case 'discrete':
      return multiDiscrete(...each(space.n, 1));
    case 'multiDiscrete':
      return multiDiscrete(...each(space.counts, space.counts.length));
    case 'box': {
      const size = sizeOf(space);
      return box([slots * size], { low: each(space.low, size), high: each(space.high, size) });
    }
    case 'hybrid':
      throw new RangeError(`${where}: expected observations of group '${name}' of numbers or of choices, got hybrid ones`); // prettier-ignore
  }
};

/** One group as one agent. Throws a RangeError for more joint actions than `limit`. */
export const jointView = (
  where: string,
  name: string,
  group: GroupsActing<Discrete>[string],
  options: { readonly limit: number; readonly teamReward: 'mean' | 'sum'; readonly stateSpace: Box | undefined },
): JointView => {
  const { stateSpace, teamReward } = options;
  const slots = slotsOf(group.agents);
  const joint = jointActionsOf(where, name, group, slots, options.limit);
  const observation = stateSpace ?? joinedSpace(where, name, group.observation, slots);
  const width = sizeOf(observation);
  const masks = new Map<string, Uint8Array>();
  let rows = { action: new Int32Array(0), reward: new Float32Array(0), discount: new Float32Array(0) };

  const bytes = (key: string, length: number): Uint8Array => {
    let kept = masks.get(key);
    if (kept?.length !== length) masks.set(key, (kept = new Uint8Array(length)));
    return kept;
  };
  const look = (seen: GroupObservation, key: string): GroupObservation => {
    const count = seen.active.shape[0]!;
    const given = stateSpace ? seen.state : seen.observation;
    if (!given) throw new TypeError(`${where}: expected the environment's state, as stateSpace says; group '${name}' has none`); // prettier-ignore
    const active = elements(seen.active);
    const any = bytes(`${key} active`, count);
    for (let r = 0; r < count; r++) any[r] = active.subarray(r * slots, (r + 1) * slots).includes(1) ? 1 : 0;
    const masked = seen.legal !== undefined || active.includes(0);
    const legal = bytes(`${key} legal`, count * joint.count);
    writeJointLegal(joint, count, active, seen.legal && elements(seen.legal), legal);
    // A mask that comes and goes would change the shape of batches: it is there whenever there was one.
    hadMask ||= masked;
    return {
      observation: ndarray(elements(given), [count, 1, width]),
      active: ndarray(any, [count, 1]),
      ...(hadMask && { legal: ndarray(legal, [count, 1, joint.count]) }),
    };
  };
  let hadMask = false;

  return {
    joint,
    group: { agents: ['team'], observation, action: discrete(joint.count) },
    see: (seen) => look(seen, 'act'),
    read(batch) {
      const count = batch.active.shape[0]!;
      if (rows.action.length !== count) {
        rows = { action: new Int32Array(count), reward: new Float32Array(count), discount: new Float32Array(count) };
      }
      const active = elements(batch.active);
      const action = elements(batch.action as ndarray.NdArray<Int32Array>);
      const [reward, discount] = [elements(batch.reward), elements(batch.discount)];
      for (let r = 0; r < count; r++) {
        let [j, sum, living, future] = [0, 0, 0, 0];
        for (let i = 0; i < slots; i++) {
          const at = r * slots + i;
          j = j * joint.choices + (active[at] === 1 ? action[at]! : 0);
          if (active[at] === 0) continue;
          sum += reward[at]!;
          living += 1;
          future = Math.max(future, discount[at]!);
        }
        rows.action[r] = j;
        rows.reward[r] = teamReward === 'sum' ? sum : sum / Math.max(living, 1);
        rows.discount[r] = future;
      }
      const next = look(batch.next, 'next');
      return {
        ...look(batch, 'now'),
        action: ndarray(rows.action, [count, 1]),
        reward: ndarray(rows.reward, [count, 1]),
        discount: ndarray(rows.discount, [count, 1]),
        next,
        extras: {},
      };
    },
  };
};
