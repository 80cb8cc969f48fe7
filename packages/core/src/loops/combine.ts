import ndarray from 'ndarray';
import type { Group, Groups } from '../env.js';
import type { Batch, Learner, Policy, Rollout } from '../learn.js';
import type { F32 } from '../vec.js';
import { requirePart } from '../require.js';
import { isPromise } from './collect.js';

/** A learner for each group, by the group's name. */
export type LearnersByGroup<L> = {
  readonly [K in keyof L]: Learner<Readonly<Record<K & string, Group>>, unknown, never>;
};
/** The groups of all of them together. */
export type GroupsOf<L> = {
  readonly [K in keyof L]: L[K] extends Learner<infer G, infer _, never> ? G[K & keyof G] : never;
};
/** Their states, by group. */
export type StatesOf<L> = { [K in keyof L]: L[K] extends Learner<Groups, infer S, never> ? S : never };
/** What they learn from: all from rows, or all from rollouts. */
export type ExperienceOf<L> =
  L[keyof L] extends Learner<Groups, infer _, infer X>
    ? [X] extends [Rollout<Groups>]
      ? Rollout<GroupsOf<L>>
      : [X] extends [Batch<Groups>]
        ? Batch<GroupsOf<L>>
        : 'some learn from rows, others from rollouts'
    : never;

const isRollout = (experience: object): experience is Rollout<Groups> => 'batch' in experience;

/** The part of a joint experience that belongs to one group; arrays are shared, not copied. */
const partOf = (experience: Batch<Groups> | Rollout<Groups>, name: string): Batch<Groups> | Rollout<Groups> => {
  if (isRollout(experience)) return { ...experience, batch: partOf(experience.batch, name) as Batch<Groups> };
  return { ...experience, groups: { [name]: experience.groups[name]! } };
};

/** A sum of sizes of errors, each divided by `n`. */
const addErrors = (sum: F32 | undefined, errors: F32, n: number): F32 => {
  const rows = errors.shape[0]!;
  const into = sum ?? ndarray(new Float32Array(rows), [rows]);
  for (let b = 0; b < rows; b++) into.data[b]! += Math.abs(errors.get(b)) / n;
  return into;
};

type Joint = Batch<Groups> | Rollout<Groups>;
type AnyLearner = Learner<Groups, unknown, Joint>;
type AnyState = Readonly<Record<string, unknown>>;

/** The learners of all groups as one, whatever they are. */
const joined = (each: readonly (readonly [string, AnyLearner])[]): Learner<Groups, AnyState, Joint> => {
  const byGroup = <V>(f: (learner: AnyLearner, name: string) => V): Record<string, V> =>
    Object.fromEntries(each.map(([name, learner]) => [name, f(learner, name)]));
  return {
    init: (rng) => byGroup((learner, name) => learner.init(rng.split(name))),
    policies: (state, mode) =>
      byGroup((learner, name) => {
        const policy = learner.policies(state[name], mode)[name]!;
        const own: Policy<Group, AnyState> = {
          act: (observation, rng, clock) => policy.act(observation, rng, clock),
          begin: (started) => policy.begin?.(started),
          update: (next) => policy.update?.(next[name]),
          ...(policy.save && { save: () => policy.save!() }),
          ...(policy.load && { load: (saved: unknown) => policy.load!(saved) }),
        };
        return own;
      }),
    ...(each.every(([, learner]) => learner.acting !== undefined) && {
      acting: (state: AnyState) => byGroup((learner, name) => learner.acting!(state[name])[name]!),
    }),
    async update(state, experience, rng, clock) {
      const next: Record<string, unknown> = {};
      const metrics: Record<string, number> = {};
      let error: F32 | undefined;
      for (const [name, learner] of each) {
        const updating = learner.update(state[name], partOf(experience, name), rng, clock);
        const [own, report, errors] = isPromise(updating) ? await updating : updating;
        next[name] = own;
        if (errors) error = addErrors(error, errors, each.length);
        for (const key in report) metrics[`${name}/${key}`] = report[key]!;
      }
      return [next, metrics, error];
    },
  };
};

/**
 * One learner per group, each blind to the others: independent learning, with different algorithms if wanted. The state is
 * a record by group. All learners must want the same kind of experience (all batches or all rollouts). Metrics are named
 * `group/metric`; the error of a row is the mean size of theirs.
 *
 * ```ts
 * independent({ robots: happo({ robots }), scouts: coma({ scouts }) });
 * ```
 */
export const independent = <const L extends LearnersByGroup<L>>(
  learners: L,
): Learner<GroupsOf<L>, StatesOf<L>, ExperienceOf<L>> => {
  const each = Object.entries(learners as Readonly<Record<string, AnyLearner>>);
  for (const [name, learner] of each) requirePart(`independent: group '${name}'`, 'learner', learner);
  return joined(each) as unknown as Learner<GroupsOf<L>, StatesOf<L>, ExperienceOf<L>>;
};

/**
 * The same learner with the states of all other groups held still: their part of each update is undone. For learners
 * whose state is a record by group. Throws a TypeError for a name that the state does not have.
 */
export const only = <G extends Groups, S extends { [K in keyof G]: unknown }, X>(
  learner: Learner<G, S, X>,
  ...names: readonly (keyof G & string)[]
): Learner<G, S, X> => ({
  ...learner,
  async update(state, experience, rng, clock) {
    for (const name of names) {
      if (!(name in state)) {
        throw new TypeError(`only: expected a state with a part '${name}', got parts ${Object.keys(state).join(', ')}`);
      }
    }
    const held = Object.keys(state).filter((name) => !names.includes(name));
    const kept = Object.fromEntries(held.map((name) => [name, structuredClone(state[name])]));
    const updating = learner.update(state, experience, rng, clock);
    const [next, ...report] = isPromise(updating) ? await updating : updating;
    return [{ ...next, ...kept }, ...report];
  },
});
