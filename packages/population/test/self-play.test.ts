import { offPolicy, rng, type Batch, type Buffer, type Policy, type Snapshot } from '@troupe/core';
import ndarray from 'ndarray';
import { describe, expect, it } from 'vitest';
import { keepReservoir, latestOpponent, pool, prioritisedOpponent, scoreBetween, selfPlay } from '../src/index.js';
import { episode, seen, spinner, throws, type Fixed, type ThrowGroups } from './worlds.js';

const { groups } = throws();
type Right = ThrowGroups['right'];
const policyOf = (state: Fixed): Policy<Right, Fixed> => spinner.policies(state, 'exploit').right;
const score = scoreBetween('left', 'right');
const clock = { steps: 0, total: 1 };
const make = (more: Partial<Parameters<typeof selfPlay<Right, Fixed>>[0]> = {}) =>
  selfPlay<Right, Fixed>({ group: groups.right, policyOf, score, rng: rng(1).split('opponents'), ...more });
const actions = async (policy: Policy<Right, Fixed>, numEnvs: number) =>
  Array.from((await policy.act(seen(numEnvs), rng(0), clock)).action.data);
const ones = (n: number) => new Uint8Array(n).fill(1);

describe('selfPlay', () => {
  it('lets each environment play against its own opponent, until its episode ends', async () => {
    const play = make();
    for (const action of [0, 1, 2]) play.add({ action }, { id: `always ${action}` });
    play.policy.begin!(ones(64));
    const first = play.opponents();
    expect(new Set(first).size).toBe(3);
    expect(await actions(play.policy, 64)).toEqual(first.map((id) => Number(id.at(-1))));
    // Only the first half begins anew.
    play.policy.begin!(Uint8Array.from({ length: 64 }, (_, e) => (e < 32 ? 1 : 0)));
    const second = play.opponents();
    expect(second.slice(32)).toEqual(first.slice(32));
    expect(second.slice(0, 32)).not.toEqual(first.slice(0, 32));
    expect(await actions(play.policy, 64)).toEqual(second.map((id) => Number(id.at(-1))));
  });

  it('tells each opponent which of its episodes began', () => {
    const heard: Record<string, string[]> = {};
    const play = make({
      policyOf: (state) => ({
        ...policyOf(state),
        begin: (started) => void (heard[state.action] ??= []).push(started.join('')),
      }),
      matchmaking: ({ members }) => members.length - 1,
    });
    play.add({ action: 0 });
    play.policy.begin!(Uint8Array.of(1, 1, 1));
    play.add({ action: 1 });
    play.policy.begin!(Uint8Array.of(0, 1, 0));
    play.policy.begin!(Uint8Array.of(1, 0, 0));
    expect(heard).toEqual({ 0: ['111'], 1: ['010', '100'] });
  });

  it('a member that left the pool plays its episode to the end, and is then forgotten', async () => {
    const play = make({ pool: pool({ capacity: 1 }) });
    play.add({ action: 2 }, { id: 'old' });
    play.policy.begin!(ones(2));
    play.add({ action: 1 }, { id: 'new' });
    expect(play.opponents()).toEqual(['old', 'old']);
    expect(await actions(play.policy, 2)).toEqual([2, 2]);
    play.policy.begin!(Uint8Array.of(0, 1));
    expect(await actions(play.policy, 2)).toEqual([2, 1]);
    play.policy.begin!(Uint8Array.of(1, 0));
    expect(await actions(play.policy, 2)).toEqual([1, 1]);
  });

  it('rates the episodes against those who played them', () => {
    const play = make({ matchmaking: ({ members }) => members.length - 1 });
    play.add({ action: 0 }, { id: 'first' });
    play.policy.begin!(ones(2));
    play.add({ action: 1 }, { id: 'second' });
    play.policy.begin!(ones(2));
    play.policy.begin!(Uint8Array.of(0, 1));
    // In order: both against `first`, then environment 1 against `second`.
    const matches = play.observe([episode(0, 1), episode(1, -1), episode(1, 0)]);
    expect(matches).toEqual([
      { opponent: 'first', score: 1 },
      { opponent: 'first', score: 0 },
      { opponent: 'second', score: 0.5 },
    ]);
    expect(play.payoffs.winRate('learner', 'second')).toBe(0.5);
    expect(play.payoffs.games('learner', 'first')).toBeCloseTo(1.99, 12);
    expect(play.ratings.games('learner')).toBe(3);
    expect(() => play.observe([episode(0, 1)])).toThrow(/at most 0 episodes/);
    play.policy.begin!(Uint8Array.of(1, 0));
    expect(() => play.observe([episode(1, 1)])).toThrow(/in environment 0, got 1/);
  });

  it('episodes that nobody handed in are not rated', () => {
    const play = make({ matchmaking: ({ members }) => members.length - 1 });
    play.add({ action: 0 }, { id: 'first' });
    play.policy.begin!(ones(1));
    play.add({ action: 1 }, { id: 'second' });
    play.policy.begin!(ones(1));
    play.policy.begin!(ones(1));
    expect(play.observe([episode(0, 1)])).toEqual([{ opponent: 'second', score: 1 }]);
  });

  it('a newcomer begins with the rating of the learner', () => {
    const play = make();
    play.add({ action: 0 });
    play.policy.begin!(ones(1));
    play.policy.begin!(ones(1));
    play.observe([episode(0, 1)]);
    play.add({ action: 1 });
    expect(play.ratings.of('#1')).toBe(1216);
    expect(play.ratings.of('#0')).toBe(1184);
  });

  it('can play against the learner as it is now', async () => {
    const play = make({ self: 1 });
    play.add({ action: 0 });
    play.policy.begin!(ones(3));
    expect(await actions(play.policy, 3)).toEqual([0, 0, 0]);
    play.policy.update!({ action: 1 });
    play.policy.begin!(Uint8Array.of(0, 1, 1));
    expect(play.opponents()).toEqual(['#0', 'learner', 'learner']);
    play.policy.update!({ action: 2 });
    expect(await actions(play.policy, 3)).toEqual([0, 2, 2]);
    // Games against oneself say nothing about strength.
    play.policy.begin!(Uint8Array.of(0, 1, 0));
    expect(play.observe([episode(1, 1)])).toEqual([{ opponent: 'learner', score: 1 }]);
    expect(play.ratings.games('learner')).toBe(0);
  });

  it('takes actions that are promised, and views of any strides', async () => {
    const strided: Policy<Right, Fixed> = {
      act: ({ active }) => {
        const n = active.shape[0]!;
        const data = Int32Array.from({ length: 2 * n + 1 }, (_, k) => (k % 2 === 1 ? (k - 1) / 2 : -1));
        return Promise.resolve({ action: ndarray(data, [n, 1], [2, 1], 1) });
      },
    };
    const play = make({ policyOf: (state) => (state.action === 0 ? strided : policyOf(state)) });
    for (const action of [0, 2]) play.add({ action });
    play.policy.begin!(ones(8));
    const expected = play.opponents().map((id, e) => (id === '#0' ? e : 2));
    expect(new Set(play.opponents()).size).toBe(2);
    expect(await actions(play.policy, 8)).toEqual(expected);
  });

  it('refuses an empty pool, and actions of another shape', () => {
    expect(() => make().policy.begin!(ones(1))).toThrow(/a member in the pool before the run begins/);
    expect(() => make({ self: 2 })).toThrow(/self in \[0, 1\], got 2/);
    const play = make({ policyOf: () => ({ act: () => ({ action: ndarray(new Int32Array(4), [2, 2]) }) }) });
    play.add({ action: 0 });
    play.policy.begin!(ones(2));
    expect(() => play.policy.act(seen(2), rng(0), clock)).toThrow(/actions \[2, 1\] of '#0', got \[2, 2\]/);
    expect(() => play.policy.act(seen(3), rng(0), clock)).toThrow(/2 environments, got 3/);
    expect(() => play.add({ action: 0 }, { id: 'learner' })).toThrow(/nobody in play has, got 'learner'/);
    expect(() => play.policy.load!({})).toThrow(/what its policy saved/);
    expect(() => scoreBetween('a', 'right')(episode(0, 1))).toThrow(/returns of 'a' and 'right', got left, right/);
  });
});

