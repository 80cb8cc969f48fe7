/**
 * Four agents must split into two pairs that do opposite things. A policy that they share cannot, policies of their own,
 * updated one after another, can. Run: npx tsx examples/trust-region.ts
 */
import { box, defineEnv, discrete, fastestRuntime, happo, mappo, onPolicy, rng, vectorize } from 'troupe';

const STEPS = 20_000;

const ids = ['a', 'b', 'c', 'd'] as const;
const split = () => {
  const seen = { agents: { a: [1], b: [1], c: [1], d: [1] } };
  return defineEnv({
    groups: { agents: { agents: ids, observation: box([1]), action: discrete(2) } },
    reset: () => seen,
    step: ({ agents }) => {
      const played = ids.map((id) => agents[id]).join('');
      const reward = played === '0011' || played === '1100' ? 1 : 0;
      return {
        observations: seen,
        rewards: { agents: { a: reward, b: reward, c: reward, d: reward } },
        terminated: true,
        truncated: false,
      };
    },
  });
};

const runtime = await fastestRuntime();
const settings = { runtime, hidden: [8], learningRateActor: 5e-3, learningRateCritic: 5e-3 };
for (const [name, algorithm] of Object.entries({ mappo, happo })) {
  const env = vectorize(split, { numEnvs: 64 });
  const learner = algorithm(env.groups, settings);
  let reward = 0;
  for await (const { episodes } of onPolicy({ env, learner, rng: rng(0), steps: STEPS, horizon: 4 })) {
    reward = episodes.reduce((sum, { returns }) => sum + returns.agents, 0) / episodes.length;
  }
  console.log(`${name}: reward ${reward.toFixed(3)} per round`);
}
