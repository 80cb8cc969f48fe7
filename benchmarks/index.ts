import type { Benchmark } from './contest.js';
import { e2eMaddpg } from './e2e-maddpg.js';
import { maddpgUpdate } from './maddpg-update.js';

/** Every benchmark, by the name that a peer has for the same work. */
export const benchmarks: readonly Benchmark[] = [maddpgUpdate, e2eMaddpg];
