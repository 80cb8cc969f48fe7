import { rng, type Groups } from '@troupe/core';
import { expect, it } from 'vitest';
import { simpleSpread, simpleTag, type ParticleEnv } from '../src/index.js';
import { laneStreams, playLanes } from './make-actions.js';

/** Bytes by which the heap grows in 20,000 steps, after as many to warm up. */
const growth = <G extends Groups>(env: ParticleEnv<G>): number => {
  const actions = playLanes(env, laneStreams(rng(1), env.numEnvs));
  env.reset(rng(2));
  for (let t = 0; t < 20_000; t++) env.step(actions);
  const before = process.memoryUsage().heapUsed;
  for (let t = 0; t < 20_000; t++) env.step(actions);
  return process.memoryUsage().heapUsed - before;
};

// One object of 50 bytes per step would be 1 MB.
it('steps without allocating', () => {
  expect(growth(simpleSpread({ numEnvs: 4 }))).toBeLessThan(500_000);
  expect(growth(simpleTag({ numEnvs: 4, continuous: true }))).toBeLessThan(500_000);
});
