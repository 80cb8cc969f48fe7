import { writeFileSync } from 'node:fs';
import { rng } from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { onnx } from '@troupe/runtime-node';
import { groups, makeBatch } from './maddpg-batch.js';

/**
 * One MADDPG update (3 agents, 64-64, batch 1024) with all rewrites and with none, in turns: milliseconds.
 * PROFILE=prefix writes ONNX Runtime's own profile of the first, MODEL=file its model.
 */
const { PROFILE: profile, MODEL: model, ROUNDS: rounds = '200' } = process.env;
const batch = makeBatch(1024);
const clock = { steps: 0, total: 1 };
const subject = async (name: string, options: Parameters<typeof onnx>[0]) => {
  const runtime = onnx(options);
  const learner = maddpg(groups, { runtime, perAgentMetrics: false });
  const stream = rng(1);
  const began = performance.now();
  let [state] = await learner.update(learner.init(stream), batch, stream, clock);
  console.log(`${name}: first update, build included: ${(performance.now() - began).toFixed(0)} ms`);
  const times: number[] = [];
  return {
    name,
    times,
    flat: () => state.carry.flat,
    dispose: () => runtime.dispose(),
    update: async () => {
      const t = performance.now();
      [state] = await learner.update(state, batch, stream, clock);
      times.push(performance.now() - t);
    },
  };
};
const subjects = [
  await subject('rewritten', {
    ...(profile && { session: { enableProfiling: true, profileFilePrefix: profile } }),
    ...(model && { onModel: (bytes) => writeFileSync(model, bytes) }),
  }),
  ...(profile ? [] : [await subject('as traced', { passes: [] })]),
];
const largest = (a: Float32Array, b: Float32Array) => a.reduce((m, x, i) => Math.max(m, Math.abs(x - b[i]!)), 0);
if (subjects[1])
  console.log(
    `largest difference after one update: ${largest(subjects[0]!.flat(), subjects[1].flat()).toExponential(1)}`,
  );
for (let k = 0; k < Number(rounds); k++) for (const one of subjects) await one.update();
const ratios = subjects[1] ? subjects[1].times.map((t, i) => t / subjects[0]!.times[i]!).sort((a, b) => a - b) : [];
for (const { name, times, dispose } of subjects) {
  times.sort((a, b) => a - b);
  console.log(`${name}: median ${times[times.length >> 1]!.toFixed(2)} ms, min ${times[0]!.toFixed(2)} ms`);
  dispose();
}
if (ratios.length > 0)
  console.log(`as traced / rewritten, median of rounds: ${ratios[ratios.length >> 1]!.toFixed(2)}`);
