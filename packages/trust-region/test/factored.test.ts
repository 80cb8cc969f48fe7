import { halves, tabularTeam } from '@troupe/classic-control';
import { box, discrete, onPolicy, rng, type Groups } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { factored, ppo } from '../src/index.js';

const runtime = runtimes[1]![1];
const f32 = (data: readonly number[], ...shape: number[]) => ndarray(Float32Array.from(data), shape);

describe('one controller with a head for each agent', () => {
  it('finds the joint optimum where agents with one policy cannot', async () => {
    const env = tabularTeam(halves({ players: 4 }), { numEnvs: 32 });
    const settings = {
      runtime,
      hidden: [8],
      learningRateActor: 0.01,
      learningRateCritic: 0.01,
      epochs: 4,
      minibatches: 1,
    };
    const learner = factored(env.groups, (groups) => ppo(groups, settings));
    const steps = 20_000;
    let [sum, episodes] = [0, 0];
    for await (const at of onPolicy({ env, learner, rng: rng(0), steps, horizon: 8 })) {
      if (at.steps <= 0.8 * steps) continue;
      for (const { returns } of at.episodes) {
        sum += Object.values(returns)[0]!;
        episodes += 1;
      }
    }
    expect(sum / episodes).toBeGreaterThan(0.9);
  });

  it('has one ratio for the joint action, clipped once; the dead have no part in it', async () => {
    const groups = {
      team: { agents: ['a', 'b'], observation: box([1]), action: discrete(2) },
    } as const satisfies Groups;
    const passes: { readonly ratio: number; readonly clipFraction: number }[] = [];
    const learner = factored(groups, (all) =>
      ppo(all, {
        runtime,
        hidden: [2],
        normaliseAdvantages: false,
        epochs: 1,
        minibatches: 1,
        inspect: (report) => report.of === 'actor' && passes.push((report['passes'] as typeof passes)[0]!),
      }),
    );
    const state = learner.init(rng(1));
    const { theta } = leavesOf(state.actors['team']![0]!) as { theta: ndarray.NdArray<Float32Array> };
    theta.data.fill(0, theta.offset, theta.offset + theta.size); // every choice has probability ½
    const seen = {
      observation: f32([1, 1, 1, 1], 2, 2, 1),
      active: ndarray(Uint8Array.of(1, 1, 1, 0), [2, 2]),
    };
    // Row 0: both alive, remembered as 0.2: ratio 0.25 / 0.2. Row 1: b is dead, remembered as 0.5: ratio 0.5 / 0.5.
    const team = {
      ...seen,
      action: ndarray(Int32Array.of(0, 1, 1, 1), [2, 2]),
      reward: f32([1, 1, 1, 1], 2, 2),
      discount: f32([0, 0, 0, 0], 2, 2),
      next: seen,
      extras: { logProb: f32([Math.log(0.2), Math.log(0.5)], 2, 1) },
    };
    const batch = { groups: { team }, last: Uint8Array.of(1, 1), env: Int32Array.of(0, 1) };
    await learner.update(state, { steps: 1, numEnvs: 2, batch }, rng(2), {
      steps: 0,
      total: 1,
    });
    expect(passes[0]!.ratio).toBeCloseTo((1.25 + 1) / 2, 5);
    expect(passes[0]!.clipFraction).toBeCloseTo(0.5, 6);
  });
});
