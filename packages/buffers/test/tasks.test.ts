import { box, discrete, rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { copyBatch, replay, taskReplay } from '../src/index.js';
import { makeRows, rowsOf } from './model.js';

const groups = { g: { agents: ['a', 'b'], observation: box([2]), action: discrete(3) } } as const;
const TASKS = ['run', 'jump', 'swim'] as const;
const make = () => taskReplay(TASKS, () => replay(groups, { capacity: 20 }));
const sorted = (row: object) => JSON.stringify(Object.entries(row).sort(([a], [b]) => (a < b ? -1 : 1)));
/** Rows whose environment tells the task. */
const rows = (task: number, seed: number) => {
  const made = makeRows(groups, 10, rng(seed), { state: [3], legal: true });
  return { ...made, env: made.env.map((_, b) => 100 * task + b) };
};
const filled = () => {
  const buffers = make();
  TASKS.forEach((task, k) => buffers.of(task).add(rows(k, k)));
  return buffers;
};

describe('taskReplay', () => {
  it('draws the rows of each task one after another, whole', () => {
    const buffers = filled();
    const known = new Set(TASKS.flatMap((_, k) => rowsOf(rows(k, k)).map(sorted)));
    for (const [wanted, tens] of [
      [['swim', 'run'] as const, [2, 0]],
      [['jump', 'jump', 'swim'] as const, [1, 1, 2]],
    ] as const) {
      const batch = buffers.sample(wanted, 8, rng(3));
      expect(batch.groups.g.observation.shape).toEqual([wanted.length * 8, 2, 2]);
      expect(Array.from(batch.env, (id) => Math.floor(id / 100))).toEqual(
        tens.flatMap((t) => Array<number>(8).fill(t)),
      );
      for (const row of rowsOf(batch)) expect(known).toContain(sorted(row));
      expect(batch.groups.g.state).toBeDefined();
    }
  });

  it('draws the same with the same stream, the first time as later, and uses its arrays again', () => {
    const buffers = filled();
    const first = copyBatch(buffers.sample(['run', 'swim'], 5, rng(1)));
    const again = buffers.sample(['run', 'swim'], 5, rng(1));
    expect(rowsOf(again)).toEqual(rowsOf(first));
    expect(buffers.sample(['jump', 'swim'], 5, rng(2))).toBe(again);
  });

  it('forgets one task and keeps the others, and continues after save and load', () => {
    const buffers = filled();
    buffers.clear('jump');
    expect(TASKS.map((task) => buffers.of(task).size)).toEqual([10, 0, 10]);
    expect(() => buffers.sample(['run', 'jump'], 2, rng(0))).toThrow('expected a buffer with rows, got an empty one');
    buffers.of('jump').add(rows(1, 9));
    const other = make();
    other.load(structuredClone(buffers.save()));
    expect(rowsOf(other.sample(TASKS, 9, rng(4)))).toEqual(rowsOf(buffers.sample(TASKS, 9, rng(4))));
  });

  it('refuses unknown tasks, none, and tasks that are the same', () => {
    expect(() => filled().of('fly' as 'run')).toThrow('taskReplay: expected one of the tasks run, jump, swim, got fly');
    expect(() => filled().sample([], 3, rng(0))).toThrow('taskReplay.sample: expected at least one task, got none');
    expect(() => taskReplay([1, 1], () => replay(groups, { capacity: 2 }))).toThrow(
      'taskReplay: expected tasks that differ, at least one, got 1, 1',
    );
    expect(() => make().load({})).toThrow('taskReplay.load: expected what save of a buffer of 3 tasks gave');
  });
});
