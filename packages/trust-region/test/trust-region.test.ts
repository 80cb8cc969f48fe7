import { halves, tabularTeam } from '@troupe/classic-control';
import {
  box,
  defineEnv,
  discrete,
  hybrid,
  multiDiscrete,
  onPolicy,
  rng,
  type Groups,
  type Learner,
  type Rollout,
} from '@troupe/core';
import { leavesOf, type Runtime } from '@troupe/runtime';
import type ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import {
  decodeHappo,
  happo,
  hatrpo,
  ippo,
  mappo,
  ppo,
  trpo,
  type PpoOptions,
  type TrustRegionState,
  type UpdateReport,
} from '../src/index.js';
import { played, type Any } from './played.js';

const runtime = runtimes[1]![1];

/** Four kinds of action in as many groups, one with a mask, one of two agents. */
const zoo = () => {
  const look = (x: number) => ({
    movers: { m0: [x, 0, 1], m1: [1, 2, x] },
    choosers: { c0: Math.abs(Math.round(x)) % 4 },
    speakers: { s0: [1, x, 3, 4] },
    players: { p0: [x] },
  });
  let clock = 0;
  return defineEnv({
    groups: {
      movers: { agents: ['m0', 'm1'], observation: box([3]), action: box([2], { low: [-1, 0], high: [1, 4] }) },
      choosers: { agents: ['c0'], observation: discrete(4), action: discrete(3) },
      speakers: { agents: ['s0'], observation: box([2, 2]), action: multiDiscrete(2, 3) },
      players: {
        agents: ['p0'],
        observation: box([1]),
        action: hybrid(box([1], { low: -1, high: 1 }), multiDiscrete(2)),
      },
    },
    reset: (stream) => {
      clock = 0;
      return look(stream.uniform());
    },
    step: ({ movers, choosers, speakers, players }) => {
      const total = movers.m0[0]! + movers.m1[1]! + choosers.c0 + speakers.s0[0]! + players.p0[0]!;
      clock += 1;
      return {
        observations: look(total),
        rewards: { movers: { m0: total, m1: -total }, choosers: { c0: 1 }, speakers: { s0: 0 }, players: { p0: 1 } },
        terminated: total > 5,
        truncated: clock === 5,
      };
    },
    legal: () => ({
      movers: { m0: [], m1: [] },
      choosers: { c0: [1, 0, 1] },
      speakers: { s0: [1, 1, 1, 1, 1] },
      players: { p0: [1, 1] },
    }),
  });
};

const weights = (state: TrustRegionState): number[] =>
  [...Object.values(state.actors).flat(), ...Object.values(state.critics)].flatMap((carry) => Array.from(carry.flat));

const updated = async (learner: Any, rollout: Rollout<Groups>, times = 2) => {
  let state = learner.init(rng(1));
  const before = weights(state);
  const metrics: Record<string, number>[] = [];
  for (let i = 0; i < times; i++) {
    const [next, report] = await learner.update(state, rollout, rng(2), { steps: 0, total: 1 });
    state = next;
    metrics.push(report);
  }
  return { before, after: weights(state), metrics };
};

// SGD: Adam's first steps are signs of gradients, which rounding can flip where they are zero.
const small = { hidden: [6], optimiser: 'sgd', learningRateActor: 0.05, learningRateCritic: 0.05 } as const;
const natural = { ...small, cgIterations: 4, criticEpochs: 2 };
const variants: Readonly<Record<string, (groups: Groups, given: Runtime) => Any>> = {
  'ppo, minibatches': (groups, given) =>
    ppo(groups, { ...small, runtime: given, minibatches: 2, epochs: 2, criticEpochs: 2, maxKl: 0.02 }),
  'ippo, squashed, layer normalisation': (groups, given) =>
    ippo(groups, { ...small, runtime: given, squash: true, sharing: 'sharedWithIds', truncation: 'discard' }),
  'mappo, values of agents, PopArt': (groups, given) =>
    mappo(groups, { ...small, runtime: given, values: 'agent', valueNorm: 'popArt', activation: 'tanh' }),
  'happo, values of the team': (groups, given) => happo(groups, { ...small, runtime: given, epochs: 3 }),
  'trpo, alone': (groups, given) =>
    trpo(groups, { ...natural, runtime: given, truncation: 'terminate', minibatches: 1 }),
  hatrpo: (groups, given) => hatrpo(groups, { ...natural, runtime: given }),
};

