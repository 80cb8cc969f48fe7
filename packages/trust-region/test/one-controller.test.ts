import { halves, tabularWorld } from '@troupe/classic-control';
import { asOneAgent, box, multiDiscrete, onPolicy, rng, type Groups } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { a2c, ppo } from '../src/index.js';
import { close, read, write, type Leaf } from './leaves.js';
import { f32, ones } from './rollouts.js';

const runtime = runtimes[1]![1];

describe('one controller with a head for each agent', () => {
  it('finds the joint optimum where agents with one policy cannot, whatever groups they are in', async () => {
    const env = asOneAgent(tabularWorld(halves({ players: 4 }), { numEnvs: 32 }));
    const settings = {
      runtime,
      hidden: [8],
      learningRateActor: 0.01,
      learningRateCritic: 0.01,
      epochs: 4,
      minibatches: 1,
    };
    const steps = 20_000;
    let [sum, episodes] = [0, 0];
    for await (const at of onPolicy({ env, learner: ppo(env.groups, settings), rng: rng(0), steps, horizon: 8 })) {
      if (at.steps <= 0.8 * steps) continue;
      for (const { returns } of at.episodes) {
        sum += returns.controller;
        episodes += 1;
      }
    }
    expect(sum / episodes).toBeGreaterThan(0.9);
  });

  it('follows the exact gradient in every head: every joint action of a game once, as uniform policies play them', async () => {
    const seen = { observation: f32([1, 1, 1, 1], 4, 1, 1), active: ones(4, 1) };
    const controller = {
      ...seen,
      action: ndarray(Int32Array.of(0, 0, 0, 1, 1, 0, 1, 1), [4, 1, 2]),
      reward: f32([0, 2, 2, -1], 4, 1),
      discount: f32([0, 0, 0, 0], 4, 1),
      next: seen,
      extras: {},
    };
    const groups = {
      controller: { agents: ['controller'], observation: box([1]), action: multiDiscrete(2, 2) },
    } as const satisfies Groups;
    const learner = a2c(groups, {
      ...{ runtime, hidden: [1], maxGradNorm: null, learningRateActor: 1, learningRateCritic: 1e-9, entropy: 0 },
      optimiser: 'sgd',
    });
    const state = learner.init(rng(1));
    const thetaOf = (of: typeof state) => (leavesOf(of.actors['controller']![0]!) as { theta: Leaf }).theta;
    write(thetaOf(state), () => 0);
    const batch = { groups: { controller }, last: Uint8Array.of(1, 1, 1, 1), env: Int32Array.of(0, 1, 2, 3) };
    const rollout = { steps: 1, numEnvs: 4, batch };
    const [after] = await learner.update(state, rollout, rng(2), { steps: 0, total: 1 });
    // Both heads: ½ (E[r | choice] − E r), with E r = 0.75 and E[r | 0] = 1, E[r | 1] = 0.5.
    close(read(thetaOf(after), -4), [0.125, -0.125, 0.125, -0.125]);
  });

  it('has one ratio for the joint action, clipped once; the choice of the dead has no part in it', async () => {
    const groups = {
      controller: { agents: ['controller'], observation: box([2]), action: multiDiscrete(2, 2) },
    } as const satisfies Groups;
    const passes: { readonly ratio: number; readonly clipFraction: number }[] = [];
    const learner = ppo(groups, {
      runtime,
      hidden: [2],
      normaliseAdvantages: false,
      epochs: 1,
      minibatches: 1,
      inspect: (report) => report.of === 'actor' && passes.push((report['passes'] as typeof passes)[0]!),
    });
    const state = learner.init(rng(1));
    const { theta } = leavesOf(state.actors['controller']![0]!) as { theta: ndarray.NdArray<Float32Array> };
    theta.data.fill(0, theta.offset, theta.offset + theta.size); // every choice has probability ½
    const seen = {
      observation: f32([1, 1, 1, 1], 2, 1, 2),
      active: ndarray(Uint8Array.of(1, 1), [2, 1]),
      legal: ndarray(Uint8Array.of(1, 1, 1, 1, 1, 1, 1, 0), [2, 1, 4]),
    };
    // Row 0: both alive, remembered as 0.2: ratio 0.25 / 0.2. Row 1: b is dead, remembered as 0.5: ratio 0.5 / 0.5.
    const controller = {
      ...seen,
      action: ndarray(Int32Array.of(0, 1, 1, 0), [2, 1, 2]),
      reward: f32([1, 1], 2, 1),
      discount: f32([0, 0], 2, 1),
      next: seen,
      extras: { logProb: f32([Math.log(0.2), Math.log(0.5)], 2, 1) },
    };
    const batch = { groups: { controller }, last: Uint8Array.of(1, 1), env: Int32Array.of(0, 1) };
    const clock = { steps: 0, total: 1 };
    await learner.update(state, { steps: 1, numEnvs: 2, batch }, rng(2), clock);
    expect(passes[0]!.ratio).toBeCloseTo((1.25 + 1) / 2, 5);
    expect(passes[0]!.clipFraction).toBeCloseTo(0.5, 6);
  });
});
