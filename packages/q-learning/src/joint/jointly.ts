import * as tf from '@tensorflow/tfjs-core';
import {
  count,
  decode,
  defineLearner,
  emptyAction,
  mapGroups,
  oneOf,
  orThrow,
  policiesOf,
  requireGroups,
  type Act,
  type Acting,
  type Batch,
  type Box,
  type ConfigOf,
  type Discrete,
  type GroupAction,
  type GroupsActing,
  type Learner,
  type Policy,
} from '@troupe/core';
import { modeOneHot } from '@troupe/networks';
import { isPromise } from '@troupe/runtime';
import { jointView, type JointGroup, type JointGroups, type JointView } from './joint-view.js';

/** Settings of `jointly`. */
export const jointlySettings = {
  limit: count(4096, 'most joint actions that a group may have'),
  teamReward: oneOf(['mean', 'sum'], 'mean', "a team's reward from those of its active agents"),
};
/** Options of `jointly`; all may be left out. */
export interface JointlyOptions extends Partial<ConfigOf<typeof jointlySettings>> {
  /** `env.stateSpace`: the controller sees the environment's state. Without it, all observations of the group. */
  readonly stateSpace?: Box | undefined;
}

/** The controller's choice, taken apart into those of the agents. */
const apart = <A extends GroupsActing<Discrete>[string], S>(
  view: JointView,
  group: A,
  policy: Policy<JointGroup, S>,
): Policy<A, S> => {
  const { slots, table } = view.joint;
  let action: GroupAction<A> | undefined;
  const finish = ({ action: chosen }: Act<JointGroup>, numEnvs: number): Act<A> => {
    if (action?.shape[0] !== numEnvs) action = emptyAction(group, numEnvs);
    for (let e = 0; e < numEnvs; e++) {
      const j = chosen.data[e]!;
      for (let i = 0; i < slots; i++) action.data[e * slots + i] = table[j * slots + i]!;
    }
    return { action };
  };
  return {
    ...policy,
    act(seen, rng, clock) {
      const numEnvs = seen.active.shape[0]!;
      const acting = policy.act(view.see(seen), rng, clock);
      return isPromise(acting) ? acting.then((act) => finish(act, numEnvs)) : finish(acting, numEnvs);
    },
  };
};

/** The best joint choice as logits of every agent: 1 for its part of it, else 0. Masks of single agents still hold. */
const actingApart = ({ joint, group }: JointView) => {
  const { slots, choices, count: joints, table } = joint;
  const parts = new Float32Array(joints * slots * choices);
  for (let k = 0; k < joints * slots; k++) parts[k * choices + table[k]!] = 1;
  const steps = new WeakMap<Acting['step'], Acting['step']>();
  const apartOf = (inner: Acting['step']): Acting['step'] => {
    const known = steps.get(inner);
    if (known) return known;
    const step: Acting['step'] = (carry, input) => {
      const rows = input.observation.shape[0];
      const width = input.observation.size / rows;
      const seen = tf.reshape(input.observation, group.observation.kind === 'discrete' ? [rows, 1] : [rows, 1, width]);
      const { output, ...rest } = inner(carry, { ...input, observation: seen }).output;
      const best = modeOneHot(tf.reshape(output, [rows, joints]));
      const each = tf.matMul(best, tf.tensor2d(parts, [joints, slots * choices]));
      return { carry, output: { ...rest, output: tf.reshape(each, [rows, slots, choices]) } };
    };
    steps.set(inner, step);
    return step;
  };
  return ({ step, theta, noise }: Acting): Acting => ({
    step: apartOf(step),
    theta,
    head: [{ kind: 'choice', n: choices }],
    ...(noise && { noise }),
  });
};

/**
 * Joint-action learning: every group is one agent, which sees what all of the group see and chooses for all of them at once.
 * `learn` makes the learner of these agents, tabular or deep; it meets the product of the agents' choices, the team's
 * reward, and masks of joint actions. What it finds is the joint optimum, at a price that grows as Aᴺ; acting needs one
 * controller. Claus and Boutilier 1998.
 *
 * ```ts
 * const learner = jointly(env.groups, (groups) => dqn(groups, { runtime }));
 * ```
 *
 * Throws a RangeError for settings out of range, more joint actions than `limit`, and actions that are not one choice.
 */
export const jointly = <const G extends GroupsActing<Discrete>, S>(
  groups: G,
  learn: (groups: JointGroups<G>) => Learner<JointGroups<G>, S, Batch<JointGroups<G>>>,
  options: JointlyOptions = {},
): Learner<G, S, Batch<G>> => {
  requireGroups('jointly', groups);
  const { stateSpace, ...settings } = options;
  const config = orThrow('jointly')(decode(jointlySettings)(settings));
  const views = mapGroups(groups, (group, name) => jointView('jointly', name, group, { ...config, stateSpace }));
  const inner = learn(mapGroups(groups, (_, name) => views[name].group));
  const takenApart = mapGroups(groups, (_, name) => actingApart(views[name]));
  return defineLearner('jointly', 'rows', {
    init: (rng) => inner.init(rng),
    policies(state, mode) {
      const policies = inner.policies(state, mode);
      return policiesOf(groups, (group, name) => apart(views[name], group, policies[name]));
    },
    update(state, batch, rng, clock) {
      const seen = mapGroups(groups, (_, name) => views[name].read(batch.groups[name]));
      return inner.update(state, { ...batch, groups: seen }, rng, clock);
    },
    // With a state of the world in place of observations there is nothing that a file could be given.
    ...(inner.acting &&
      stateSpace === undefined && {
        acting(state) {
          const acting = inner.acting!(state);
          return mapGroups(groups, (_, name) => takenApart[name](acting[name]));
        },
      }),
  });
};
