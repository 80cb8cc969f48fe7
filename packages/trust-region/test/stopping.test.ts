import { box, discrete, rng, type Groups } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { ppo, type PpoOptions, type UpdateReport } from '../src/index.js';
import { randomRollout } from './rollouts.js';

const groups: Groups = { team: { agents: ['a'], observation: box([3]), action: discrete(3) } };

describe.each(runtimes)('an actor that has gone farther than maxKl, %s', (_name, runtime) => {
  const updated = async (options: PpoOptions) => {
    let passes: readonly unknown[] = [];
    const inspect = (report: UpdateReport) =>
      report.of === 'actor' && (passes = report['passes'] as readonly unknown[]);
    const learner = ppo(groups, { runtime, hidden: [4], learningRateActor: 0.1, criticEpochs: 1, inspect, ...options });
    const rollout = randomRollout({ steps: 64, numEnvs: 4, agents: 1, seed: 3 });
    const [state, metrics] = await learner.update(learner.init(rng(1)), rollout, rng(2), { steps: 0, total: 1 });
    const actor = state.actors['team']![0]!;
    return {
      weights: Array.from(actor.flat),
      steps: leavesOf(actor).updates.get(),
      told: metrics['policySteps'],
      passes: passes.length,
    };
  };

  it('stays where it is, with all that its optimiser remembers', async () => {
    const one = await updated({ minibatches: 1, epochs: 1 });
    const stopped = await updated({ minibatches: 1, epochs: 5, maxKl: 1e-5 });
    expect([stopped.steps, stopped.told, stopped.passes]).toEqual([1, 1, 2]);
    expect(stopped.weights).toEqual(one.weights);
  });

  it('takes no other part of the rows either', async () => {
    const stopped = await updated({ minibatches: 4, epochs: 5, maxKl: 1e-5 });
    expect(stopped.steps).toBeGreaterThanOrEqual(1);
    expect(stopped.steps).toBeLessThan(4); // parts differ: what is far on one may be near on another
    expect(stopped.told).toBe(stopped.steps);
    expect(stopped.passes).toBe(stopped.steps + 1); // the last one was looked at and not taken
    expect((await updated({ minibatches: 4, epochs: 5, maxKl: 1e9 })).steps).toBe(20);
  });
});
