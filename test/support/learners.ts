import { prioritised, replay } from '@troupe/buffers';
import {
  asOneAgent,
  defineLearner,
  independent,
  offPolicy,
  onPolicy,
  only,
  policiesOf,
  randomPolicy,
  rng,
  type Batch,
  type Buffer,
  type GroupBatch,
  type Groups,
  type Learner,
  type Progress,
  type Rollout,
  type Snapshot,
  type VecEnv,
} from '@troupe/core';
import { chain, pendulum, prisonersDilemma, tabularWorld } from '@troupe/classic-control';
import { maddpg } from '@troupe/ddpg';
import {
  continuousDqn,
  crossEntropy,
  dqn,
  jointly,
  linearQ,
  naf,
  opponentModels,
  qmix,
  recurrentDqn,
  tabularQ,
  vdn,
  type LinearState,
  type OpponentState,
} from '@troupe/q-learning';
import { simpleSpeakerListener, simpleSpread, simpleTag } from '@troupe/particle-world';
import { a2c, coma, happo, hatrpo, ippo, maa2c, mappo, ppo, trpo } from '@troupe/trust-region';
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

type Make<G extends Groups, S, X> = (groups: G) => Learner<G, S, X>;
type From<S> = { readonly resume?: Snapshot<S> };
const resuming = <S>(from: unknown): From<S> => (from === undefined ? {} : { resume: from as Snapshot<S> });
const entry = <G extends Groups, S, X>(
  of: readonly string[],
  make: () => VecEnv<G>,
  learn: Make<G, S, X>,
  train: (env: VecEnv<G>, learner: Learner<G, S, X>, from: From<S>) => AsyncIterable<Progress<Groups>>,
): Entry => ({
  of,
  init: (seed) => learn(make().groups).init(rng(seed)),
  train(from) {
    const env = make();
    return train(env, learn(env.groups), resuming(from));
  },
});

/** A learner that learns from rows, or from whatever else the buffer gives that is named. */
const offPolicyEntry = <G extends Groups, S, X = Batch<G>>(
  of: readonly string[],
  make: () => VecEnv<G>,
  learn: Make<G, S, X>,
  remember = (groups: G) => replay(groups, { capacity: 500 }) as unknown as Buffer<Batch<G>, X>,
): Entry =>
  entry(of, make, learn, (env, learner, from) =>
    offPolicy<G, S, X>({
      env,
      learner,
      buffer: remember(env.groups),
      rng: rng(11),
      steps: STEPS,
      batchSize: 32,
      updateEvery: 20,
      ...from,
    }),
  );

/** A learner that learns from what has just happened. */
const onPolicyEntry = <G extends Groups, S>(
  of: readonly string[],
  make: () => VecEnv<G>,
  learn: Make<G, S, Rollout<G>>,
): Entry =>
  entry(of, make, learn, (env, learner, from) =>
    onPolicy({ env, learner, rng: rng(11), steps: STEPS, horizon: 5, ...from }),
  );

const runtime = runtimes[1]![1];
const MADDPG = 'ddpg: maddpg';
const DQN = 'q-learning: dqn';
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

/** The same for tables of joint actions. */
const randomValues = <G extends Groups>(learner: Learner<G, OpponentState, Batch<G>>): typeof learner => ({
  ...learner,
  init(stream) {
    const state = learner.init(stream);
    stream.fillNormal(state.values);
    return state;
  },
});

/** Learns from rollouts only that it has seen them: state, policies with memory, and both streams matter to what comes next. */
const drifting = <G extends Groups>(groups: G) =>
  defineLearner<G, Float32Array, 'rollout'>('drifting', 'rollout', {
    init: (stream) => stream.fillNormal(new Float32Array(4)),
    policies: (state) =>
      policiesOf(groups, (group) => {
        const random = randomPolicy(group);
        let [bias, memory] = [state[0]!, 0];
        return {
          act(seen, stream, clock) {
            memory = 0.9 * memory + seen.observation.data[0]! + bias;
            // How much is drawn, and so everything that is drawn later, depends on memory and state.
            if (Math.sin(100 * memory) > 0) stream.uniform();
            return random.act(seen, stream, clock);
          },
          update: ([next]) => void (bias = next!),
          save: () => memory,
          load: (saved) => void (memory = saved as number),
        };
      }),
    update(state, { batch, steps }, stream) {
      const { reward } = Object.values<GroupBatch>(batch.groups)[0]!;
      const next = state.map((x) => 0.9 * x + reward.data[steps - 1]! + stream.normal());
      return [next, { first: next[0]! }];
    },
  });

