import ndarray from 'ndarray';
import type { Group, Groups } from '../env.js';
import type { Batch, Learner, Policies, Policy, Rollout } from '../learn.js';
import type { F32 } from '../vec.js';
import { requirePart } from '../require.js';
import { isPromise } from './collect.js';

/** What a learner for a single group K sees of a joint experience. */
export type ExperienceOf<G extends Groups, X> =
  X extends Batch<infer _> ? Batch<G> : X extends Rollout<infer _> ? Rollout<G> : never;

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

type AnyLearner = Learner<Groups, unknown, Batch<Groups> | Rollout<Groups>>;

/**
 * One learner per group, each blind to the others: independent learning. The state is a record by group. All learners
 * must want the same kind of experience (all batches or all rollouts). Metrics are named `group/metric`; the error of a row is the mean size of theirs.
 */
export const independent = <
  G extends Groups,
  S extends { [K in keyof G]: unknown },
  X extends Batch<G> | Rollout<G>,
>(learners: {
  [K in keyof G & keyof S]: Learner<Record<K, G[K]>, S[K], ExperienceOf<Record<K, G[K]>, X>>;
}): Learner<G, S, X> => {
  const each = Object.entries(learners) as unknown as readonly (readonly [string, AnyLearner])[];
  for (const [name, learner] of each) requirePart(`independent: group '${name}'`, 'learner', learner);
  return {
    init: (rng) => Object.fromEntries(each.map(([name, learner]) => [name, learner.init(rng.split(name))])) as S,
    policies: (state, mode) =>
      Object.fromEntries(
        each.map(([name, learner]) => {
          const policy = learner.policies(state[name], mode)[name]!;
          const own: Policy<Group, S> = {
            act: (observation, rng, clock) => policy.act(observation, rng, clock),
            begin: (started) => policy.begin?.(started),
            update: (next) => policy.update?.(next[name]),
            ...(policy.save && { save: () => policy.save!() }),
            ...(policy.load && { load: (saved: unknown) => policy.load!(saved) }),
          };
          return [name, own];
        }),
      ) as unknown as Policies<G, S>,
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
      return [next as S, metrics, error];
    },
  };
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
