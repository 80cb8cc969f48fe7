import { replay } from '@troupe/buffers';
import {
  independent,
  offPolicy,
  only,
  rng,
  type Batch,
  type Groups,
  type Learner,
  type Progress,
  type Snapshot,
  type VecEnv,
} from '@troupe/core';
import { chain, tabularWorld } from '@troupe/classic-control';
import { maddpg, type MaddpgState } from '@troupe/ddpg';
import { dqn, linearQ, tabularQ, type LinearState } from '@troupe/q-learning';
import { simpleSpread, simpleTag, type TagGroups } from '@troupe/particle-world';
import { runtimes } from './runtimes.js';

/** One learner in one world: how a run of it begins or goes on, and what it begins with. */
export interface Entry {
  /** What makes it, as `package: export`. */
  readonly of: readonly string[];
  train(from?: unknown): AsyncIterable<Progress<Groups>>;
  init(seed: number): unknown;
}

/** Steps of every run. */
export const STEPS = 1200;

const offPolicyEntry = <G extends Groups, S>(
  of: readonly string[],
  make: () => VecEnv<G>,
  learn: (groups: G) => Learner<G, S, Batch<G>>,
): Entry => ({
  of,
  init: (seed) => learn(make().groups).init(rng(seed)),
  train(from) {
    const env = make();
    return offPolicy({
      env,
      learner: learn(env.groups),
      buffer: replay(env.groups, { capacity: 500 }),
      rng: rng(11),
      steps: STEPS,
      batchSize: 32,
      updateEvery: 20,
      ...(from !== undefined && { resume: from as Snapshot<S> }),
    });
  },
});

const runtime = runtimes[1]![1];
const MADDPG = 'ddpg: maddpg';
const DQN = 'q-learning: dqn';
type Side = keyof TagGroups;
const settings = { runtime, hidden: [16] };

/** The same, beginning with random weights: for learners that begin at zero whatever the seed. */
const randomStart = <G extends Groups>(learner: Learner<G, LinearState, Batch<G>>): typeof learner => ({
  ...learner,
  init(stream) {
    const state = learner.init(stream);
    for (const { weights } of Object.values(state.groups)) stream.fillNormal(weights.data);
    return state;
  },
});

/** Every learner that a package exports, with a world to learn in. A new algorithm joins this table. */
export const entries: Readonly<Record<string, Entry>> = {
  'maddpg, choices': offPolicyEntry(
    [MADDPG],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => maddpg(groups, { ...settings, targetAction: 'sample' }),
  ),
  'maddpg, real numbers, two groups, correlated exploration': offPolicyEntry(
    [MADDPG],
    () => simpleTag({ numEnvs: 4, continuous: true }),
    (groups) => maddpg(groups, { ...settings, exploration: 'ornsteinUhlenbeck', rewardScaling: 'deviation' }),
  ),
  'dqn, weights of their own': offPolicyEntry(
    [DQN],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => dqn(groups, { ...settings, targetEvery: 100, targetClock: 'steps' }),
  ),
  'dqn, shared weights, everything at once': offPolicyEntry(
    [DQN],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) =>
      dqn(groups, { ...settings, sharing: 'sharedWithIds', dueling: true, distributional: true, noisy: true }),
  ),
  'dqn, twins': offPolicyEntry(
    [DQN],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => dqn(groups, { ...settings, double: 'twin', tau: 0.05, targetEvery: 1 }),
  ),
  'tabular q-learning, double': offPolicyEntry(
    ['q-learning: tabularQ'],
    () => tabularWorld(chain(), { numEnvs: 4 }),
    (groups) => randomStart(tabularQ(groups, { double: true, visitPower: 0.6 })),
  ),
  'linear q-learning': offPolicyEntry(
    ['q-learning: linearQ'],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) =>
      randomStart(linearQ(groups, { size: 4, features: (seen) => [1, ...seen.subarray(2, 5)], learningRate: 0.01 })),
  ),
  'independent learners, one held still': offPolicyEntry(
    ['core: independent', 'core: only', MADDPG],
    () => simpleTag({ numEnvs: 4 }),
    ({ adversaries, good }) => {
      const both = independent<TagGroups<false>, Record<Side, MaddpgState>, Batch<TagGroups<false>>>({
        adversaries: maddpg({ adversaries }, settings),
        good: maddpg({ good }, { ...settings, critic: 'own' }),
      });
      return only(both, 'adversaries');
    },
  ),
};

/** Trains to the first moment at or after `until`, or to the end. */
export const play = async (
  entry: Entry,
  from?: unknown,
  until = Infinity,
): Promise<{ readonly seen: readonly unknown[]; readonly snapshot: Snapshot<unknown> }> => {
  /** Everything that tells two runs apart. */
  const seen: unknown[] = [];
  let snapshot: Snapshot<unknown> | undefined;
  for await (const progress of entry.train(from)) {
    seen.push([progress.steps, progress.updates, progress.metrics, progress.episodes]);
    if (progress.steps < Math.min(until, STEPS)) continue;
    snapshot = progress.snapshot();
    break;
  }
  if (snapshot === undefined) throw new Error(`play: expected to reach step ${Math.min(until, STEPS)}`);
  return { seen, snapshot };
};
