import { box, discrete, rng } from '@troupe/core';
import ndarray from 'ndarray';
import { expect, it } from 'vitest';
import { prioritised, replay, sequenceReplay, uniform } from '../src/index.js';
import { makeRows } from './model.js';

const groups = { g: { agents: ['a', 'b'], observation: box([7]), action: discrete(3) } } as const;
const TURNS = 2000;
const DRAWN = 200;
/** One object of 50 bytes per turn would be as much as this. */
const AN_OBJECT = 50 * TURNS;
/** Two numbers with a fraction per drawn row: the engine boxes them wherever it does not put functions together. */
const BOXED = 2 * 16 * DRAWN * TURNS;

/** Bytes by which the heap grows in so many turns: the least of five times, since compilers allocate too. */
const growth = (turn: () => unknown): number => {
  for (let t = 0; t < 10 * TURNS; t++) turn();
  const times = Array.from({ length: 5 }, () => {
    const before = process.memoryUsage().heapUsed;
    for (let t = 0; t < TURNS; t++) turn();
    return process.memoryUsage().heapUsed - before;
  });
  // Where garbage was collected in between, nothing can be said.
  const grown = times.filter((bytes) => bytes >= 0);
  expect(grown.length).toBeGreaterThan(0);
  return Math.min(...grown);
};
const rows = makeRows(groups, 8, rng(0), { legal: true, state: [3] });
const stream = rng(1);
const clock = { steps: 1, total: 10 };

it.each([
  ['uniformly', uniform(), AN_OBJECT],
  ['without replacement', uniform({ replacement: false }), AN_OBJECT],
  ['by size of error', prioritised(), BOXED],
  ['by rank of error', prioritised({ by: 'rank' }), BOXED],
])('replay adds, draws %s and learns of errors without making arrays or objects', (_, sampler, tooMuch) => {
  const buffer = replay(groups, { capacity: 1000, sampler });
  const error = ndarray(stream.fillNormal(new Float32Array(DRAWN)), [DRAWN]);
  for (let k = 0; k < 125; k++) buffer.add(rows);
  const used = growth(() => {
    buffer.add(rows);
    const { index } = buffer.sample(DRAWN, stream, clock);
    if (index) buffer.prioritise(index, error);
  });
  expect(used).toBeLessThan(tooMuch);
});

it('windows of several steps and sequences are drawn without making arrays or objects', () => {
  const windows = replay(groups, { capacity: 1000, steps: 3, discount: 0.9 });
  const sequences = sequenceReplay(groups, { capacity: 1000, length: 5, burnIn: 2, sampler: prioritised() });
  const error = ndarray(stream.fillNormal(new Float32Array(7 * 20)), [7 * 20]);
  for (let k = 0; k < 125; k++) {
    windows.add(rows);
    sequences.add(rows);
  }
  const ofWindows = growth(() => {
    windows.add(rows);
    windows.sample(DRAWN, stream, clock);
  });
  expect(ofWindows).toBeLessThan(BOXED);
  const ofSequences = growth(() => {
    sequences.add(rows);
    const { batch } = sequences.sample(20, stream, clock);
    sequences.prioritise(batch.index!, error);
  });
  expect(ofSequences).toBeLessThan(BOXED);
});
