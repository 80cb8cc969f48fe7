import type { Tensor } from '@tensorflow/tfjs-core';
import { boundOf, idsOf, sizeOf, slotsOf, type Box, type GroupsActing, type Network } from '@troupe/core';
import { agentNetwork, type AgentNetwork, type NetworkSizes, type Sharing } from '@troupe/networks';

/** One group whose agents act with real numbers, and their networks. */
export interface RealCrew {
  readonly name: string;
  readonly ids: readonly string[];
  /** N */
  readonly slots: number;
  /** A */
  readonly size: number;
  readonly low: readonly number[];
  readonly high: readonly number[];
  readonly agents: AgentNetwork;
}

/** The crews of an environment's groups. Throws a RangeError that names `where` for actions that are not a box. */
export const realCrewsOf = (
  where: string,
  groups: GroupsActing<Box>,
  sharing: Sharing,
  make: (sizes: NetworkSizes & { readonly actions: number }) => Network<Tensor, Tensor>,
  outputs: (actions: number) => number,
): readonly RealCrew[] =>
  Object.entries(groups).map(([name, group]): RealCrew => {
    const { action } = group;
    if (action.kind !== 'box') {
      throw new RangeError(`${where}: expected group '${name}' to act with real numbers (box), got ${(action as { kind: string }).kind}`); // prettier-ignore
    }
    const [size, slots, known] = [sizeOf(action), slotsOf(group.agents), idsOf(group.agents)];
    const bounds = (bound: Box['low']) => Array.from({ length: size }, (_, i) => boundOf(bound, i));
    return {
      name,
      ids: Array.from({ length: slots }, (_, slot) => known[slot] ?? `slot ${slot}`),
      slots,
      size,
      low: bounds(action.low),
      high: bounds(action.high),
      agents: agentNetwork({
        group: name,
        slots,
        observation: group.observation,
        outputs: outputs(size),
        sharing,
        make: (sizes) => make({ ...sizes, actions: size }),
      }),
    };
  });

/** Throws a RangeError that names `where` unless all actions have finite bounds. */
export const requireBounded = (where: string, crews: readonly RealCrew[]): void => {
  for (const { name, low, high } of crews) {
    if (![...low, ...high].every(Number.isFinite)) {
      throw new RangeError(`${where}: expected finite bounds for the actions of group '${name}', got an unbounded box`);
    }
  }
};
