/**
 * A team with one reward: agents that learn by themselves, that add their values, that mix them, and one controller for
 * all, on a game whose best return is known. Run: npx tsx examples/team.ts
 */
import { tabularTeam, twoStep, valueIteration, jointProcess } from '@troupe/classic-control';
import { dqn, jointly, qmix, vdn } from '@troupe/q-learning';
import { evaluate, fastestRuntime, offPolicy, replay, rng, type Batch, type Learner } from 'troupe';

const STEPS = 6_000;

const game = twoStep();
const env = tabularTeam(game, { numEnvs: 8 });
type World = typeof env.groups;
const runtime = await fastestRuntime();
// The process of the team counts the reward of both.
console.log(`best joint return ${(valueIteration(jointProcess(game), { discount: 1 }).start / 2).toFixed(2)}`);

const train = async <S>(name: string, learner: Learner<World, S, Batch<World>>) => {
  const buffer = replay(env.groups, { capacity: 5000 });
  const run = { env, learner, buffer, rng: rng(0), steps: STEPS, batchSize: 64, updateEvery: 4 };
  let state = learner.init(rng(0));
  for await (const progress of offPolicy({ ...run, state })) state = progress.state;
  const policies = learner.policies(state, 'exploit');
  const { returns } = await evaluate({ env, policies, rng: rng(1), episodes: 100 });
  console.log(`${name.padEnd(22)} return ${returns.agents.mean.toFixed(2)}`);
};

// Everybody explores all the time, as in the paper: what differs is what they can represent.
const settings = { runtime, hidden: [32], learningRate: 5e-3, targetEvery: 40, epsilonEnd: 1 };
await train('each by itself', dqn(env.groups, { ...settings, sharing: 'sharedWithIds' }));
await train('a sum of values (VDN)', vdn(env.groups, settings));
await train('a mixture (QMIX)', qmix(env.groups, settings));
const joint = jointly(env.groups, (groups) => dqn(groups, settings));
await train('joint actions', joint);
