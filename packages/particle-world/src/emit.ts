import { sizeOf, type Groups } from '@troupe/core';
import type { Scenario } from './scenario.js';
import type { World } from './world.js';

/** Writes what a world shows and pays into the arrays of its groups. */
export interface Emitter {
  /** Each group's agents, slot by slot, as indices in the cast. */
  readonly members: readonly Int32Array[];
  /** Observations of environments [from, to). */
  observe(from: number, to: number, arrays: readonly Float32Array[]): void;
  /** Rewards of the step just made, everywhere. */
  reward(arrays: readonly Float32Array[]): void;
}

/** Index in the cast of each slot of a group. Throws a RangeError for agents that are not in the cast. */
const membersOf = (scenario: Scenario<Groups>, name: string): Int32Array => {
  const { agents } = scenario.groups[name]!;
  if ('max' in agents) throw new RangeError(`${scenario.name}: expected a list of agents in group '${name}'`);
  return Int32Array.from(agents, (id) => {
    const index = scenario.cast.agents.findIndex((agent) => agent.id === id);
    if (index < 0) throw new RangeError(`${scenario.name}: group '${name}' names an unknown agent '${id}'`);
    return index;
  });
};

/** An emitter; arrays are per group in the order of `scenario.groups`. */
export const createEmitter = (scenario: Scenario<Groups>, world: World): Emitter => {
  const names = Object.keys(scenario.groups);
  const members = names.map((name) => membersOf(scenario, name));
  const together = members.map(
    (slots) => scenario.observeMany !== undefined && slots.every((member, slot) => member === slots[0]! + slot),
  );
  const widths = names.map((name) => sizeOf(scenario.groups[name]!.observation));
  const rewards = { local: new Float64Array(world.agents), common: new Float64Array(1) };
  const { localRatio } = scenario;
  const [ownShare, commonShare] = localRatio === undefined ? [1, 0] : [localRatio, 1 - localRatio];

  return {
    members,
    observe(from, to, arrays) {
      for (let g = 0; g < members.length; g++) {
        const slots = members[g]!;
        const width = widths[g]!;
        const out = arrays[g]!;
        let at = from * slots.length * width;
        for (let e = from; e < to; e++) {
          if (together[g]!) {
            scenario.observeMany!(world, e, slots[0]!, slots[0]! + slots.length, out, at);
            at += slots.length * width;
            continue;
          }
          for (let slot = 0; slot < slots.length; slot++, at += width) {
            scenario.observe(world, e, slots[slot]!, out, at);
          }
        }
      }
    },
    reward(arrays) {
      const { local, common } = rewards;
      for (let e = 0; e < world.numEnvs; e++) {
        scenario.reward(world, e, rewards);
        for (let g = 0; g < members.length; g++) {
          const slots = members[g]!;
          const out = arrays[g]!;
          const at = e * slots.length;
          for (let slot = 0; slot < slots.length; slot++) {
            out[at + slot] = common[0]! * commonShare + local[slots[slot]!]! * ownShare;
          }
        }
      }
    },
  };
};
