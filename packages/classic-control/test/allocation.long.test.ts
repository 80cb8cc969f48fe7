import { rng } from '@troupe/core';
import { expect, it } from 'vitest';
import { laneStreams, play, worlds, type Any } from './worlds.js';

/**
 * Bytes by which the heap changes in 20,000 steps, after as many to warm up: the median of several times, since a collection
 * or a late compilation may fall into one.
 */
const growth = (env: Any): number => {
  const actions = play(env, laneStreams(rng(1), env.numEnvs));
  env.reset(rng(2));
  const changes = Array.from({ length: 6 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let t = 0; t < 20_000; t++) env.step(actions);
    return Math.abs(process.memoryUsage().heapUsed - before);
  });
  return changes.slice(1).sort((a, b) => a - b)[2]!;
};

// One boxed number of 16 bytes per step would be 320 kB.
it.each(worlds)('%s steps without allocating', (_, make) => {
  expect(growth(make({ numEnvs: 4, maxSteps: 1000 }))).toBeLessThan(150_000);
});
