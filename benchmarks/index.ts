import type { Benchmark } from './contest.js';
import { buildTime } from './build-time.js';
import { dqnUpdate } from './dqn-update.js';
import { e2eDqn } from './e2e-dqn.js';
import { e2eMaddpg } from './e2e-maddpg.js';
import { envAdapterBenchmark } from './env-adapter.js';
import { maddpgSix } from './maddpg-6.js';
import { keepBenchmark } from './keep.js';
import { fisherBenchmarks } from './fisher-cg.js';
import { maddpgThreads } from './maddpg-threads.js';
import { maddpgUpdate } from './maddpg-update.js';
import { mlpInference } from './mlp-inference.js';
import { onPolicyUpdates } from './on-policy-update.js';
import { parallelEnvBenchmark } from './parallel-env.js';
import { particlePopulationBenchmark } from './particle-population.js';
import { peaks } from './peak.js';
import { replayPrioritised } from './replay-prioritised.js';
import { replaySampleBenchmark } from './replay-sample.js';
import { sacUpdate } from './sac-update.js';
import { spreadEnvBenchmark, tagEnvBenchmark } from './spread-env.js';
import { valueUpdates } from './value-updates.js';

/** Every benchmark, by the name that a peer has for the same work. */
export const benchmarks: readonly Benchmark[] = [
  maddpgUpdate,
  maddpgSix,
  maddpgThreads,
  dqnUpdate,
  sacUpdate,
  ...onPolicyUpdates,
  ...fisherBenchmarks,
  ...valueUpdates,
  ...mlpInference,
  ...peaks,
  buildTime,
  e2eMaddpg,
  e2eDqn,
  replaySampleBenchmark,
  replayPrioritised,
  envAdapterBenchmark,
  spreadEnvBenchmark,
  tagEnvBenchmark,
  particlePopulationBenchmark,
  parallelEnvBenchmark,
  keepBenchmark,
];
