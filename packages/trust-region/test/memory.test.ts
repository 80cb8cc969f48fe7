import {
  box,
  defineSingleAgentEnv,
  discrete,
  onPolicy,
  rng,
  vectorize,
  type Learner,
  type Rollout,
  type SingleAgent,
} from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { ppo, trpo, type PpoOptions, type TrpoOptions, type TrustRegionState } from '../src/index.js';
import { requireWholeSequences, sequenceOrder } from '../src/sequences.js';

const runtime = runtimes[1]![1];

/** A cue is shown once, +1 or −1; two steps later it is asked for. Who does not remember is right half of the time. */
const recall = () => {
  let [cue, time] = [0, 0];
  return defineSingleAgentEnv({
    observation: box([2]),
    action: discrete(2),
    reset(random) {
      [cue, time] = [random.int(2), 0];
      return [2 * cue - 1, 0];
    },
    step(action) {
      time += 1;
      const over = time === 3;
      return { observation: [0, time / 2], reward: over && action === cue ? 1 : 0, terminated: over, truncated: false };
    },
  });
};

type SingleAgentOf<G> = G extends SingleAgent<infer _, infer __> ? G : G;
const env = () => vectorize(recall, { numEnvs: 16 });
type Groups = ReturnType<typeof env>['groups'];
type Recaller = Learner<SingleAgentOf<Groups>, TrustRegionState, Rollout<Groups>>;

/** Share of right answers in the last quarter of a run. */
const rightAfter = async (learn: (groups: Groups) => Recaller, steps: number, horizon: number): Promise<number> => {
  const world = env();
  let [right, episodes] = [0, 0];
  for await (const at of onPolicy({ env: world, learner: learn(world.groups), rng: rng(1), steps, horizon })) {
    if (at.steps <= 0.75 * steps) continue;
    for (const { returns } of at.episodes) {
      right += Object.values(returns)[0]!;
      episodes += 1;
    }
  }
  return right / episodes;
};

const settings: PpoOptions = {
  runtime,
  hidden: [16],
  learningRateActor: 1e-2,
  learningRateCritic: 1e-2,
  epochs: 4,
  minibatches: 2,
  criticEpochs: 4,
};

describe('what was seen before', () => {
  // Horizon and sequences do not fall on episodes of three steps: they begin and end within them.
  it.each(['gru', 'lstm'] as const)('is recalled with a memory: %s', async (memory) => {
    const learn = (groups: Groups) => ppo(groups, { ...settings, memory, sequenceLength: 10 });
    expect(await rightAfter(learn, 19_200, 20)).toBeGreaterThan(0.9);
  });

  it('cannot be recalled without', async () => {
    const share = await rightAfter((groups) => ppo(groups, settings), 19_200, 20);
    expect(share).toBeGreaterThan(0.4);
    expect(share).toBeLessThan(0.6);
  });

  it('is recalled by a trust region, too', async () => {
    const options: TrpoOptions = { runtime, hidden: [16], kl: 0.03, criticEpochs: 4, learningRateCritic: 1e-2 };
    const learn = (groups: Groups) => trpo(groups, { ...options, memory: 'gru', sequenceLength: 5 });
    expect(await rightAfter(learn, 32_000, 20)).toBeGreaterThan(0.9);
  });
});

/** A cue is shown once, +1 or −1, and is what the episode pays two steps later, whatever is done. */
const prophecy = () => {
  let [cue, time] = [0, 0];
  return defineSingleAgentEnv({
    observation: box([2]),
    action: discrete(2),
    reset(random) {
      [cue, time] = [2 * random.int(2) - 1, 0];
      return [cue, 0];
    },
    step() {
      time += 1;
      const over = time === 3;
      return { observation: [0, time / 2], reward: over ? cue : 0, terminated: over, truncated: false };
    },
  });
};

describe('what will be paid', () => {
  // Two of three steps say nothing about it. Rollouts of 4 steps begin and end within episodes of 3.
  const explained = async (options: PpoOptions): Promise<number> => {
    const world = vectorize(prophecy, { numEnvs: 32 });
    const learner = ppo(world.groups, { ...settings, lambda: 1, epochs: 1, minibatches: 1, ...options }) as Recaller;
    const seen: number[] = [];
    for await (const { metrics } of onPolicy({ env: world, learner, rng: rng(1), steps: 25_600, horizon: 4 })) {
      seen.push(metrics['explainedVariance']!);
    }
    const last = seen.slice(-20);
    return last.reduce((sum, x) => sum + x, 0) / last.length;
  };

  it.each(['gru', 'lstm'] as const)('is known to a critic that remembers: %s', async (criticMemory) => {
    expect(await explained({ criticMemory, sequenceLength: 4 })).toBeGreaterThan(0.97);
  });

  it('is not known to one that does not, whatever the actor remembers', async () => {
    const share = await explained({ memory: 'gru', sequenceLength: 4 });
    expect(share).toBeLessThan(0.6);
  });
});

