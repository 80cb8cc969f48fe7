import type { Snapshot } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { keeper, memoryStore, readInfo, resume, type KeeperOptions, type Store } from '../src/index.js';

const at = (steps: number, score?: number): Snapshot<{ w: Float32Array }> => ({
  state: { w: Float32Array.of(steps) },
  steps,
  updates: 0,
  metrics: score === undefined ? {} : { score },
  rng: {},
  buffer: undefined,
  policies: {},
  running: { lengths: [], returns: {} },
});
const stepsIn = async (store: Store) => (await store.list()).map((name) => Number(name.split('-').at(-1)));
const after = async (options: KeeperOptions, runs: readonly (readonly [steps: number, score?: number])[]) => {
  const store = memoryStore();
  const keep = keeper(store, options);
  for (const [steps, score] of runs) await keep.save(at(steps, score));
  return store;
};

describe('keeper', () => {
  it('keeps the last three', async () => {
    const store = await after({}, [[10], [20], [30], [40], [50]]);
    expect(await stepsIn(store)).toEqual([30, 40, 50]);
    expect((await resume<{ w: Float32Array }>(store))?.state.w[0]).toBe(50);
  });

  it('keeps the best, the earlier of two equal ones, and none without the metric', async () => {
    const scores = [[10, 1], [20, 5], [30, 5], [40, NaN], [50], [60, 2]] as const;
    expect(await stepsIn(await after({ last: 1, best: 'score' }, scores))).toEqual([20, 60]);
    const lowest = { metric: 'score', lowest: true };
    expect(await stepsIn(await after({ last: 1, best: lowest }, scores))).toEqual([10, 60]);
  });

  it('keeps the first one of every so many steps', async () => {
    const runs = [[60], [120], [180], [240], [310], [500]] as const;
    expect(await stepsIn(await after({ last: 1, every: 100 }, runs))).toEqual([120, 240, 310, 500]);
  });

  it('goes on where another keeper stopped, also from an earlier step', async () => {
    const store = await after({ last: 2, best: 'score' }, [
      [10, 9],
      [20, 1],
      [30, 1],
    ]);
    const again = keeper(store, { last: 2, best: 'score' });
    await again.save(at(20, 2));
    expect(await store.list()).toEqual(['000000-step-10', '000002-step-30', '000003-step-20']);
    expect((await resume(store))?.steps).toBe(20);
  });

  it('writes one after another, and goes on after one that failed', async () => {
    const store = memoryStore();
    const keep = keeper(store);
    const saves = [keep.save(at(1)), keep.save({ ...at(2), buffer: () => 0 }), keep.save(at(3))];
    const results = await Promise.allSettled(saves);
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await stepsIn(store)).toEqual([1, 3]);
  });

  it('never removes what it cannot read', async () => {
    const store = memoryStore();
    await store.write('000000-step-5', (put) => put('run.json', []));
    const keep = keeper(store, { last: 1 });
    for (const steps of [10, 20]) await keep.save(at(steps));
    expect(await stepsIn(store)).toEqual([5, 20]);
  });

  it('writes config and metrics where readInfo finds them', async () => {
    const version = expect.stringMatching(/^\d/) as unknown; // also of the packages whose learners and worlds a run consists of
    const store = memoryStore();
    const name = await keeper(store, { config: { seed: 3, hidden: [64, 64] } }).save(at(10, 1), { score: 7 });
    expect(await readInfo(store, name)).toMatchObject({
      steps: 10,
      metrics: { score: 7 },
      config: { seed: 3, hidden: [64, 64] },
      versions: { node: process.version, '@troupe/core': version, '@troupe/trust-region': version },
    });
  });

  it('says when one is due', () => {
    const keep = keeper(memoryStore(), { interval: 100 });
    expect([0, 50, 100, 150, 199, 330, 350, 400].map((steps) => keep.due(steps))).toEqual([
      false,
      false,
      true,
      false,
      false,
      true,
      false,
      true,
    ]);
  });

  it('refuses counts that are none, and a metric that there is not', async () => {
    expect(() => keeper(memoryStore(), { last: 0 })).toThrow('expected last to be an integer >= 1, got 0');
    expect(() => keeper(memoryStore(), { every: 0.5 })).toThrow('expected every to be an integer >= 1, got 0.5');
    await expect(keeper(memoryStore(), { best: 'scroe' }).save(at(1, 2))).rejects.toThrow(
      "expected the metric 'scroe', got score",
    );
  });
});
