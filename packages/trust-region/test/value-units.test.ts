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
