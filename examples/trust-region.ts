/**
 * Four agents must split into two pairs that do opposite things. A policy that they share cannot, policies of their own,
 * updated one after another, can. Run: npx tsx examples/trust-region.ts
 */
import { halves, tabularTeam } from '@troupe/classic-control';
import { fastestRuntime, happo, mappo, onPolicy, rng } from 'troupe';

const STEPS = 20_000;

const runtime = await fastestRuntime();
const settings = { runtime, hidden: [8], learningRateActor: 5e-3, learningRateCritic: 5e-3 };
for (const [name, algorithm] of Object.entries({ mappo, happo })) {
  const env = tabularTeam(halves({ players: 4 }), { numEnvs: 64 });
  const learner = algorithm(env.groups, settings);
  let reward = 0;
  for await (const { episodes } of onPolicy({ env, learner, rng: rng(0), steps: STEPS, horizon: 4 })) {
    reward = episodes.reduce((sum, { returns }) => sum + returns.agents, 0) / episodes.length;
  }
  console.log(`${name}: reward ${reward.toFixed(3)} per round`);
}
