import { cartPole } from '@troupe/classic-control';
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
import { ppo, trpo, type TrustRegionState } from '../src/index.js';

const runtime = runtimes[1]![1];
type Groups = ReturnType<typeof cartPole>['groups'];

/** Mean length of the episodes that ended in the last fifth of a run on CartPole (random: about 22; at most 500). */
const lengthOf = async (
  learn: (groups: Groups) => Learner<Groups, TrustRegionState, Rollout<Groups>>,
  steps: number,
) => {
  const env = cartPole({ numEnvs: 8 });
  let [sum, episodes] = [0, 0];
  const run = onPolicy({ env, learner: learn(env.groups), rng: rng(0), steps, horizon: 256 });
  for await (const at of run) {
    if (at.steps <= 0.8 * steps) continue;
    for (const { length } of at.episodes) {
      sum += length;
      episodes += 1;
    }
  }
  return sum / episodes;
};

describe('CartPole is balanced', () => {
  it('by PPO', async () => {
    const learningRates = { learningRateActor: 1e-3, learningRateCritic: 1e-3 };
    expect(await lengthOf((groups) => ppo(groups, { runtime, ...learningRates }), 24_576)).toBeGreaterThan(350);
  });

  it('by TRPO', async () => {
    expect(await lengthOf((groups) => trpo(groups, { runtime, kl: 0.02 }), 40_960)).toBeGreaterThan(350);
  });
});

/** One state, a reward of 1 at every step, for ever: worth 1 / (1 − γ). The clock cuts it every five steps. */
const forEver = () => {
  let steps = 0;
  return defineSingleAgentEnv({
    observation: box([1]),
    action: discrete(2),
    reset: () => {
      steps = 0;
      return [1];
    },
    step: () => ({ observation: [1], reward: 1, terminated: false, truncated: ++steps === 5 }),
  });
};

describe('a clock', () => {
  const valueWith = async (truncation: 'bootstrap' | 'terminate'): Promise<number> => {
    const env = vectorize(forEver, { numEnvs: 4 });
    const learner: Learner<SingleAgentOf<typeof env.groups>, TrustRegionState, Rollout<typeof env.groups>> = ppo(
      env.groups,
      { runtime, hidden: [4], discount: 0.8, truncation, learningRateCritic: 0.02, epochs: 1, minibatches: 1 },
    );
    let value = 0;
    const run = onPolicy({ env, learner, rng: rng(0), steps: 8000, horizon: 10 });
    for await (const { metrics } of run) value = metrics['value']!;
    return value;
  };

  it('is no end of the task: what would have come is worth something', async () => {
    expect(await valueWith('bootstrap')).toBeCloseTo(5, 0);
    // 1 + 0.8 + … of 5, 4, 3, 2, 1 remaining steps, on average: 2.31
    expect(await valueWith('terminate')).toBeCloseTo(2.3, 0);
  });
});

type SingleAgentOf<G> = G extends SingleAgent<infer _, infer __> ? G : G;
