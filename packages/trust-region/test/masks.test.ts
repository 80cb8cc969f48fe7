import { box, defineEnv, discrete, onPolicy, rng, vectorize, type Learner, type Rollout } from '@troupe/core';
import { leavesOf } from '@troupe/runtime';
import { describe, expect, it } from 'vitest';
import { runtimes } from '../../../test/support/runtimes.js';
import { a2c, coma, happo, maa2c, ppo, type ComaState, type TrustRegionState } from '../src/index.js';
import { close, read, write, type Leaf } from './leaves.js';
import { enumerated, groupsOf, payoff, type Team } from './two-by-two.js';

const runtime = runtimes[1]![1];

const groups = groupsOf(3);

/** ∂J/∂logit of a choice: π(a) (E[r | a] − E r) = ½ (1 − 0.75), ½ (0.5 − 0.75), and nothing where π(a) is 0. */
const exact = [0.125, 0, -0.125];
const clock = { steps: 0, total: 1 };
const plain = {
  runtime,
  hidden: [1],
  optimiser: 'sgd',
  maxGradNorm: null,
  normaliseAdvantages: false,
  learningRateActor: 1,
  learningRateCritic: 1e-9,
  entropy: 0,
} as const;

describe('the policy gradient with a choice that is not legal', () => {
  const once = { epochs: 1, criticEpochs: 1, minibatches: 1 };
  const learners: readonly (readonly [string, Learner<Team, TrustRegionState, Rollout<Team>>])[] = [
    ['A2C', a2c(groups, plain)],
    ['MAA2C', maa2c(groups, plain)],
    ['one pass of PPO', ppo(groups, { ...plain, ...once })],
  ];
  it.each(learners)('is the exact one: %s', async (_name, learner) => {
    const state = learner.init(rng(1));
    const thetaOf = (of: TrustRegionState, i: number) => (leavesOf(of.actors['team']![i]!) as { theta: Leaf }).theta;
    state.actors['team']!.forEach((_, i) => write(thetaOf(state, i), () => 0));
    const [after, metrics] = await learner.update(state, enumerated(3), rng(2), clock);
    after.actors['team']!.forEach((_, i) => close(read(thetaOf(after, i), -3), exact));
    expect(metrics['entropy']).toBeCloseTo(Math.log(2), 5); // of the two choices that there are
  });

  it('is the exact one: COMA, whatever its critic expects of that choice', async () => {
    const learner = coma(groups, { ...plain, sharing: 'separate', hidden: [6] });
    const state = learner.init(rng(1));
    const leaves = (of: ComaState) =>
      leavesOf(of.carry) as unknown as Record<'actor' | 'critic', { team: { theta: Leaf } }>;
    write(leaves(state).actor.team.theta, () => 0);
    // critic inputs: 2 observations, a's choice [3], b's choice [3] (the own one is blank), ids [2]
    const [inputs, hidden] = [10, 6];
    const kernel = (i: number, h: number) => (i >= 2 && i < 8 && i - 2 === h ? 1 : 0);
    const worth = [payoff[0], [0, 0], payoff[1]].map(([first, second]) => [first, 100, second]);
    const weights = [
      ...Array.from({ length: inputs * hidden }, (_, k) => kernel(Math.floor(k / hidden), k % hidden)),
      ...Array.from({ length: hidden }, () => 0),
      ...[...worth, ...worth].flat(), // what the other did, in either block → worth of the own choices
      ...[0, 0, 0],
    ];
    write(leaves(state).critic.team.theta, (i) => weights[i]!);
    const [after, metrics] = await learner.update(state, enumerated(3), rng(2), clock);
    expect(metrics['criticLoss']).toBeCloseTo(0, 6);
    const { theta } = leaves(after).actor.team;
    for (const end of [theta.size / 2, theta.size]) close(read(theta, end - 3, end), exact);
  });
});

describe('the sharing game with choices that are not legal', () => {
  const ids = ['a', 'b', 'c', 'd'] as const;
  const each = <T>(value: T) => ({ players: { a: value, b: value, c: value, d: value } });
  /** Half must choose 0 and the other half 2; 1 and 3 are there, but who chooses them breaks the game. */
  const game = () =>
    defineEnv({
      groups: { players: { agents: ids, observation: box([1]), action: discrete(4) } },
      reset: () => each([1]),
      step: ({ players }) => {
        const chosen = ids.map((id) => players[id]);
        if (chosen.some((choice) => choice % 2 === 1)) throw new Error(`somebody chose ${chosen.join()}`);
        const pattern = chosen.join('');
        return {
          observations: each([1]),
          rewards: each(pattern === '0022' || pattern === '2200' ? 1 : 0),
          terminated: true,
          truncated: false,
        };
      },
      legal: () => each([1, 0, 1, 0]),
    });

  it('is solved by HAPPO', async () => {
    const env = vectorize(game, { numEnvs: 64 });
    const settings = { runtime, hidden: [8], layerNorm: false, learningRateActor: 5e-3, learningRateCritic: 5e-3 };
    const learner = happo(env.groups, settings);
    let [sum, episodes] = [0, 0];
    for await (const at of onPolicy({ env, learner, rng: rng(0), steps: 20_000, horizon: 4 })) {
      if (at.steps <= 15_000) continue;
      for (const { returns } of at.episodes) {
        sum += returns.players;
        episodes += 1;
      }
    }
    expect(sum / episodes).toBeGreaterThan(0.95);
  });
});
