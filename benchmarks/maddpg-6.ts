import { onnx } from '@troupe/runtime-node';
import type { Benchmark } from './contest.js';
import { maddpgContestant } from './maddpg-update.js';

/** A larger team with wider networks. */
export const maddpgSix: Benchmark = {
  name: 'maddpg-6',
  about: 'one update of MADDPG: 6 agents, observations 36, 5 actions, hidden 128-128, batch 1024',
  contestants: () => [
    maddpgContestant(onnx(), { agents: 6, observation: 36, actions: 5, hidden: [128, 128], batch: 1024 }, 10),
  ],
  peer: {
    args: ['maddpg-update', '--agents', '6', '--obs', '36', '--hidden', '128', '--n', '9'],
    idiomatic: ['loop/adam', 'loop/foreach'],
  },
};
