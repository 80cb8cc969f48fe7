import {
  box,
  choicesOf,
  copyInto,
  emptyAction,
  mapGroups,
  multiDiscrete,
  policiesOf,
  sizeOf,
  slotsOf,
  type Act,
  type Box,
  type Group,
  type GroupAction,
  type GroupBatch,
  type GroupObservation,
  type Groups,
  type Learner,
  type Policy,
  type Rollout,
  type Space,
} from '@troupe/core';
import { isPromise } from '@troupe/runtime';
import ndarray from 'ndarray';
import { flatData } from './experience.js';

/** A group as one agent that sees what all see and acts for all of them. */
export type ControllerGroup = Group<readonly ['controller']>;
/** All groups, each as one agent. */
export type ControllerGroups<G extends Groups> = { readonly [K in keyof G]: ControllerGroup };

/** N values of a space side by side. */
const joined = (name: string, space: Space, slots: number): Space => {
  const all = <T>(x: readonly T[]): T[] => Array.from({ length: slots }, () => x).flat();
  switch (space.kind) {
    case 'discrete':
      return multiDiscrete(...all([space.n]));
    case 'multiDiscrete':
      return multiDiscrete(...all(space.counts));
    case 'box': {
      const of = (x: number | readonly number[]) => (typeof x === 'number' ? x : all(x));
      return box([slots * sizeOf(space)], { low: of(space.low), high: of(space.high) });
    }
    case 'hybrid':
      throw new RangeError(`factored: expected spaces of numbers or of choices in group '${name}', got a hybrid one`);
  }
};

/** One group as one agent. */
const viewOf = (name: string, group: Group, stateSpace: Box | undefined) => {
  const slots = slotsOf(group.agents);
  const [choices, size] = [choicesOf(group.action), sizeOf(group.action)];
  const counts =
    group.action.kind === 'discrete'
      ? [group.action.n]
      : group.action.kind === 'multiDiscrete'
        ? group.action.counts
        : [];
  const observation = stateSpace ?? joined(name, group.observation, slots);

  /** The dead have one choice, the first, so that their part of a joint probability is 1. */
  const legalOf = ({ active, legal }: GroupObservation, rows: number): Uint8Array => {
    const mask = new Uint8Array(rows * slots * choices).fill(1);
    if (legal) copyInto(mask, 0, legal);
    const alive = flatData(active);
    for (let at = 0; at < rows * slots; at++) {
      if (alive[at] !== 0) continue;
      mask.fill(0, at * choices, (at + 1) * choices);
      counts.reduce((from, n) => ((mask[from] = 1), from + n), at * choices);
    }
    return mask;
  };
  const see = (seen: GroupObservation): GroupObservation => {
    const rows = seen.active.shape[0]!;
    const given = stateSpace ? seen.state : seen.observation;
    if (!given) {
      throw new TypeError(`factored: expected the environment's state, as stateSpace says; group '${name}' has none`);
    }
    const alive = flatData(seen.active);
    const any = Uint8Array.from({ length: rows }, (_, r) =>
      alive.subarray(r * slots, (r + 1) * slots).includes(1) ? 1 : 0,
    );
    return {
      observation: ndarray(flatData(given) as Float32Array, [rows, 1, sizeOf(observation)]),
      active: ndarray(any, [rows, 1]),
      ...(choices > 0 && { legal: ndarray(legalOf(seen, rows), [rows, 1, slots * choices]) }),
    };
  };
  return {
    group: { agents: ['controller'], observation, action: joined(name, group.action, slots) } as ControllerGroup,
    see,
    /** Rows of the group as rows of the controller: mean reward of the living, the future of those who have one. */
    read(batch: GroupBatch): GroupBatch<ControllerGroup> {
      const rows = batch.active.shape[0]!;
      const [alive, reward, discount] = [flatData(batch.active), flatData(batch.reward), flatData(batch.discount)];
      const [mean, future] = [new Float32Array(rows), new Float32Array(rows)];
      const action = flatData(batch.action as never).slice();
      for (let r = 0; r < rows; r++) {
        let living = 0;
        for (let at = r * slots; at < (r + 1) * slots; at++) {
          if (alive[at] === 0) {
            if (choices > 0) action.fill(0, at * size, (at + 1) * size);
            continue;
          }
          living += 1;
          mean[r]! += reward[at]!;
          future[r] = Math.max(future[r]!, discount[at]!);
        }
        mean[r]! /= Math.max(1, living);
      }
      return {
        ...see(batch),
        action: ndarray(action as Float32Array, [rows, 1, slots * size]),
        reward: ndarray(mean, [rows, 1]),
        discount: ndarray(future, [rows, 1]),
        next: see(batch.next),
        extras: batch.extras,
      };
    },
  };
};

/** The controller's action taken apart into those of the agents: the same numbers in another shape. */
const apart = <A extends Group, S>(
  group: A,
  { see }: ReturnType<typeof viewOf>,
  policy: Policy<ControllerGroup, S>,
): Policy<A, S> => {
  let action: GroupAction<A> | undefined;
  const finish = ({ action: chosen, extras }: Act<ControllerGroup>, numEnvs: number): Act<A> => {
    if (action?.shape[0] !== numEnvs) action = emptyAction(group, numEnvs);
    action.data.set(chosen.data);
    return { action, ...(extras && { extras }) };
  };
  return {
    ...policy,
    act(seen, rng, clock) {
      const acting = policy.act(see(seen), rng, clock);
      const numEnvs = seen.active.shape[0]!;
      return isPromise(acting) ? acting.then((act) => finish(act, numEnvs)) : finish(acting, numEnvs);
    },
  };
};

/**
 * Fully factored central control: every group is one agent that sees what all of it see, or the state of the environment,
 * with one head per agent: π(a|s) = Π πⁱ(aⁱ|s). `learn` makes the learner of these agents; PPO and TRPO then meet one
 * ratio for the joint action, clipped once. It cannot be acted on by agents that see only their own part: an upper
 * baseline. A group learns from the mean reward of its living agents. Choices of the dead have no part in the ratio; their
 * real numbers do, as noise.
 *
 * ```ts
 * const learner = factored(env.groups, (groups) => ppo(groups, { runtime }), { stateSpace: env.stateSpace });
 * ```
 *
 * Throws a RangeError for groups with hybrid spaces.
 */
export const factored = <const G extends Groups, S>(
  groups: G,
  learn: (groups: ControllerGroups<G>) => Learner<ControllerGroups<G>, S, Rollout<ControllerGroups<G>>>,
  options: {
    /** `env.stateSpace`: controllers see the environment's state. Default: all observations of their group. */
    readonly stateSpace?: Box | undefined;
  } = {},
): Learner<G, S, Rollout<G>> => {
  const views = mapGroups(groups, (group, name) => viewOf(name, group, options.stateSpace));
  const inner = learn(mapGroups(groups, (_, name) => views[name].group));
  return {
    init: (rng) => inner.init(rng),
    policies(state, mode) {
      const policies = inner.policies(state, mode);
      return policiesOf(groups, (group, name) => apart(group, views[name], policies[name]));
    },
    update(state, rollout, rng, clock) {
      const seen = mapGroups(groups, (_, name) => views[name].read(rollout.batch.groups[name]));
      return inner.update(state, { ...rollout, batch: { ...rollout.batch, groups: seen } }, rng, clock);
    },
  };
};
