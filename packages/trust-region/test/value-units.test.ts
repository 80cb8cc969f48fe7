import { box, discrete, rng, type Groups } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { mappo, type PpoOptions, type UpdateReport } from '../src/index.js';
import { randomRollout } from './rollouts.js';

const groups: Groups = { team: { agents: ['a', 'b'], observation: box([3]), action: discrete(3) } };
const clock = { steps: 0, total: 1 };
// Weights of the critic move by nothing but what its values are normalised with.
const still = {
  hidden: [8],
  optimiser: 'sgd',
  learningRateCritic: 1e-20,
  criticEpochs: 1,
  valueNormDecay: 0.9,
} as const;

/** What a critic says of the same rows, in original units, before and after it has seen much larger returns. */
const beforeAndAfter = async (options: PpoOptions): Promise<readonly [readonly number[], readonly number[]]> => {
  const reports: UpdateReport[] = [];
  const inspect = (report: UpdateReport) => report.of === 'critic' && reports.push(structuredClone(report));
  const learner = mappo(groups, { ...still, ...options, inspect });
  const rollout = (scale: number) => {
    const given = randomRollout({ steps: 16, numEnvs: 4, agents: 2 });
    const { reward } = given.batch.groups['team']!;
    reward.data.forEach((x, i) => (reward.data[i] = scale * (x + 1)));
    return given;
  };
  let state = learner.init(rng(1));
  for (const scale of [1, 30, 1]) [state] = await learner.update(state, rollout(scale), rng(2), clock);
  const [, before, after] = reports.map(({ returns, advantage }) =>
    Array.from(returns as Float64Array, (sum, i) => sum - (advantage as Float64Array)[i]!),
  );
  return [before!, after!];
};
const worst = (a: readonly number[], b: readonly number[]) => Math.max(...a.map((x, i) => Math.abs(x - b[i]!)));

describe.each(runtimes)('what values are normalised with, %s', (_name, runtime) => {
  it.each([1, 4])(
    'leaves what a critic with PopArt says in original units as it was, parts: %i',
    async (minibatches) => {
      const [before, after] = await beforeAndAfter({ runtime, valueNorm: 'popArt', minibatches });
      const scale = 30; // of the returns between
      expect(Math.max(...before) - Math.min(...before)).toBeGreaterThan(0.1); // begins with a deviation of 0.1
      expect(worst(before, after)).toBeLessThan(1e-6 * scale);
    },
  );

  it('moves it without PopArt', async () => {
    const [before, after] = await beforeAndAfter({ runtime, valueNorm: 'moments' });
    expect(worst(before, after)).toBeGreaterThan(10);
  });
});

it('moments of returns move with every step of a critic: its passes, times their parts', async () => {
  const runtime = runtimes[1]![1];
  const learner = mappo(groups, { ...still, runtime, criticEpochs: 3, minibatches: 2 });
  const rollout = randomRollout({ steps: 16, numEnvs: 4, agents: 2 });
  const [state] = await learner.update(learner.init(rng(1)), rollout, rng(2), clock);
  const { norm } = leavesOf(state.critics['team']!);
  expect(norm!.debias.get()).toBeCloseTo(1 - 0.9 ** 6, 6);
});

describe('what critics are for', () => {
  /** Of the row's reward and what follows it; agent a dies in row 0, b goes on. */
  const returnsOf = async (options: PpoOptions): Promise<Readonly<Record<string, readonly number[]>>> => {
    const told: Record<string, readonly number[]> = {};
    const inspect = (report: UpdateReport) => {
      if (report.of !== 'critic') return;
      const { returns, old } = report as unknown as Readonly<Record<'returns' | 'old', Float64Array>>;
      told[report.name] = [...returns.slice(0, options.values === 'agent' ? 2 : 1), old[old.length / 2]!];
    };
    const runtime = runtimes[1]![1];
    const learner = mappo(groups, {
      ...still,
      runtime,
      discount: 0.5,
      lambda: 0,
      valueNorm: 'none',
      ...options,
      inspect,
    });
    const rollout = randomRollout({ steps: 2, numEnvs: 1, agents: 2 });
    const { reward, discount } = rollout.batch.groups['team']!;
    [3, 5].forEach((x, i) => reward.set(0, i, x));
    discount.set(0, 0, 0);
    await learner.update(learner.init(rng(1)), rollout, rng(2), clock);
    return told;
  };

  it.each(['team', 'group'] as const)(
    'values of a %s are of its mean reward, and go on as long as anyone does',
    async (values) => {
      const [sum, next] = Object.values(await returnsOf({ values }))[0]! as [number, number];
      expect(sum).toBeCloseTo(4 + 0.5 * next, 5);
    },
  );

  it('values of agents are of the reward of each, as long as it lives', async () => {
    const [a, b, next] = (await returnsOf({ values: 'agent' }))['team']! as [number, number, number];
    expect(a).toBe(3);
    expect(b).toBeCloseTo(5 + 0.5 * next, 5);
    const own = await returnsOf({ values: 'agent', critic: 'own', sharing: 'separate' });
    expect(own['team/a']![0]).toBe(3);
    expect(own['team/b']![0]).toBeCloseTo(5 + 0.5 * own['team/b']!.at(-1)!, 5);
  });

  it.each(['separate', 'shared'] as const)('actors learn from the values of their own agents: %s', async (sharing) => {
    const told: Record<string, readonly number[]> = {};
    const inspect = ({ of, name, advantage, old }: UpdateReport) => (told[`${of} ${name}`] = Array.from((of === 'critic' ? old : advantage) as Float64Array)); // prettier-ignore
    const runtime = runtimes[1]![1];
    const learner = mappo(groups, { ...still, runtime, sharing, lambda: 0, values: 'agent', valueNorm: 'none', normaliseAdvantages: false, inspect }); // prettier-ignore
    const rollout = randomRollout({ steps: 2, numEnvs: 1, agents: 2 });
    const { reward, discount } = rollout.batch.groups['team']!;
    [3, 5, 7, 9].forEach((x, i) => reward.set(Math.floor(i / 2), i % 2, x));
    discount.data.fill(0);
    await learner.update(learner.init(rng(1)), rollout, rng(2), clock);
    const values = told['critic team']!;
    const [a, b] = [[3 - values[0]!, 7 - values[2]!], [5 - values[1]!, 9 - values[3]!]]; // prettier-ignore
    const expected = sharing === 'shared' ? { 'actor team': [a[0], b[0], a[1], b[1]] } : { 'actor team/a': a, 'actor team/b': b }; // prettier-ignore
    expect(told).toMatchObject(expected);
  });
});
