/**
 * One thousand worlds on several threads, the same to the bit as on one: how much faster that is depends on the cores
 * that are idle. Run: npx tsx examples/threads.ts
 */
import { parallel } from '@troupe/parallel';
import { simpleTag } from '@troupe/particle-world';
import { evaluate, randomPolicy, rng } from 'troupe';

const STEPS = 2000;
const numEnvs = 1024;

for (const workers of [1, 2]) {
  // Threads share memory but no functions: each imports the module that exports `simpleTag`.
  const env = await parallel(simpleTag, {
    from: import.meta.resolve('@troupe/particle-world'),
    numEnvs,
    workers,
    settings: { adversaries: 6, good: 2 },
  });
  const actions = { adversaries: randomPolicy(env.groups.adversaries), good: randomPolicy(env.groups.good) };
  const stream = rng(0);
  const seen = env.reset(rng(1));
  const clock = { steps: 0, total: STEPS };
  const [adversaries, good] = [
    await actions.adversaries.act(seen.adversaries, stream, clock),
    await actions.good.act(seen.good, stream, clock),
  ];
  const start = performance.now();
  for (let t = 0; t < STEPS; t++) env.step({ adversaries: adversaries.action, good: good.action });
  const perSecond = (STEPS * numEnvs * 1000) / (performance.now() - start);

  // What learners, `evaluate` and everything else take is any `VecEnv`.
  const { returns } = await evaluate({ env, policies: actions, rng: rng(2), episodes: numEnvs });
  console.log(
    `${workers} thread(s): ${Math.round(perSecond)} steps per second, predators' return ${returns.adversaries.mean}`,
  );
  env.close();
}
