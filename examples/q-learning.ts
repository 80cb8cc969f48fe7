/**
 * One scheme, many names: the same world learnt by a table and by a network, each against the exact answer.
 * Run: npx tsx examples/q-learning.ts
 */
import { chain, tabularWorld, valueIteration } from '@troupe/classic-control';
import { dqn, namedRates, schemeOf, tabularQ } from '@troupe/q-learning';
import { evaluate, fastestRuntime, offPolicy, replay, rng, type Batch, type Learner } from 'troupe';

const STEPS = 30_000;
const discount = 0.9;

const game = chain({ length: 8 });
const env = tabularWorld(game, { numEnvs: 16, maxSteps: 50 });
type World = typeof env.groups;
const { start, best } = valueIteration(game, { discount });
console.log(`best choices ${best.join(' ')}, worth ${start.toFixed(3)} at the start`);

const train = async <S>(name: string, learner: Learner<World, S, Batch<World>>, rates: ReturnType<typeof schemeOf>) => {
  const buffer = replay(env.groups, rates.buffer);
  let state: S | undefined;
  for await (const progress of offPolicy({ env, learner, buffer, rng: rng(0), steps: STEPS, ...rates.run })) {
    state = progress.state;
  }
  const policies = learner.policies(state ?? learner.init(rng(0)), 'exploit');
  const { returns } = await evaluate({ env, policies, rng: rng(1), episodes: 100 });
  console.log(`${name.padEnd(24)} return ${returns.agent.mean.toFixed(2)}`);
};

const online = schemeOf(namedRates.onlineQIteration);
await train('table, online', tabularQ(env.groups, { ...online.learner, discount, learningRate: 0.2 }), {
  ...online,
  buffer: { capacity: 16 }, // as many as there are environments
  run: { ...online.run, batchSize: 16, updateEvery: 16 },
});

const deep = schemeOf({ collect: 8, refresh: 100, rows: 64, remember: 10_000, first: 1000 });
const runtime = await fastestRuntime();
await train('network, DQN', dqn(env.groups, { ...deep.learner, runtime, discount, hidden: [32] }), deep);