describe('one update', () => {
  it.each(Object.entries(variants))('is the same in both runtimes: %s', async (_name, make) => {
    const [groups, rollout] = await played(zoo, (of) => make(of, runtime));
    const [eagerly, compiled] = [
      await updated(make(groups, runtimes[0]![1]), rollout),
      await updated(make(groups, runtime), rollout),
    ];
    expect(compiled.after.every(Number.isFinite)).toBe(true);
    expect(compiled.after).not.toEqual(compiled.before);
    const errors = eagerly.after.map((x, i) => Math.abs(compiled.after[i]! - x) / Math.max(1, Math.abs(x)));
    expect(Math.max(...errors)).toBeLessThan(2e-4);
  });

  it.each<PpoOptions>([{ deviation: 'exp' }, { deviation: 'sigmoid', deviationLimit: 4 }, { squash: true }])(
    'gives actions the probability that they had when they were drawn, clipped or squashed: %j',
    async (options) => {
      const first: Readonly<Record<'ratio' | 'kl', number>>[] = [];
      const inspect = ({ of, passes }: UpdateReport) => of === 'actor' && first.push((passes as typeof first)[0]!);
      const make = (of: Groups): Any => happo(of, { ...small, runtime, ...options, inspect });
      const [groups, rollout] = await played(zoo, make);
      const { action, extras } = rollout.batch.groups['movers']!;
      const clipped = Array.from(action.data, (x, i) => x !== extras['drawn']!.data[i]);
      expect(clipped.filter(Boolean).length).toBeGreaterThan(16); // of 128
      const learner = make(groups);
      await learner.update(learner.init(rng(3).split('init')), rollout, rng(2), { steps: 0, total: 1 });
      expect(first).toHaveLength(5);
      // The mean of x and of eˣ − 1 are both 0 only where every x = log π − log π_old is.
      for (const { ratio, kl } of first) {
        expect(Math.abs(ratio - 1)).toBeLessThan(1e-5);
        expect(Math.abs(kl)).toBeLessThan(1e-5);
      }
    },
  );

  it.each(['none', 'gru'] as const)(
    'learns from minibatches in one call what it learns from them one by one, memory: %s',
    async (memory) => {
      // Where it might have to stop, parts are single calls.
      const make = (maxKl: number | null) => (groups: Groups) =>
        ippo(groups, {
          ...small,
          runtime,
          memory,
          sequenceLength: 4,
          minibatches: 4,
          epochs: 2,
          criticEpochs: 2,
          maxKl,
        });
      const [groups, rollout] = await played(zoo, make(null));
      const together = await updated(make(null)(groups), rollout);
      const apart = await updated(make(1e9)(groups), rollout);
      expect(together.after).not.toEqual(together.before);
      together.after.forEach((x, i) => expect(x).toBeCloseTo(apart.after[i]!, 5));
      for (const [name, value] of Object.entries(together.metrics[1]!)) {
        expect(value, name).toBeCloseTo(apart.metrics[1]![name]!, 4);
      }
    },
  );

  const shown = { ...small, hidden: [4], criticEpochs: 2 } as const;
  type DeadRows = 'ignored' | 'counted';
  it.each<readonly [string, (of: Groups, deadRows: DeadRows) => Any]>([
    [
      'HAPPO, values of agents',
      (of, deadRows) => happo(of, { ...shown, runtime, epochs: 2, values: 'agent', deadRows }),
    ],
    ['HAPPO, values of the team', (of, deadRows) => happo(of, { ...shown, runtime, epochs: 2, deadRows })],
    ['MAPPO, values of groups', (of, deadRows) => mappo(of, { ...shown, runtime, epochs: 2, deadRows })],
    ['HATRPO', (of, deadRows) => hatrpo(of, { ...shown, runtime, cgIterations: 4, values: 'agent', deadRows })],
  ])('gives rows of the dead no weight, unless HARL is to be followed: %s', async (_name, make) => {
    const [groups, rollout] = await played(zoo, (of) => make(of, 'ignored'));
    const movers = rollout.batch.groups['movers']!;
    for (let row = 0; row < 8; row++) movers.active.set(row, 1, 0);
    for (const { active } of Object.values(rollout.batch.groups))
      for (let i = 0; i < active.shape[1]!; i++) active.set(1, i, 0);
    const learners = { ignored: make(groups, 'ignored'), counted: make(groups, 'counted') };
    const before = {
      ignored: await updated(learners.ignored, rollout),
      counted: await updated(learners.counted, rollout),
    };
    // row 0 is dead, and nothing that lives comes before it
    movers.reward.set(0, 1, 1e3);
    expect(await updated(learners.ignored, rollout)).toEqual(before.ignored);
    expect((await updated(learners.counted, rollout)).after).not.toEqual(before.counted.after);
    // nor does it matter what the dead seem to have done, how probable that was, and what is seen where nobody lives
    movers.reward.set(0, 1, 0);
    movers.extras['logProb']!.set(3, 1, -9);
    movers.extras['drawn']!.set(3, 1, 0, 5);
    movers.observation.set(1, 0, 2, 5);
    expect(await updated(learners.ignored, rollout)).toEqual(before.ignored);
  });

  it('updates in an order from the stream, each agent once, with a factor of mean 1 on what was played', async () => {
    const orders = new Set<string>();
    const seen: string[] = [];
    const learner = happo(zoo().groups, {
      ...small,
      runtime,
      epochs: 1,
      criticEpochs: 1,
      inspect: ({ of, name }) => of === 'actor' && seen.push(name),
    }) as Any;
    const [, rollout] = await played(zoo, () => learner);
    let state = learner.init(rng(1));
    const stream = rng(5);
    for (let k = 0; k < 12; k++) {
      seen.length = 0;
      [state] = await learner.update(state, rollout, stream, { steps: 0, total: 1 });
      expect([...seen].sort()).toEqual(['choosers/c0', 'movers/m0', 'movers/m1', 'players/p0', 'speakers/s0']);
      orders.add(seen.join());
    }
    expect(orders.size).toBeGreaterThan(8);
  });

  it('consumes its state and says what is wrong with settings', async () => {
    const learner = hatrpo(zoo().groups, { ...natural, runtime }) as Any;
    const [, rollout] = await played(zoo, () => learner);
    const state = learner.init(rng(1));
    const copy = structuredClone(state);
    const [next] = await learner.update(state, rollout, rng(2), { steps: 0, total: 1 });
    expect(() => state.actors['movers']![0]!.flat).toThrow(/consumed/);
    const [again] = await learner.update(copy, rollout, rng(2), { steps: 0, total: 1 });
    expect(weights(again)).toEqual(weights(next));
    expect(() => happo(zoo().groups, { runtime, clip: -1 })).toThrow(
      /happo: clip: expected a finite number > 0, got -1/,
    );
    expect(decodeHappo({ clips: 1 })).toMatchObject({ left: [{ path: 'clips' }] });
  });
});

