/**
 * Q-learning with real actions: a value that is a parabola in the action (NAF), and a value whose best action is sought by
 * sampling. On the pendulum, swung up from anywhere. Run: npx tsx examples/real-actions.ts
 */
import { pendulum } from '@troupe/classic-control';
import { continuousDqn, crossEntropy, naf } from '@troupe/q-learning';
import { evaluate, fastestRuntime, offPolicy, randomPolicy, replay, rng, type Batch, type Learner } from 'troupe';

const STEPS = 20_000;

const env = pendulum({ numEnvs: 4 });
type World = typeof env.groups;
const runtime = await fastestRuntime();

const shown = { env: pendulum({ numEnvs: 20 }), rng: rng(1), episodes: 100 };
const random = { agent: randomPolicy(env.groups.agent) };
console.log(`random: return ${(await evaluate({ ...shown, policies: random })).returns.agent.mean.toFixed(0)}`);

const train = async <S>(name: string, learner: Learner<World, S, Batch<World>>) => {
  const buffer = replay(env.groups, { capacity: 100_000 });
  const run = { env, learner, buffer, rng: rng(0), steps: STEPS, batchSize: 128, updateEvery: 2, warmup: 1000 };
  let state = learner.init(rng(0));
  for await (const progress of offPolicy({ ...run, state })) {
    state = progress.state;
    const [episode] = progress.episodes;
    if (episode) console.log(`${name}, ${progress.steps} steps: return ${episode.returns.agent.toFixed(0)}`);
  }
  const { returns } = await evaluate({ ...shown, policies: learner.policies(state, 'exploit') });
  const { mean, low, high } = returns.agent;
  console.log(`${name}: return ${mean.toFixed(0)} (${low.toFixed(0)} to ${high.toFixed(0)})`);
};

await train('naf', naf(env.groups, { runtime, hidden: [128, 128] }));
const maximiser = crossEntropy({ samples: 32, elites: 4, iterations: 2 });
await train('search', continuousDqn(env.groups, { runtime, hidden: [64, 64], maximiser, explorationScale: 0.3 }));