describe('a critic that remembers', () => {
  it('says in learning what it said of the rollout', async () => {
    const world = vectorize(prophecy, { numEnvs: 16 });
    type Report = { readonly passes: readonly Record<'value' | 'criticLoss', number>[] } & Record<
      'old' | 'returns',
      Float64Array
    >;
    const reports: { readonly first: Record<'value' | 'criticLoss', number>; readonly expected: number[] }[] = [];
    const mean = (x: Float64Array) => x.reduce((sum, v) => sum + v, 0) / x.length;
    const learner = ppo(world.groups, {
      ...settings,
      minibatches: 1,
      criticMemory: 'lstm',
      sequenceLength: 5,
      inspect: (report) => {
        if (report.of !== 'critic') return;
        const { passes, old, returns } = report as unknown as Report;
        reports.push({ first: passes[0]!, expected: [mean(old), mean(returns.map((x, i) => (x - old[i]!) ** 2 / 2))] });
      },
    }) as Recaller;
    const run = onPolicy({ env: world, learner, rng: rng(2), steps: 3200, horizon: 10 });
    for await (const { state } of run) expect(state.memories!['agent/agent']?.shape ?? []).toEqual([16, 1, 32]);
    expect(reports).toHaveLength(20);
    for (const { first, expected } of reports) {
      expect(first.value).toBeCloseTo(expected[0]!, 5);
      expect(first.criticLoss).toBeCloseTo(expected[1]!, 5);
    }
  });

  it('forgets where a new run begins, and refuses rollouts of other worlds', async () => {
    let old: number[] = [];
    const of = (numEnvs: number) => vectorize(prophecy, { numEnvs });
    const learner = ppo(of(2).groups, {
      ...settings,
      minibatches: 1,
      criticMemory: 'gru',
      sequenceLength: 2,
      inspect: (report) => report.of === 'critic' && (old = Array.from(report['old'] as Float64Array)),
    }) as Recaller;
    /** One more update in a run of its own, of which the learner is told that it is new, or that it is not. */
    const anew = async (state: TrustRegionState | undefined, fresh: boolean, numEnvs = 2) => {
      const told: Recaller = {
        ...learner,
        update: (from, rollout, ...rest) => learner.update(from, { ...rollout, fresh }, ...rest),
      };
      let last: TrustRegionState | undefined;
      const given = { env: of(numEnvs), rng: rng(3), steps: 4 * numEnvs, horizon: 4, ...(state && { state }) };
      for await (const at of onPolicy({ ...given, learner: told })) last = at.state;
      return { last: last!, old };
    };
    const { last } = await anew(undefined, true); // four steps: one episode, and the first step of the next
    const fresh = await anew(structuredClone(last), true);
    const { memories, ...forgotten } = structuredClone(last);
    expect(Object.keys(memories!)).toHaveLength(1);
    expect((await anew(forgotten, false)).old).toEqual(fresh.old);
    expect((await anew(structuredClone(last), false)).old).not.toEqual(fresh.old);
    await expect(anew(last, false, 3)).rejects.toThrow('expected rollouts of 2 environments');
  });
});

describe('sequences', () => {
  it('say in learning what acting said: memories, forgetting and order are the same', async () => {
    const world = env();
    const first: { readonly ratio: number; readonly kl: number }[] = [];
    const learner: Recaller = ppo(world.groups, {
      ...settings,
      memory: 'gru',
      sequenceLength: 10,
      inspect: ({ of, passes }) => of === 'actor' && first.push((passes as typeof first)[0]!),
    });
    for await (const { updates } of onPolicy({ env: world, learner, rng: rng(2), steps: 4800, horizon: 20 }))
      void updates;
    expect(first).toHaveLength(15);
    // The mean of x and of eˣ − 1 are both 0 only where every x = log π − log π_old is.
    for (const { ratio, kl } of first) {
      expect(Math.abs(ratio - 1)).toBeLessThan(1e-5);
      expect(Math.abs(kl)).toBeLessThan(1e-5);
    }
  });

  it('go on side by side, in every environment', () => {
    // 4 steps of 2 environments in sequences of 2: rows 0, 1 | 2, 3 | 4, 5 | 6, 7 by step
    expect(Array.from(sequenceOrder(8, 2, 2))).toEqual([0, 1, 4, 5, 2, 3, 6, 7]);
    expect(() => requireWholeSequences('mappo', 6, 2, 2)).toThrow(
      'mappo: expected a horizon that is a multiple of sequenceLength 2, got 3 steps',
    );
  });
});
