import { mapGroups, shapeOf, sizeOf, slotsOf, type Groups, type JointObservation, type VecStep } from '@troupe/core';
import ndarray from 'ndarray';

/** One of the two sets of arrays that an environment hands out in turn, with the arrays of each group by index. */
export interface Outputs<G extends Groups> {
  readonly step: VecStep<G>;
  /** Per group [E, N, ...observation] */
  readonly next: readonly Float32Array[];
  readonly current: readonly Float32Array[];
  /** Per group [E, N] */
  readonly reward: readonly Float32Array[];
  readonly discount: readonly Float32Array[];
  /** [E] */
  readonly last: Uint8Array;
}

/** Arrays for the outputs of `numEnvs` environments: zeros, all agents active, discounts 1. */
export const createOutputs = <G extends Groups>(groups: G, numEnvs: number): Outputs<G> => {
  const names = Object.keys(groups);
  const rows = names.map((name) => numEnvs * slotsOf(groups[name]!.agents));
  const observations = () => names.map((name, g) => new Float32Array(rows[g]! * sizeOf(groups[name]!.observation)));
  const [next, current] = [observations(), observations()];
  const reward = rows.map((n) => new Float32Array(n));
  const discount = rows.map((n) => new Float32Array(n).fill(1));
  const active = rows.map((n) => new Uint8Array(n).fill(1));
  const last = new Uint8Array(numEnvs);

  const seen = (arrays: readonly Float32Array[]): JointObservation<G> =>
    mapGroups(groups, (group, name) => {
      const [g, shape] = [names.indexOf(name), [numEnvs, slotsOf(group.agents)]];
      return {
        observation: ndarray(arrays[g]!, [...shape, ...shapeOf(group.observation)]),
        active: ndarray(active[g]!, shape),
      };
    });
  const perAgent = (arrays: readonly Float32Array[]) =>
    mapGroups(groups, (group, name) => ndarray(arrays[names.indexOf(name)]!, [numEnvs, slotsOf(group.agents)]));

  return {
    step: { next: seen(next), current: seen(current), reward: perAgent(reward), discount: perAgent(discount), last },
    next,
    current,
    reward,
    discount,
    last,
  };
};
