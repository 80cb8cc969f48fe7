import { box, discrete, rng, type Groups, type Learner, type Rollout } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { coma, happo, hatrpo, type ComaState, type TrustRegionState } from '../src/index.js';
import { randomRollout } from './rollouts.js';

const runtime = runtimes[1]![1];
const groups: Groups = { team: { agents: ['a', 'b'], observation: box([3]), action: discrete(3) } };
// By plain gradient, once: what a step moves is proportional to its size.
const plain = {
  runtime,
  hidden: [4],
  optimiser: 'sgd',
  learningRateActor: 0.01,
  learningRateCritic: 0.01,
  maxGradNorm: null,
  criticEpochs: 1,
  learningRateEnd: 0.2,
} as const;

type Any = Learner<Groups, TrustRegionState | ComaState, Rollout<Groups>>;
const partsOf = (state: TrustRegionState | ComaState): readonly Float32Array[] =>
  'carry' in state
    ? [state.carry.flat]
    : [...Object.values(state.actors).flat(), ...Object.values(state.critics)].map(({ flat }) => flat);
const weights = (state: TrustRegionState | ComaState): number[] => partsOf(state).flatMap((part) => Array.from(part));

describe('step sizes decline linearly over a run', () => {
  const one = { ...plain, epochs: 1, order: 'together', valueNorm: 'none' } as const;
  it.each([
    ['HAPPO', happo(groups, one) as Any],
    ['HAPPO, two parts', happo(groups, { ...one, minibatches: 2 }) as Any],
    ['COMA', coma(groups, plain) as Any],
  ])('to the share that is left: %s', async (_name, learner) => {
    const moved = async (steps: number): Promise<number[]> => {
      const state = learner.init(rng(1));
      const before = weights(state);
      const rollout = randomRollout({ steps: 8, numEnvs: 4, agents: 2 });
      const [next] = await learner.update(state, rollout, rng(2), { steps, total: 1000 });
      return weights(next).map((x, i) => x - before[i]!);
    };
    const [full, half, end, beyond] = [await moved(0), await moved(500), await moved(1000), await moved(1200)];
    const counters = new Set(full.flatMap((x, i) => (Math.abs(x) >= 0.5 ? [i] : []))); // numbers of steps by gradient
    const length = (x: readonly number[]) => Math.hypot(...x.filter((_, i) => !counters.has(i)));
    expect(length(full)).toBeGreaterThan(1e-4);
    expect(length(half) / length(full)).toBeCloseTo(0.6, 2);
    expect(length(end) / length(full)).toBeCloseTo(0.2, 2);
    expect(beyond).toEqual(end);
  });

  it('of critics too where actors take no steps by gradient, whose length is another matter', async () => {
    const learner = hatrpo(groups, { ...plain, learningRateEnd: 0 });
    const state = learner.init(rng(1));
    const [actor, critic] = [state.actors['team']![0]!.flat.slice(), state.critics['team']!.flat.slice()];
    const rollout = randomRollout({ steps: 32, numEnvs: 4, agents: 2 });
    const [next, metrics] = await learner.update(state, rollout, rng(2), { steps: 1000, total: 1000 });
    expect(metrics['accepted']).toBe(1);
    expect(next.actors['team']![0]!.flat).not.toEqual(actor);
    expect(next.critics['team']!.flat.filter((x, i) => x !== critic[i])).toHaveLength(1 + 3); // a counter, the moments
  });
});
