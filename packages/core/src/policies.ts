import { copyInto } from './strided.js';
import type { Group, Groups } from './env.js';
import type { Act, Policies, Policy } from './learn.js';
import { requirePart } from './require.js';
import type { Rng } from './rng.js';
import { writerOf } from './vectorize/space-value.js';
import { boundOf, choicesOf, sizeOf, type Space } from './space.js';
import { emptyAction, mapGroups, slotsOf, type GroupAction, type U8 } from './vec.js';

/** One choice of `n`, uniform over those that `legal` permits from `at` on. */
const choose = (n: number, legal: U8 | undefined, e: number, slot: number, at: number, rng: Rng): number => {
  if (legal === undefined) return rng.int(n);
  let permitted = 0;
  for (let i = 0; i < n; i++) permitted += legal.get(e, slot, at + i);
  if (permitted === 0) return 0; // dead agents have no legal choice; what they do is ignored
  let rank = rng.int(permitted);
  for (let i = 0; ; i++) if (legal.get(e, slot, at + i) === 1 && rank-- === 0) return i;
};

const writeRandom = (
  space: Space,
  out: Float32Array | Int32Array,
  at: number,
  rng: Rng,
  pick: (n: number, head: number) => number,
): void => {
  switch (space.kind) {
    case 'discrete':
      out[at] = pick(space.n, 0);
      return;
    case 'multiDiscrete': {
      let head = 0;
      space.counts.forEach((n, i) => {
        out[at + i] = pick(n, head);
        head += n;
      });
      return;
    }
    case 'box':
      for (let i = 0; i < sizeOf(space); i++) {
        const [low, high] = [boundOf(space.low, i), boundOf(space.high, i)];
        const finite = low > -Infinity && high < Infinity;
        const value = finite ? low + (high - low) * rng.uniform() : Math.min(high, Math.max(low, rng.normal()));
        out[at + i] = value;
      }
      return;
    case 'hybrid':
      writeRandom(space.box, out, at, rng, pick);
      writeRandom(space.choices, out, at + sizeOf(space.box), rng, pick);
  }
};

/** Uniform actions, over the legal choices where there is a mask; standard normal where a box has no bounds. */
export const randomPolicy = <A extends Group>(group: A): Policy<A> => {
  requirePart('randomPolicy', 'group', group);
  const n = slotsOf(group.agents);
  const size = sizeOf(group.action);
  const masked = choicesOf(group.action) > 0;
  let action: GroupAction<A> | undefined;
  return {
    act(given, rng): Act<A> {
      requirePart('randomPolicy', 'observation', given);
      const { active, legal } = given;
      const numEnvs = active.shape[0]!;
      if (action?.shape[0] !== numEnvs) action = emptyAction(group, numEnvs);
      const data = action.data;
      for (let e = 0; e < numEnvs; e++) {
        for (let slot = 0; slot < n; slot++) {
          writeRandom(group.action, data, (e * n + slot) * size, rng, (count, head) =>
            choose(count, masked ? legal : undefined, e, slot, head, rng),
          );
        }
      }
      return { action };
    },
  };
};

/**
 * A policy from a function of one agent's observation: `(observation [size], agent, rng, legal [A]) => action`, with the mask
 * of its choices where there is one. For scripts and baselines. Throws a RangeError for an action that is not of the
 * group's space.
 */
export const scripted = <A extends Group>(
  group: A,
  choose: (
    observation: Float32Array,
    agent: number,
    rng: Rng,
    legal: Uint8Array | undefined,
  ) => number | ArrayLike<number>,
): Policy<A> => {
  requirePart('scripted', 'group', group);
  const n = slotsOf(group.agents);
  const [seen, size] = [sizeOf(group.observation), sizeOf(group.action)];
  const row = new Float32Array(seen);
  const mask = new Uint8Array(choicesOf(group.action));
  const write = writerOf(group.action);
  let action: GroupAction<A> | undefined;
  return {
    act(given, rng): Act<A> {
      requirePart('scripted', 'observation', given);
      const { observation, active, legal } = given;
      const numEnvs = active.shape[0]!;
      if (action?.shape[0] !== numEnvs) action = emptyAction(group, numEnvs);
      const data = action.data;
      for (let e = 0; e < numEnvs; e++) {
        for (let slot = 0; slot < n; slot++) {
          if (active.get(e, slot) === 0) continue;
          copyInto(row, 0, observation.pick(e, slot));
          if (legal) copyInto(mask, 0, legal.pick(e, slot));
          const problem = write(choose(row, slot, rng, legal && mask), data, (e * n + slot) * size);
          if (problem !== undefined)
            throw new RangeError(`scripted: action of agent ${slot} in environment ${e}: ${problem}`);
        }
      }
      return { action };
    },
  };
};

/**
 * A policy for every group, made of the group and its name: what `policies` of a learner answers. `S` is the learner's
 * state, which the policies are handed after every update.
 *
 * ```ts
 * policies: (state, mode) => policiesOf(groups, (group) => actingPolicy({ runtime, name, group, mode, state, acting })),
 * ```
 */
export const policiesOf = <G extends Groups, S>(
  groups: G,
  make: <K extends keyof G & string>(group: G[K], name: K) => Policy<G[K], S>,
): Policies<G, S> => mapGroups(groups, make) as Policies<G, S>;
