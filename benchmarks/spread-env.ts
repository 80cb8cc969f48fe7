import { pathToFileURL } from 'node:url';
import { emptyActions, rng, type Groups } from '@troupe/core';
import { simpleSpread, simpleTag, type ParticleEnv } from '@troupe/particle-world';
import type ndarray from 'ndarray';
import { contest, timed, type Benchmark, type Contestant } from './contest.js';
import type { Measurement } from './measurement.js';

/** Environment steps per round. */
const STEPS = 100_000;
/** Environment steps that a round's milliseconds are given for. */
const UNITS = 1000;
/** Different joint actions, used in turn, so that branches are not learned by heart. */
const PLAYS = 64;

/** One world through its public `step`, resets and both sets of arrays included. */
const contestant = <G extends Groups>(env: ParticleEnv<G>, config: Record<string, unknown>): Contestant => {
  const { numEnvs, groups } = env;
  const stream = rng(1);
  const [first] = Object.keys(groups) as [keyof G & string];
  const plays = Array.from({ length: PLAYS }, () => {
    const actions = emptyActions(groups, numEnvs);
    for (const { data } of Object.values<ndarray.NdArray<Int32Array | Float32Array>>(actions)) {
      for (let k = 0; k < data.length; k++) data[k] = stream.int(5);
    }
    return actions;
  });
  let [calls, rewards] = [0, 0];
  env.reset(stream);
  return {
    runtime: `E = ${numEnvs}`,
    unit: 'environment steps',
    units: UNITS,
    config: { ...config, numEnvs, maxCycles: 25, actions: 'discrete, drawn beforehand' },
    round() {
      const msPerCall = timed(Math.ceil(STEPS / numEnvs), () => {
        rewards += env.step(plays[calls++ % PLAYS]!).reward[first].data[0]!;
      });
      if (rewards === 0) throw new Error('expected rewards that are not all 0');
      return (msPerCall / numEnvs) * UNITS;
    },
  };
};

/** Environment steps of `simpleSpread` with 3 agents; 1, 32 and 1024 environments. */
export const spreadEnvBenchmark: Benchmark = {
  name: 'spread-env',
  about: `${UNITS} environment steps of simple_spread, 3 agents, resets included`,
  contestants: () =>
    [1, 32, 1024].map((numEnvs) => contestant(simpleSpread({ numEnvs }), { scenario: 'simple_spread', agents: 3 })),
};

/** Environment steps of `simpleTag`: 3 adversaries, 1 good agent, 2 obstacles. */
export const tagEnvBenchmark: Benchmark = {
  name: 'tag-env',
  about: `${UNITS} environment steps of simple_tag, 4 agents, resets included`,
  contestants: () =>
    [1, 32, 1024].map((numEnvs) => contestant(simpleTag({ numEnvs }), { scenario: 'simple_tag', agents: 4 })),
};

/** Measures it: 30 rounds. */
export const spreadEnv = async (): Promise<readonly Measurement[]> =>
  (await contest(spreadEnvBenchmark, { rounds: 30, warmup: 5 })).measurements;

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  for (const measurement of await spreadEnv()) console.log(JSON.stringify(measurement));
}
