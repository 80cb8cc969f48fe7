import ndarray from 'ndarray';
import type { Groups } from '../env.js';
import type { GroupArrays, GroupPlan } from './seats.js';
import { shapeOf, sizeOf, type Box } from '../space.js';
import type { F32, GroupObservation, JointObservation, VecStep } from '../vec.js';

/** What is seen at one moment: typed arrays, and the views on them that are handed out. */
export interface Frame<G extends Groups> {
  readonly groups: readonly GroupArrays[];
  readonly state: Float32Array | undefined;
  readonly views: JointObservation<G>;
}

/** One of the two sets of arrays that `step` returns in turn. */
export interface ArraySet<G extends Groups> {
  readonly next: Frame<G>;
  readonly current: Frame<G>;
  readonly rewards: readonly Float32Array[];
  readonly discounts: readonly Float32Array[];
  readonly step: VecStep<G>;
}

const frameOf = <G extends Groups>(
  plans: readonly GroupPlan[],
  numEnvs: number,
  masked: boolean,
  stateSpace: Box | undefined,
): Frame<G> => {
  const state = stateSpace && new Float32Array(numEnvs * sizeOf(stateSpace));
  const stateView = stateSpace && ndarray(state!, [numEnvs, ...shapeOf(stateSpace)]);
  const groups: GroupArrays[] = [];
  const views: Record<string, GroupObservation> = {};
  for (const { name, group, slots, observationSize, choices } of plans) {
    const observation = new Float32Array(numEnvs * slots * observationSize);
    const active = new Uint8Array(numEnvs * slots);
    const legal = masked && choices > 0 ? new Uint8Array(numEnvs * slots * choices).fill(1) : undefined;
    groups.push({ observation, active, legal });
    views[name] = {
      observation: ndarray(observation, [numEnvs, slots, ...shapeOf(group.observation)]),
      active: ndarray(active, [numEnvs, slots]),
      ...(legal && { legal: ndarray(legal, [numEnvs, slots, choices]) }),
      ...(stateView && { state: stateView }),
    };
  }
  return { groups, state, views: views as JointObservation<G> };
};

export const copyFrame = (from: Frame<Groups>, to: Frame<Groups>): void => {
  for (let g = 0; g < from.groups.length; g++) {
    const source = from.groups[g]!;
    const target = to.groups[g]!;
    target.observation.set(source.observation);
    target.active.set(source.active);
    if (source.legal) target.legal!.set(source.legal);
  }
  if (from.state) to.state!.set(from.state);
};

export const arraySetOf = <G extends Groups>(
  plans: readonly GroupPlan[],
  numEnvs: number,
  masked: boolean,
  stateSpace: Box | undefined,
): ArraySet<G> => {
  const next = frameOf<G>(plans, numEnvs, masked, stateSpace);
  const current = frameOf<G>(plans, numEnvs, masked, stateSpace);
  const scalars = () => plans.map(({ slots }) => new Float32Array(numEnvs * slots));
  const named = (arrays: readonly Float32Array[]) =>
    Object.fromEntries(plans.map(({ name, slots }, g) => [name, ndarray(arrays[g]!, [numEnvs, slots])])) as {
      [K in keyof G]: F32;
    };
  const rewards = scalars();
  const discounts = scalars();
  return {
    next,
    current,
    rewards,
    discounts,
    step: {
      next: next.views,
      current: current.views,
      reward: named(rewards),
      discount: named(discounts),
      last: new Uint8Array(numEnvs),
    },
  };
};

/** A frame as plain data. */
export interface SavedFrame {
  readonly observations: readonly Float32Array[];
  readonly active: readonly Uint8Array[];
  readonly legal: readonly (Uint8Array | null)[];
  readonly state: Float32Array | null;
}

export const saveFrame = ({ groups, state }: Frame<Groups>): SavedFrame => ({
  observations: groups.map(({ observation }) => observation.slice()),
  active: groups.map(({ active }) => active.slice()),
  legal: groups.map(({ legal }) => legal?.slice() ?? null),
  state: state?.slice() ?? null,
});

/** Throws a RangeError where the saved arrays are not as long as the frame's. */
export const loadFrame = (saved: SavedFrame, { groups, state }: Frame<Groups>): void => {
  const put = (what: string, from: Float32Array | Uint8Array | null | undefined, to: typeof from): void => {
    if ((from?.length ?? 0) !== (to?.length ?? 0)) {
      throw new RangeError(`vectorize: load: ${what}: expected ${to?.length ?? 0} numbers, got ${from?.length ?? 0}`);
    }
    if (from && to) to.set(from);
  };
  groups.forEach(({ observation, active, legal }, g) => {
    put('observations', saved.observations[g], observation);
    put('active', saved.active[g], active);
    put('legal', saved.legal[g], legal);
  });
  put('state', saved.state, state);
};
