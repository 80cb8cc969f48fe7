import type { Benchmark } from './contest.js';
import { e2eMaddpg } from './e2e-maddpg.js';
import { envAdapterBenchmark } from './env-adapter.js';
import { maddpgUpdate } from './maddpg-update.js';
import { replaySampleBenchmark } from './replay-sample.js';
import { spreadEnvBenchmark } from './spread-env.js';

/** Every benchmark, by the name that a peer has for the same work. */
export const benchmarks: readonly Benchmark[] = [
  maddpgUpdate,
  e2eMaddpg,
  replaySampleBenchmark,
  envAdapterBenchmark,
  spreadEnvBenchmark,
];
