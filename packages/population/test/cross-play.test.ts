import { rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { bradleyTerry, crossPlay, pairsOf, scoreBetween } from '../src/index.js';
import { always, throws } from './worlds.js';

const entrants = ['rock', 'paper', 'scissors'].map((name, action) => ({ name, policies: always(action) }));
const play = () =>
  crossPlay({ env: throws(), entrants, row: 'left', episodes: 10, rng: rng(0), score: scoreBetween('left', 'right') });

describe('crossPlay', () => {
  it('of rock, paper and scissors is antisymmetric', async () => {
    const found = await play();
    const means = found.returns.left.map((line) => line.map(({ mean }) => mean));
    expect(means).toEqual([
      [0, -1, 1],
      [1, 0, -1],
      [-1, 1, 0],
    ]);
    means.forEach((line, i) => line.forEach((mean, j) => expect(mean + means[j]![i]!).toBe(0)));
    found.returns.right.forEach((line, i) => line.forEach(({ mean }, j) => expect(mean + means[i]![j]!).toBe(0)));
    expect(found.scores![1]!.map(({ mean }) => mean)).toEqual([1, 0.5, 0]);
    expect(found).toMatchObject({ rows: ['rock', 'paper', 'scissors'], row: 'left', episodes: 10 });
    // Nothing varies: intervals without a width.
    expect(found.returns.left[0]![1]).toEqual({ mean: -1, low: -1, high: -1, n: 10 });
  });
  it('has equal ratings where everyone beats one and loses to one', async () => {
    const pairs = pairsOf(await play());
    expect(pairs.length).toBe(6);
    for (const { rating, games } of bradleyTerry(pairs)) {
      expect(rating).toBeCloseTo(1200, 9);
      expect(games).toBe(40);
    }
  });
  it('plays against others', async () => {
    const found = await crossPlay({ env: throws(), entrants: entrants.slice(0, 1), against: entrants.slice(1), row: 'right', episodes: 4, rng: rng(0) }); // prettier-ignore
    expect(found.columns).toEqual(['paper', 'scissors']);
    expect(found.returns.right[0]!.map(({ mean }) => mean)).toEqual([-1, 1]);
    expect(() => pairsOf(found)).toThrow(/with scores/);
  });
  it('refuses nobody, namesakes and unknown groups', async () => {
    const base = { env: throws(), row: 'left', episodes: 1, rng: rng(0) } as const;
    await expect(crossPlay({ ...base, entrants: [] })).rejects.toThrow(/different names, got none/);
    await expect(crossPlay({ ...base, entrants: [entrants[0]!, entrants[0]!] })).rejects.toThrow(/got rock, rock/);
    await expect(crossPlay({ ...base, entrants, row: 'middle' as 'left' })).rejects.toThrow(/one of left, right, got 'middle'/); // prettier-ignore
  });
});
