/**
 * `tsx scripts/particle-cost.ts`: measures what an agent's step costs in populations of 3 to 1000 agents at constant
 * density, in processor time of this thread, and draws it into docs/guide/particle-cost.svg.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { emptyActions, rng, type JointAction } from '@troupe/core';
import { foodCollect, type CrowdGroups } from '@troupe/particle-world';
import { learningCurve } from '@troupe/report';
import { median } from '../benchmarks/contest.js';
import { root } from './packages.js';

const SIZES = [3, 10, 30, 100, 300, 1000];
const ROUNDS = 21;
const AGENT_STEPS = 30_000;
const PLAYS = 16;
const limits = { agentNeighbors: 8, landmarkNeighbors: 8, observe: 'entities' } as const;
const ways = [
  { name: 'the 8 nearest', sight: 100 },
  { name: 'the 8 nearest in sight (0.8)', sight: 0.8 },
];

/** Microseconds of processor time per agent and step, each time that it is called. */
const contestant = (agents: number, sight: number): (() => number) => {
  const env = foodCollect({ ...limits, tasks: [{ agents, sight }] });
  const stream = rng(1);
  const plays = Array.from({ length: PLAYS }, (): JointAction<CrowdGroups<false>> => {
    const actions = emptyActions(env.groups, 1);
    for (let k = 0; k < actions.agents.data.length; k++) actions.agents.data[k] = stream.int(5);
    return actions;
  });
  env.reset(stream);
  const steps = Math.ceil(AGENT_STEPS / agents);
  let t = 0;
  return () => {
    const before = process.cpuUsage();
    for (let k = 0; k < steps; k++) env.step(plays[t++ % PLAYS]!);
    const { user, system } = process.cpuUsage(before);
    return (user + system) / (steps * agents);
  };
};

const cells = ways.map(({ sight }) =>
  SIZES.map((agents) => ({ run: contestant(agents, sight), took: [] as number[] })),
);
for (let round = -3; round < ROUNDS; round++) {
  for (const { run, took } of cells.flat()) {
    const microseconds = run();
    if (round >= 0) took.push(microseconds);
  }
}
const series = ways.map(({ name }, w) => ({ name, cost: cells[w]!.map(({ took }) => median(took)) }));
for (const { name, cost } of series) {
  const rise = cost.at(-1)! / cost[SIZES.indexOf(30)]!;
  console.log(
    `${name}: ${cost.map((c) => c.toFixed(2)).join(', ')} µs; from 30 to 1000 agents ${rise.toFixed(2)} times`,
  );
}
const svg = learningCurve({
  title: 'foodCollect: what an agent’s step costs at constant density',
  subtitle: `median of ${ROUNDS} rounds, processor time of one thread; agents see 8 others and 8 pellets at most`,
  xLabel: `log₁₀ of the number of agents: ${SIZES.join(', ')}`,
  yLabel: 'µs per agent and step',
  series: series.map(({ name, cost }) => ({
    name,
    seeds: [1],
    points: cost.map((c, k): [number, number] => [Math.log10(SIZES[k]!), c]),
  })),
  lines: [{ y: 0, label: '' }],
});
writeFileSync(join(root, 'docs/guide/particle-cost.svg'), svg);
