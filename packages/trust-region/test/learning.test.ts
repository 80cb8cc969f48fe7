import { cartPole } from '@troupe/classic-control';
import {
  box,
  defineEnv,
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
import { happo, ppo, trpo, type TrustRegionState } from '../src/index.js';

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

/** One sees one of three states and says one of three words; the other hears it and must name the state. Lewis 1969. */
const signalling = () => {
  let [state, word, heard] = [0, 0, false];
  const oneHot = (i: number) => [0, 1, 2].map((k) => (k === i ? 1 : 0));
  const look = () => ({ speaker: { s: oneHot(state) }, listener: { l: heard ? oneHot(word) : [0, 0, 0] } });
  return defineEnv({
    groups: {
      speaker: { agents: ['s'], observation: box([3]), action: discrete(3) },
      listener: { agents: ['l'], observation: box([3]), action: discrete(3) },
    },
    reset(random) {
      [state, heard] = [random.int(3), false];
      return look();
    },
    step({ speaker, listener }) {
      const reward = heard && listener.l === state ? 1 : 0;
      const terminated = heard;
      [word, heard] = [speaker.s, true];
      return {
        observations: look(),
        rewards: { speaker: { s: reward }, listener: { l: reward } },
        terminated,
        truncated: false,
      };
    },
  });
};

describe('a language', () => {
  // A third is right by chance; two thirds where two states share a word, an equilibrium in which some seeds end.
  it.each([0, 1])('is found by HAPPO, whose agents have spaces of their own: seed %i', async (seed) => {
    const env = vectorize(signalling, { numEnvs: 32 });
    const rates = { learningRateActor: 3e-3, learningRateCritic: 3e-3 };
    const learner = happo(env.groups, { runtime, hidden: [16], ...rates });
    let [right, episodes] = [0, 0];
    for await (const at of onPolicy({ env, learner, rng: rng(seed), steps: 25_600, horizon: 8 })) {
      if (at.steps <= 20_480) continue;
      for (const { returns } of at.episodes) {
        right += returns.listener;
        episodes += 1;
      }
    }
    expect(right / episodes).toBeGreaterThan(0.9);
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
