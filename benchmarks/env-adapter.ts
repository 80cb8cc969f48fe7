import { pathToFileURL } from 'node:url';
import { box, defineEnv, discrete, emptyActions, rng, vectorize } from '@troupe/core';
import { contest, timed, type Benchmark, type Contestant } from './contest.js';
import type { Measurement } from './measurement.js';

const NUM_ENVS = 32;
const AGENTS = ['a', 'b', 'c'] as const;
/** Steps of all environments per round. */
const CALLS = 200;
/** Environment steps that a round's milliseconds are given for. */
const UNITS = 1000;

/** A world that does next to nothing, so that what stands around it shows: 3 agents, 18 numbers each, 25 steps. */
const idle = () => {
  const seen = { a: new Float32Array(18), b: new Float32Array(18), c: new Float32Array(18) };
  const rewards = { agents: { a: 0, b: 0, c: 0 } };
  let t = 0;
  return defineEnv({
    groups: { agents: { agents: AGENTS, observation: box([18]), action: discrete(5) } },
    reset: () => ((t = 0), { agents: seen }),
    step({ agents }) {
      t += 1;
      for (const id of AGENTS) {
        seen[id][t % 18] = agents[id];
        rewards.agents[id] = -t;
      }
      return { observations: { agents: seen }, rewards, terminated: false, truncated: t === 25 };
    },
  });
};

const config = { agents: 3, observation: 18, numEnvs: NUM_ENVS, maxCycles: 25, actions: 'discrete' };

/** The worlds behind `vectorize`: dictionaries to arrays and back, resets, both sets of arrays. */
const adapted = (): Contestant => {
  const env = vectorize(idle, { numEnvs: NUM_ENVS });
  const actions = emptyActions(env.groups, NUM_ENVS);
  let rewards = 0;
  env.reset(rng(0));
  return {
    runtime: 'vectorize',
    unit: 'environment steps',
    units: UNITS,
    config,
    round() {
      const ms = timed(CALLS, () => {
        rewards += env.step(actions).reward.agents.data[0]!;
      });
      if (!(rewards < 0)) throw new Error(`env-adapter: expected negative rewards, got a sum of ${rewards}`);
      return (ms / NUM_ENVS) * UNITS;
    },
  };
};

/** The same worlds called one by one with ready dictionaries. */
const bare = (): Contestant => {
  const envs = Array.from({ length: NUM_ENVS }, idle);
  const actions = { agents: { a: 0, b: 0, c: 0 } };
  let rewards = 0;
  for (const env of envs) env.reset(rng(0));
  return {
    runtime: 'bare worlds',
    unit: 'environment steps',
    units: UNITS,
    config,
    round() {
      const ms = timed(CALLS, () => {
        for (const env of envs) {
          const step = env.step(actions);
          rewards += step.rewards.agents.a;
          if (step.truncated) env.reset(rng(0));
        }
      });
      if (!(rewards < 0)) throw new Error(`env-adapter: expected negative rewards, got a sum of ${rewards}`);
      return (ms / NUM_ENVS) * UNITS;
    },
  };
};

/** What stands between an author's dictionaries and a learner's arrays. */
export const envAdapterBenchmark: Benchmark = {
  name: 'env-adapter',
  about: `${UNITS} environment steps of a world that does next to nothing, ${NUM_ENVS} worlds`,
  contestants: () => [adapted(), bare()],
};

/** Measures it: 30 rounds. */
export const envAdapter = async (): Promise<readonly Measurement[]> =>
  (await contest(envAdapterBenchmark, { rounds: 30, warmup: 5 })).measurements;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const measurement of await envAdapter()) console.log(JSON.stringify(measurement));
}
