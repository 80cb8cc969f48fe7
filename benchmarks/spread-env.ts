import { emptyActions, rng } from '@troupe/core';
import { simpleSpread, type SpreadGroups } from '@troupe/particle-world';
import type { JointAction } from '@troupe/core';
import { pathToFileURL } from 'node:url';
import type { Measurement } from './measurement.js';

const ROUNDS = 30;
/** Environment steps per round. */
const STEPS = 100_000;
/** Different joint actions, used in turn, so that branches are not learned by heart. */
const PLAYS = 64;

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** `simpleSpread` with random discrete actions drawn beforehand, through the public `step`: resets and both sets of arrays included. */
const measure = (numEnvs: number, agents: number): Measurement => {
  const env = simpleSpread({ numEnvs, agents });
  const stream = rng(1);
  const plays = Array.from({ length: PLAYS }, (): JointAction<SpreadGroups<false>> => {
    const actions = emptyActions(env.groups, numEnvs);
    const { data } = actions.agents;
    for (let k = 0; k < data.length; k++) data[k] = stream.int(5);
    return actions;
  });
  const calls = Math.ceil(STEPS / numEnvs);
  let checksum = 0;
  const round = (): number => {
    const start = performance.now();
    for (let k = 0; k < calls; k++) checksum += env.step(plays[k % PLAYS]!).reward.agents.data[0]!;
    return (performance.now() - start) / calls;
  };
  env.reset(stream);
  for (let k = 0; k < 5; k++) round();
  const times = Array.from({ length: ROUNDS }, round);
  if (!(checksum < 0)) throw new Error(`spread-env: expected negative rewards, got a sum of ${checksum}`);
  const msMedian = median(times);
  return {
    name: 'spread-env',
    runtime: 'none',
    msMedian,
    msMin: Math.min(...times),
    n: ROUNDS,
    perSecond: (numEnvs / msMedian) * 1000,
    unit: 'environment steps',
    config: {
      scenario: 'simple_spread',
      agents,
      numEnvs,
      maxCycles: 25,
      actions: 'discrete, random, drawn beforehand',
    },
  };
};

/** Environment steps per second of `simpleSpread` with 3 agents, with 1, 32 and 1024 environments. */
export const spreadEnv = (): Measurement[] => [1, 32, 1024].map((numEnvs) => measure(numEnvs, 3));

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const measurement of spreadEnv()) console.log(JSON.stringify(measurement));
}
