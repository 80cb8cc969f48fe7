import { pathToFileURL } from 'node:url';
import { emptyActions, rng, type JointAction } from '@troupe/core';
import { foodCollect, type CrowdGroups } from '@troupe/particle-world';
import { contest, timed, type Benchmark, type Contestant } from './contest.js';
import type { Measurement } from './measurement.js';

/** Agent-steps per round. */
const AGENT_STEPS = 30_000;
/** Agent-steps that a round's milliseconds are given for. */
const UNITS = 1000;
const PLAYS = 16;
/** Agents seen, and landmarks. */
const NEIGHBORS = 8;

type Search = 'grid' | 'exhaustive';

/** One world of `agents` agents at constant density, observing their 8 nearest. */
const contestant = (agents: number, search: Search): Contestant => {
  const seen = { agentNeighbors: NEIGHBORS, landmarkNeighbors: NEIGHBORS, observe: 'entities' } as const;
  const env = foodCollect({ ...seen, search, tasks: [{ agents }] });
  const stream = rng(1);
  const plays = Array.from({ length: PLAYS }, (): JointAction<CrowdGroups<false>> => {
    const actions = emptyActions(env.groups, 1);
    const { data } = actions.agents;
    for (let k = 0; k < data.length; k++) data[k] = stream.int(5);
    return actions;
  });
  let [calls, rewards] = [0, 0];
  env.reset(stream);
  return {
    runtime: `n = ${agents}${search === 'grid' ? '' : ', exhaustive'}`,
    unit: 'agent-steps',
    units: UNITS,
    config: { scenario: 'food_collect', agents, search, agentNeighbors: NEIGHBORS, landmarkNeighbors: NEIGHBORS },
    round() {
      const msPerCall = timed(Math.ceil(AGENT_STEPS / agents), () => {
        rewards += env.step(plays[calls++ % PLAYS]!).reward.agents.data[0]!;
      });
      if (!Number.isFinite(rewards)) throw new Error(`particle-population: expected finite rewards, got ${rewards}`);
      return (msPerCall / agents) * UNITS;
    },
  };
};

/** Agent-steps of `foodCollect` at constant density: 3 to 3000 agents with the grid, and without for comparison. */
export const particlePopulationBenchmark: Benchmark = {
  name: 'particle-population',
  about: `${UNITS} agent-steps of food_collect at constant density, 8 nearest observed`,
  contestants: () => [
    ...[3, 10, 30, 100, 300, 1000, 3000].map((n) => contestant(n, 'grid')),
    ...[30, 300].map((n) => contestant(n, 'exhaustive')),
  ],
};

/** Measures it: 20 rounds. */
export const particlePopulation = async (): Promise<readonly Measurement[]> =>
  (await contest(particlePopulationBenchmark, { rounds: 20, warmup: 3 })).measurements;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const measurement of await particlePopulation()) console.log(JSON.stringify(measurement));
}