/**
 * Every learner that a package exports, with a world to learn in. A new algorithm joins this table by one line (`offPolicyEntry`,
 * `onPolicyEntry`), and another one for each of its settings that makes it remember something else: a test finds those
 * that have not.
 */
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
    (groups) => replay(groups, { capacity: 500, sampler: prioritised(), steps: 3, discount: 0.99 }),
  ),
  'dqn, twins': offPolicyEntry(
    [DQN],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => dqn(groups, { ...settings, double: 'twin', tau: 0.05, targetEvery: 1 }),
  ),
  'recurrent dqn, memory stored with the rows': onPolicyEntry(
    ['q-learning: recurrentDqn'],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => recurrentDqn(groups, { ...settings, width: 8, burnIn: 1, start: 'stored', sharing: 'shared' }),
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
  'naf, noise by precision': offPolicyEntry(
    ['q-learning: naf'],
    () => pendulum({ numEnvs: 4 }),
    (groups) => naf(groups, { ...settings, exploration: 'precision' }),
  ),
  'q-learning with real actions, correlated exploration': offPolicyEntry(
    ['q-learning: continuousDqn'],
    () => simpleSpread({ numEnvs: 4, continuous: true }),
    (groups) =>
      continuousDqn(groups, {
        ...settings,
        sharing: 'sharedWithIds',
        maximiser: crossEntropy({ samples: 8, elites: 2, iterations: 2 }),
        exploration: 'ornsteinUhlenbeck',
      }),
  ),
  'vdn, weights of their own': offPolicyEntry(
    ['q-learning: vdn'],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => vdn(groups, { ...settings, sharing: 'separate', targetEvery: 10 }),
  ),
  'qmix, targets by steps': offPolicyEntry(
    ['q-learning: qmix'],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => qmix(groups, { ...settings, hypernetwork: [8], embed: 8, targetEvery: 100, targetClock: 'steps' }),
  ),
  'joint actions by network': offPolicyEntry(
    ['q-learning: jointly'],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => jointly(groups, (joint) => dqn(joint, settings)),
  ),
  'models of the others': offPolicyEntry(
    ['q-learning: opponentModels'],
    () => tabularWorld(prisonersDilemma({ repeated: true }), { numEnvs: 4 }),
    (groups) => randomValues(opponentModels(groups, { visitPower: 0.6, forgetting: 0.01 })),
  ),
  'rollouts, drawn upon in acting and in learning': onPolicyEntry(
    ['core: defineLearner'],
    () => simpleTag({ numEnvs: 4 }),
    drifting,
  ),
  'ppo, real numbers, minibatches': onPolicyEntry(
    ['trust-region: ppo'],
    () => simpleTag({ numEnvs: 4, continuous: true }),
    (groups) => ppo(groups, { ...settings, minibatches: 4, epochs: 2, criticEpochs: 2, squash: true }),
  ),
  'trpo, choices': onPolicyEntry(
    ['trust-region: trpo'],
    () => simpleSpread({ numEnvs: 4, agents: 2 }),
    (groups) => trpo(groups, { ...settings, minibatches: 2, criticEpochs: 2, cgIterations: 3 }),
  ),
  'ippo, agents with ids': onPolicyEntry(
    ['trust-region: ippo'],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => ippo(groups, { ...settings, sharing: 'sharedWithIds', epochs: 2, criticEpochs: 2 }),
  ),
  'mappo, early stopping': onPolicyEntry(
    ['trust-region: mappo'],
    () => simpleSpread({ numEnvs: 4 }),
    (groups) => mappo(groups, { ...settings, maxKl: 0.001, valueNorm: 'popArt', learningRateEnd: 0 }),
  ),
  'happo, two groups, several choices': onPolicyEntry(
    ['trust-region: happo'],
    () => simpleSpeakerListener({ numEnvs: 4 }),
    (groups) => happo(groups, { ...settings, epochs: 2, criticEpochs: 2 }),
  ),
  'hatrpo, real numbers': onPolicyEntry(
    ['trust-region: hatrpo'],
    () => simpleSpread({ numEnvs: 4, agents: 2, continuous: true }),
    (groups) => hatrpo(groups, { ...settings, cgIterations: 3, criticEpochs: 2 }),
  ),
  'happo that remembers, sequences': onPolicyEntry(
    [],
    () => simpleSpeakerListener({ numEnvs: 4 }),
    (groups) => happo(groups, { ...settings, memory: 'gru', sequenceLength: 5, epochs: 2, criticEpochs: 2 }),
  ),
  'mappo whose critic remembers more than its actors': onPolicyEntry(
    [],
    () => simpleTag({ numEnvs: 4 }),
    (groups) =>
      mappo(groups, {
        ...settings,
        criticMemory: 'lstm',
        sequenceLength: 5,
        values: 'agent',
        epochs: 2,
        criticEpochs: 2,
      }),
  ),
  'a2c, real numbers': onPolicyEntry(
    ['trust-region: a2c'],
    () => simpleTag({ numEnvs: 4, continuous: true }),
    (groups) => a2c(groups, settings),
  ),
  'maa2c, values of groups': onPolicyEntry(
    ['trust-region: maa2c'],
    () => simpleTag({ numEnvs: 4 }),
    (groups) => maa2c(groups, settings),
  ),
  'coma, two groups': onPolicyEntry(
    ['trust-region: coma'],
    () => simpleTag({ numEnvs: 4 }),
    (groups) => coma(groups, { ...settings, targetEvery: 3 }),
  ),
  'ppo of one controller for all': onPolicyEntry(
    ['trust-region: ppo'],
    () => asOneAgent(simpleSpeakerListener({ numEnvs: 4 })),
    (groups) => ppo(groups, { ...settings, minibatches: 2, epochs: 2, criticEpochs: 2 }),
  ),
  'independent learners, one held still': offPolicyEntry(
    ['core: independent', 'core: only', MADDPG],
    () => simpleTag({ numEnvs: 4 }),
    ({ adversaries, good }) => {
      const both = independent({
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