/** Kuba et al. 2022, proposition 1: no shared policy gets more than 2/2⁴ = 0.125, policies of their own get 1. */
const sharingGame = () => tabularTeam(halves({ players: 4 }), { numEnvs: 64 });
type Sharing = ReturnType<typeof sharingGame>['groups'];

/** Trains, and returns the mean return of the last quarter with what was reported all along. */
const train = async (
  learn: (groups: Sharing) => Learner<Sharing, TrustRegionState, Rollout<Sharing>>,
  steps: number,
) => {
  const env = sharingGame();
  const metrics: Readonly<Record<string, number>>[] = [];
  let [sum, episodes] = [0, 0];
  const run = onPolicy({ env, learner: learn(env.groups), rng: rng(0), steps, horizon: 4 });
  for await (const at of run) {
    metrics.push(at.metrics);
    if (at.steps <= 0.75 * steps) continue;
    for (const { returns } of at.episodes) {
      sum += returns.agents;
      episodes += 1;
    }
  }
  return { reward: sum / episodes, metrics };
};

describe('the sharing game', () => {
  const settings = { runtime, hidden: [8], layerNorm: false, learningRateActor: 5e-3, learningRateCritic: 5e-3 };
  const mean = (x: readonly number[]) => x.reduce((sum, v) => sum + v, 0) / x.length;

  it('is solved by HAPPO with policies of their own, and the compound factor has mean 1', async () => {
    const { reward, metrics } = await train((groups) => happo(groups, settings), 20_000);
    expect(reward).toBeGreaterThan(0.95);
    expect(Math.abs(mean(metrics.map((m) => m['factorMean']!)) - 1)).toBeLessThan(0.02);
  });

  // Damping shortens steps where the curvature is small: there is little of it, or the length is taken without.
  it.each([
    { damping: 0.01, stepLength: 'damped' },
    { damping: 0.1, stepLength: 'undamped' },
  ] as const)('is solved by HATRPO, whose full steps spend the divergence that they may: %j', async (step) => {
    const { reward, metrics } = await train(
      (groups) => hatrpo(groups, { ...settings, cgIterations: 4, ...step }),
      16_000,
    );
    expect(reward).toBeGreaterThan(0.95);
    expect(Math.abs(mean(metrics.map((m) => m['factorMean']!)) - 1)).toBeLessThan(0.02);
    const spent = metrics.flatMap((m) =>
      [0, 1, 2, 3].flatMap((i) => (m[`agents/player ${i}/fraction`] === 1 ? [m[`agents/player ${i}/kl`]!] : [])),
    );
    expect(spent.length).toBeGreaterThan(20);
    expect(Math.abs(mean(spent) / 0.01 - 1)).toBeLessThan(0.2);
  });

  it('cannot be solved by one policy for all', async () => {
    const { reward } = await train((groups) => mappo(groups, settings), 16_000);
    expect(reward).toBeGreaterThan(0.05);
    expect(reward).toBeLessThan(0.15);
  });
});

it('shows the weights and reports of an update to who wants to look', async () => {
  const reports: UpdateReport[] = [];
  const learner = trpo(zoo().groups, {
    ...natural,
    runtime,
    inspect: (report) => reports.push(structuredClone(report)),
  }) as Any;
  const [, rollout] = await played(zoo, () => learner);
  const state = learner.init(rng(1));
  const [next] = await learner.update(state, rollout, rng(2), { steps: 0, total: 1 });
  const first = reports[0]!;
  const { theta } = leavesOf(next.actors['movers']![0]!);
  expect((first['solution'] as Float32Array).length).toBe((theta as ndarray.NdArray).size);
  expect(reports.map(({ of, name }) => `${of} ${name}`)).toContain('critic movers/m1');
});
