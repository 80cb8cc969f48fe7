import { emptyActions, rng } from '@troupe/core';
import { expect, it } from 'vitest';
import { threaded } from './threads.js';
import { makeSpread } from './worlds.js';

const STEPS = 2000;
/** One object of 50 bytes per step would be as much as this. */
const TOO_MUCH = 50 * STEPS;

it('steps without allocating in the thread that waits', async () => {
  // Episodes do not end meanwhile: beginning one draws numbers, which is not what is measured here.
  const env = await threaded(makeSpread, { numEnvs: 8, workers: 2, settings: { maxCycles: 1_000_000 } });
  const actions = emptyActions(env.groups, 8);
  env.reset(rng(1));
  for (let t = 0; t < 10 * STEPS; t++) env.step(actions);
  const grown = Array.from({ length: 5 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let t = 0; t < STEPS; t++) env.step(actions);
    return process.memoryUsage().heapUsed - before;
  }).filter((bytes) => bytes >= 0);
  env.close();
  // Where garbage was collected in between, nothing can be said; compilers allocate too: the least counts.
  expect(grown.length).toBeGreaterThan(0);
  expect(Math.min(...grown)).toBeLessThan(TOO_MUCH);
});
