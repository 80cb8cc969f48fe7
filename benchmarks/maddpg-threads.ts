import { onnx } from '@troupe/runtime-node';
import type { Benchmark } from './contest.js';
import { maddpgContestant, standardWork } from './maddpg-update.js';

/** The MADDPG update with two threads inside every operator, against one, and against a peer that may use two as well. */
export const maddpgThreads: Benchmark = {
  name: 'maddpg-threads',
  about: 'one update of MADDPG (3 agents, 64-64, batch 1024) with two threads on both sides',
  contestants: () => [
    { ...maddpgContestant(onnx({ threads: 2 }), standardWork, 20, 2), runtime: 'onnx-node, 2 threads' },
    { ...maddpgContestant(onnx(), standardWork, 20), runtime: 'onnx-node, 1 thread' },
  ],
  peer: { args: ['maddpg-update', '--n', '15'], idiomatic: ['loop/adam', 'loop/foreach'], threads: 2 },
};
