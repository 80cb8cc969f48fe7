import { pathToFileURL } from 'node:url';
import { emptyActions, rng, type JointAction, type LocalVecEnv } from '@troupe/core';
import { parallel } from '@troupe/parallel';
import { simpleSpread, type SpreadGroups } from '@troupe/particle-world';
import { contest, timed, type Benchmark, type Contestant } from './contest.js';
import type { Measurement } from './measurement.js';

const NUM_ENVS = 1024;
/** Steps of all environments per round. */
const CALLS = 100;
/** Environment steps that a round's milliseconds are given for. */
const UNITS = 1000;
const PLAYS = 16;

const contestant = (runtime: string, env: LocalVecEnv<SpreadGroups<false>>): Contestant => {
  const stream = rng(1);
  const plays = Array.from({ length: PLAYS }, (): JointAction<SpreadGroups<false>> => {
    const actions = emptyActions(env.groups, NUM_ENVS);
    const { data } = actions.agents;
    for (let k = 0; k < data.length; k++) data[k] = stream.int(5);
    return actions;
  });
  let [calls, rewards] = [0, 0];
  env.reset(stream);
  return {
    runtime,
    unit: 'environment steps',
    units: UNITS,
    config: { scenario: 'simple_spread', agents: 3, numEnvs: NUM_ENVS, maxCycles: 25 },
    round() {
      const msPerCall = timed(CALLS, () => {
        rewards += env.step(plays[calls++ % PLAYS]!).reward.agents.data[NUM_ENVS * 3 - 1]!;
      });
      if (!(rewards < 0)) throw new Error(`parallel-env: expected negative rewards, got a sum of ${rewards}`);
      return (msPerCall / NUM_ENVS) * UNITS;
    },
    dispose: () => env.close?.(),
  };
};

const from = import.meta.resolve('@troupe/particle-world');
const threads = (workers: number) => parallel(simpleSpread<false>, { from, numEnvs: NUM_ENVS, workers });

/** 1024 worlds of `simpleSpread` on two threads, against one. Needs two idle cores. */
export const parallelEnvBenchmark: Benchmark = {
  name: 'parallel-env',
  about: `${UNITS} environment steps of simple_spread, ${NUM_ENVS} environments on two threads and on one`,
  contestants: async () => [
    contestant('2 workers', await threads(2)),
    contestant('1 worker', await threads(1)),
    contestant('no threads', simpleSpread({ numEnvs: NUM_ENVS })),
  ],
};

/** Measures it: 40 rounds. */
export const parallelEnv = async (): Promise<readonly Measurement[]> =>
  (await contest(parallelEnvBenchmark, { rounds: 40, warmup: 5 })).measurements;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const measurement of await parallelEnv()) console.log(JSON.stringify(measurement));
}
