import { emptyActions, rng, type Groups } from '@troupe/core';
import { expect, it } from 'vitest';
import { foodCollect, simpleSpread, simpleTag, type ParticleEnv } from '../src/index.js';
import { laneStreams, playLanes } from './make-actions.js';

const STEPS = 2000;
/** Episodes do not end meanwhile: beginning one draws numbers, which is not what is measured here. */
const maxCycles = 1_000_000;
/** One object of 50 bytes per step would be as much as this. */
const TOO_MUCH = 50 * STEPS;

/** Bytes by which the heap grows in so many steps: the least of five times, since compilers allocate too. */
const growth = (step: () => unknown): number => {
  for (let t = 0; t < 10 * STEPS; t++) step();
  const times = Array.from({ length: 5 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let t = 0; t < STEPS; t++) step();
    return process.memoryUsage().heapUsed - before;
  });
  // Where garbage was collected in between, nothing can be said.
  const grown = times.filter((bytes) => bytes >= 0);
  expect(grown.length).toBeGreaterThan(0);
  return Math.min(...grown);
};
const stepping = <G extends Groups>(env: ParticleEnv<G>): (() => unknown) => {
  const actions = playLanes(env, laneStreams(rng(1), env.numEnvs));
  env.reset(rng(2));
  return () => env.step(actions);
};

it('steps without allocating', () => {
  expect(growth(stepping(simpleSpread({ numEnvs: 4, maxCycles })))).toBeLessThan(TOO_MUCH);
  expect(growth(stepping(simpleTag({ numEnvs: 4, continuous: true, maxCycles })))).toBeLessThan(TOO_MUCH);
});

it('steps populations without allocating', () => {
  const env = foodCollect({ numEnvs: 4, tasks: [{ agents: 12 }], agentNeighbors: 4, maxCycles });
  const stream = rng(1);
  const actions = emptyActions(env.groups, 4);
  for (const { data } of Object.values(actions)) for (let k = 0; k < data.length; k++) data[k] = stream.int(5);
  env.reset(rng(2));
  expect(growth(() => env.step(actions))).toBeLessThan(TOO_MUCH);
});
