import { rng } from '@troupe/core';
import { maddpg } from '@troupe/ddpg';
import { passesWithout, rewriteNames } from '@troupe/runtime';
import { onnx } from '@troupe/runtime-node';
import { median } from '../contest.js';
import { groups, makeBatch } from './maddpg-batch.js';

/**
 * What each rewrite of the graph gains: one MADDPG update (3 agents, 64-64, batch 1024) with that rewrite left out against
 * one with all, in turns. Run: npx tsx benchmarks/engine/passes.ts. ROUNDS=n, ROWS=n change it; ONLY=name asks for one.
 */
const { ROUNDS: rounds = '20', ROWS: rows = '1024', ONLY: only } = process.env;
const batch = makeBatch(Number(rows));
const clock = { steps: 0, total: 1 };

const subject = async (passes: ReturnType<typeof passesWithout>) => {
  let nodes = 0;
  const runtime = onnx({ passes });
  const compile: typeof runtime.compile = (step, options) => {
    const compiled = runtime.compile(step, options);
    return {
      ...compiled,
      run: (carry, input) => {
        const ran = compiled.run(carry, input);
        nodes = compiled.info.nodes;
        return ran;
      },
    };
  };
  const learner = maddpg(groups, { runtime: { ...runtime, compile }, perAgentMetrics: false });
  const stream = rng(1);
  let [state] = await learner.update(learner.init(stream), batch, stream, clock);
  return {
    nodes: () => nodes,
    dispose: () => runtime.dispose(),
    ms: async () => {
      const began = performance.now();
      for (let k = 0; k < 3; k++) [state] = await learner.update(state, batch, stream, clock);
      return (performance.now() - began) / 3;
    },
  };
};

const all = await subject(passesWithout());
const compare = async (name: string, passes: ReturnType<typeof passesWithout>): Promise<void> => {
  const one = await subject(passes);
  const ratios: number[] = [];
  for (let k = 0; k < Number(rounds); k++) {
    // Who goes first changes from round to round.
    const [a, b] = k % 2 === 0 ? [await one.ms(), await all.ms()] : [await all.ms(), await one.ms()].reverse();
    ratios.push(a! / b!);
  }
  ratios.sort((a, b) => a - b);
  const quarter = ratios.length >> 2;
  const spread = `${ratios[quarter]!.toFixed(3)} to ${ratios.at(-1 - quarter)!.toFixed(3)}`;
  console.log(
    `without ${name.padEnd(26)} ${median(ratios).toFixed(3)} times the time (half of the rounds ${spread}), ${one.nodes()} nodes`,
  );
  one.dispose();
};
console.log(`with all rewrites: ${all.nodes()} nodes, ${(await all.ms()).toFixed(2)} ms`);
if (only === undefined) await compare('any of them', []);
for (const name of only === undefined ? rewriteNames : [only]) await compare(name, passesWithout(name));
all.dispose();