describe('a run with self-play', () => {
  /** Remembers nothing: the learner here does not look. */
  const nothing: Buffer<Batch<ThrowGroups>> = {
    size: 0,
    capacity: 1,
    add: () => undefined,
    sample: () => ({}) as Batch<ThrowGroups>,
    save: () => null,
    load: () => undefined,
  };

  const run = async (steps: number, resume?: Snapshot<Fixed>) => {
    const play = make({
      pool: pool({ capacity: 3, retain: keepReservoir(), rng: rng(9) }),
      matchmaking: latestOpponent(0.3, prioritisedOpponent()),
      self: 0.25,
    });
    play.add({ action: 0 });
    const log: string[] = [];
    let last: Snapshot<Fixed> | undefined;
    const training = offPolicy({
      env: throws(5, 3),
      learner: spinner,
      buffer: nothing,
      rng: rng(2),
      steps: 600,
      batchSize: 1,
      updateEvery: 35,
      policies: { right: play.policy },
      ...(resume && { resume }),
    });
    for await (const progress of training) {
      for (const { opponent, score: points } of play.observe(progress.episodes)) log.push(`${opponent} ${points}`);
      if (Math.floor(progress.steps / 60) > Math.floor((progress.steps - 5) / 60) && progress.steps % 60 === 0) {
        play.add(progress.state, { steps: progress.steps });
      }
      last = progress.snapshot();
      if (progress.steps >= steps) break;
    }
    return { log, last: last!, table: play.ratings.table(), pairs: play.payoffs.pairs(), pool: play.pool.save() };
  };

  it('continues bit for bit from a snapshot: pool, ratings, opponents and all', async () => {
    const whole = await run(600);
    expect(whole.log.length).toBeGreaterThan(100);
    expect(new Set(whole.log.map((line) => line.split(' ')[0])).size).toBeGreaterThan(3);
    for (const at of [105, 300, 420]) {
      const first = await run(at);
      const second = await run(600, structuredClone(first.last));
      expect([...first.log, ...second.log]).toEqual(whole.log);
      expect(second.table).toEqual(whole.table);
      expect(second.pairs).toEqual(whole.pairs);
      expect(second.pool).toEqual(whole.pool);
      expect(second.last).toEqual(whole.last);
    }
  });

  it('stays bounded', async () => {
    const { pool: saved, pairs, last } = await run(600);
    expect(saved.members.length).toBe(3);
    expect(pairs.length).toBeLessThanOrEqual(9);
    expect((last.policies['right'] as { ended: unknown[] }).ended.length).toBe(0);
  });
});
