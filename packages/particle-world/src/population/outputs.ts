import { mapGroups, shapeOf, sizeOf, slotsOf, type Groups, type JointObservation, type VecStep } from '@troupe/core';
import ndarray from 'ndarray';

/** What is seen at one moment: per group [E, N, observation] and [E, N]. */
export interface CrowdFrame {
  readonly observation: readonly Float32Array[];
  readonly active: readonly Uint8Array[];
}

/** One of the two sets of arrays that a population hands out in turn. */
export interface CrowdOutputs<G extends Groups> {
  readonly step: VecStep<G>;
  readonly next: CrowdFrame;
  readonly current: CrowdFrame;
  readonly reward: readonly Float32Array[];
  readonly discount: readonly Float32Array[];
  readonly last: Uint8Array;
}

/** Arrays for `numEnvs` environments. */
export const createCrowdOutputs = <G extends Groups>(groups: G, numEnvs: number): CrowdOutputs<G> => {
  const names = Object.keys(groups);
  const rows = names.map((name) => numEnvs * slotsOf(groups[name]!.agents));
  const frame = (): CrowdFrame => ({
    observation: names.map((name, g) => new Float32Array(rows[g]! * sizeOf(groups[name]!.observation))),
    active: rows.map((n) => new Uint8Array(n)),
  });
  const [next, current] = [frame(), frame()];
  const [reward, discount] = [rows.map((n) => new Float32Array(n)), rows.map((n) => new Float32Array(n))];
  const last = new Uint8Array(numEnvs);
  const seen = ({ observation, active }: CrowdFrame): JointObservation<G> =>
    mapGroups(groups, (group, name) => {
      const [g, shape] = [names.indexOf(name), [numEnvs, slotsOf(group.agents)]];
      return {
        observation: ndarray(observation[g]!, [...shape, ...shapeOf(group.observation)]),
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
