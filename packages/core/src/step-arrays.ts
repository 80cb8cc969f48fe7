import ndarray from 'ndarray';
import type { Groups } from './env.js';
import { choicesOf, shapeOf, sizeOf, type Box } from './space.js';
import { slotsOf, type GroupObservation, type JointObservation, type VecStep } from './vec.js';

/** What is seen at one moment: arrays by group, in the order of the record `groups`, and the views on them to hand out. */
export interface FrameArrays<G extends Groups = Groups> {
  /** Per group [E, N, ...observation] */
  readonly observation: readonly Float32Array[];
  /** Per group [E, N] */
  readonly active: readonly Uint8Array[];
  /** Per group [E, N, A]; undefined where there are no masks, and for groups whose actions have no choices. */
  readonly legal: readonly (Uint8Array | undefined)[];
  /** [E, ...state]; undefined where the environment has none. */
  readonly state: Float32Array | undefined;
  /** These arrays as a `VecStep` shows them. */
  readonly views: JointObservation<G>;
}

/** One of the two sets of arrays that a `VecEnv` hands out in turn: what is written, and the `VecStep` that shows it. */
export interface StepArrays<G extends Groups = Groups> {
  /** The true successor, to learn from. */
  readonly next: FrameArrays<G>;
  /** What to act on now. */
  readonly current: FrameArrays<G>;
  /** Per group [E, N] */
  readonly reward: readonly Float32Array[];
  /** Per group [E, N] */
  readonly discount: readonly Float32Array[];
  /** [E] */
  readonly last: Uint8Array;
  /** All of it as views: what `step` returns. */
  readonly step: VecStep<G>;
}

/** What environments may have beside observations. */
export interface FrameParts {
  /** Whether there are masks. Default false. */
  readonly masked?: boolean;
  /** Space of `state`. */
  readonly stateSpace?: Box | undefined;
}

const frameArrays = <G extends Groups>(
  groups: G,
  numEnvs: number,
  { masked = false, stateSpace }: FrameParts,
): FrameArrays<G> => {
  const state = stateSpace && new Float32Array(numEnvs * sizeOf(stateSpace));
  const stateView = stateSpace && ndarray(state!, [numEnvs, ...shapeOf(stateSpace)]);
  const all = Object.entries(groups).map(([name, group]) => {
    const [slots, choices] = [slotsOf(group.agents), choicesOf(group.action)];
    const observation = new Float32Array(numEnvs * slots * sizeOf(group.observation));
    const active = new Uint8Array(numEnvs * slots).fill(1);
    const legal = masked && choices > 0 ? new Uint8Array(numEnvs * slots * choices).fill(1) : undefined;
    const view: GroupObservation = {
      observation: ndarray(observation, [numEnvs, slots, ...shapeOf(group.observation)]),
      active: ndarray(active, [numEnvs, slots]),
      ...(legal && { legal: ndarray(legal, [numEnvs, slots, choices]) }),
      ...(stateView && { state: stateView }),
    };
    return { name, observation, active, legal, view };
  });
  return {
    observation: all.map(({ observation }) => observation),
    active: all.map(({ active }) => active),
    legal: all.map(({ legal }) => legal),
    state,
    views: Object.fromEntries(all.map(({ name, view }) => [name, view])) as JointObservation<G>,
  };
};

/** Arrays for one step of `numEnvs` environments: zeros, but all agents active, all choices legal, all discounts 1. */
export const stepArrays = <G extends Groups>(groups: G, numEnvs: number, parts: FrameParts = {}): StepArrays<G> => {
  const [next, current] = [frameArrays(groups, numEnvs, parts), frameArrays(groups, numEnvs, parts)];
  const names = Object.keys(groups);
  const slots = names.map((name) => slotsOf(groups[name]!.agents));
  const [reward, discount] = [0, 1].map((value) => slots.map((n) => new Float32Array(numEnvs * n).fill(value))) as [
    Float32Array[],
    Float32Array[],
  ];
  const last = new Uint8Array(numEnvs);
  const named = (arrays: readonly Float32Array[]) =>
    Object.fromEntries(
      names.map((name, g) => [name, ndarray(arrays[g]!, [numEnvs, slots[g]!])]),
    ) as VecStep<G>['reward'];
  return {
    next,
    current,
    reward,
    discount,
    last,
    step: { next: next.views, current: current.views, reward: named(reward), discount: named(discount), last },
  };
};

/** Copies everything that is seen from one frame to another of the same groups. */
export const copyFrame = (from: FrameArrays, to: FrameArrays): void => {
  for (let g = 0; g < from.observation.length; g++) {
    to.observation[g]!.set(from.observation[g]!);
    to.active[g]!.set(from.active[g]!);
    const legal = from.legal[g];
    if (legal) to.legal[g]!.set(legal);
  }
  if (from.state) to.state!.set(from.state);
};
