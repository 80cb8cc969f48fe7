import { rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import { bradleyTerry, elo, payoffs } from '../src/index.js';

describe('elo, worked by hand', () => {
  it('moves equals by half of K', () => {
    const ratings = elo({ k: 32, initial: 1200 });
    ratings.record('a', 'b', 1);
    expect([ratings.of('a'), ratings.of('b')]).toEqual([1216, 1184]);
    expect(ratings.games('a')).toBe(1);
  });
  it('expects ten to one at 400 points', () => {
    const ratings = elo({ k: 11 });
    ratings.enter('a', 1600);
    ratings.enter('b', 1200);
    expect(ratings.expected('a', 'b')).toBeCloseTo(10 / 11, 12);
    expect(ratings.expected('b', 'a')).toBeCloseTo(1 / 11, 12);
    // A draw: 11 · (1/2 − 10/11) = −4.5.
    ratings.record('a', 'b', 0.5);
    expect(ratings.of('a')).toBeCloseTo(1595.5, 10);
    expect(ratings.of('b')).toBeCloseTo(1204.5, 10);
  });
  it('a tournament: 1613 with K 32 loses, draws, wins, wins, loses', () => {
    // Opponents 1609 1477 1388 1586 1720, each rating fresh: expected 0.505756 0.686300 0.785027 0.538778 0.350705
    // (1 / (1 + 10^(Δ/400))), 2.866566 in all; score 2.5. One at a time, with the rating before the tournament:
    const ratings = elo({ k: 32 });
    const games = [[1609, 0], [1477, 0.5], [1388, 1], [1586, 1], [1720, 0]] as const; // prettier-ignore
    let change = 0;
    for (const [opponent, score] of games) {
      ratings.enter('player', 1613);
      ratings.enter('opponent', opponent);
      ratings.record('player', 'opponent', score);
      change += ratings.of('player') - 1613;
    }
    expect(change).toBeCloseTo(32 * (2.5 - 2.866566), 4);
  });
  it('keeps the sum of all ratings', () => {
    const [ratings, draw] = [elo(), rng(1)];
    const ids = ['a', 'b', 'c', 'd'];
    for (let game = 0; game < 500; game++) {
      const i = draw.int(4);
      ratings.record(ids[i]!, ids[(i + 1 + draw.int(3)) % 4]!, draw.int(3) / 2);
    }
    expect(ratings.table().reduce((sum, { rating }) => sum + rating, 0)).toBeCloseTo(4800, 8);
  });
  it('survives saving, bit for bit', () => {
    const [whole, first] = [elo(), elo()];
    const play = (ratings: typeof whole, from: number, to: number) => {
      for (let game = from; game < to; game++) ratings.record(`p${game % 3}`, `p${(game + 1) % 3}`, (game % 4) / 4);
    };
    play(whole, 0, 50);
    play(first, 0, 20);
    const second = elo();
    second.load(JSON.parse(JSON.stringify(first.save())));
    play(second, 20, 50);
    expect(second.save()).toEqual(whole.save());
    expect(() => second.load(3)).toThrow(/what elo.save returned/);
  });
  it('refuses impossible games', () => {
    expect(() => elo().record('a', 'a', 1)).toThrow(/two players, got 'a' twice/);
    expect(() => elo().record('a', 'b', 2)).toThrow(/score in \[0, 1\], got 2/);
    expect(() => elo({ k: 0 })).toThrow(/k > 0/);
  });
});

describe('payoffs', () => {
  it('count games and points by pair, whoever is named first', () => {
    const table = payoffs();
    table.record('b', 'a', 1);
    table.record('a', 'b', 0.5);
    table.record('a', 'b', 0);
    expect(table.games('a', 'b')).toBe(3);
    expect(table.winRate('b', 'a')).toBeCloseTo(2.5 / 3, 12);
    expect(table.winRate('a', 'b')).toBeCloseTo(0.5 / 3, 12);
    expect(table.winRate('a', 'c')).toBe(0.5);
    expect(table.pairs()).toEqual([{ a: 'a', b: 'b', games: 3, points: 0.5 }]);
  });
  it('older games weigh less with a decay', () => {
    const table = payoffs({ decay: 0.5 });
    for (const score of [1, 1, 0]) table.record('a', 'b', score);
    // Weights 1/4, 1/2, 1.
    expect(table.winRate('a', 'b')).toBeCloseTo(0.75 / 1.75, 12);
  });
  it('forget those who left, and survive saving', () => {
    const table = payoffs();
    table.record('a', 'b', 1);
    table.record('a', 'c', 1);
    table.keepOnly(['a', 'c']);
    expect(table.pairs().map(({ b }) => b)).toEqual(['c']);
    const other = payoffs();
    other.load(structuredClone(table.save()));
    expect(other.pairs()).toEqual(table.pairs());
    expect(() => other.load(null)).toThrow(/what payoffs.save returned/);
  });
});

describe('bradleyTerry', () => {
  it('of two players is the odds of the games', () => {
    // 30 of 40: odds 3, 400 · log₁₀ 3 apart.
    const [first, second] = bradleyTerry([{ a: 'a', b: 'b', games: 40, points: 30 }]);
    expect(first!.id).toBe('a');
    expect(first!.rating - second!.rating).toBeCloseTo(400 * Math.log10(3), 9);
    expect((first!.rating + second!.rating) / 2).toBeCloseTo(1200, 9);
  });
  it('recovers strengths from the expected points of all pairs', () => {
    const strength: Readonly<Record<string, number>> = { a: 8, b: 4, c: 1, d: 0.25 };
    const ids = Object.keys(strength);
    const pairs = ids.flatMap((a, i) =>
      ids.slice(i + 1).map((b, k) => {
        const games = 10 * (k + 1);
        return { a, b, games, points: (games * strength[a]!) / (strength[a]! + strength[b]!) };
      }),
    );
    const found = bradleyTerry(pairs, { mean: 0 });
    // Geometric mean of the strengths: (8 · 4 · 1 · 0.25)^(1/4) = 8^(1/4).
    for (const { id, rating } of found) expect(rating).toBeCloseTo(400 * Math.log10(strength[id]! / 8 ** 0.25), 8);
    expect(found.map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd']);
  });
  it('is where the expected points equal the points', () => {
    const pairs = [
      { a: 'x', b: 'y', games: 7, points: 5.5 },
      { a: 'y', b: 'z', games: 9, points: 4 },
      { a: 'x', b: 'z', games: 3, points: 1 },
    ];
    const rating = Object.fromEntries(bradleyTerry(pairs).map((one) => [one.id, one.rating]));
    const expected = (a: string, b: string) => 1 / (1 + 10 ** ((rating[b]! - rating[a]!) / 400));
    expect(7 * expected('x', 'y') + 3 * expected('x', 'z')).toBeCloseTo(6.5, 9);
    expect(7 * expected('y', 'x') + 9 * expected('y', 'z')).toBeCloseTo(5.5, 9);
  });
  it('Elo wanders around it', () => {
    const [ratings, table, draw] = [elo({ k: 8 }), payoffs(), rng(4)];
    const truth = [300, 100, 0, -400];
    for (let game = 0; game < 6000; game++) {
      const i = draw.int(4);
      const j = (i + 1 + draw.int(3)) % 4;
      const score = draw.uniform() < 1 / (1 + 10 ** ((truth[j]! - truth[i]!) / 400)) ? 1 : 0;
      ratings.record(`p${i}`, `p${j}`, score);
      table.record(`p${i}`, `p${j}`, score);
    }
    for (const { id, rating } of bradleyTerry(table.pairs())) {
      expect(Math.abs(rating - (1200 + truth[Number(id[1])]!))).toBeLessThan(30);
      expect(Math.abs(rating - ratings.of(id))).toBeLessThan(90);
    }
  });
  it('refuses those who never lost, unless a prior bounds them', () => {
    const pairs = [{ a: 'a', b: 'b', games: 5, points: 5 }];
    expect(() => bradleyTerry(pairs)).toThrow(/no bound/);
    // 5.5 of 6 with one draw added.
    const [first, second] = bradleyTerry(pairs, { priorDraws: 1 });
    expect(first!.rating - second!.rating).toBeCloseTo(400 * Math.log10(11), 8);
    expect(() => bradleyTerry([])).toThrow(/at least two players, got 0/);
    expect(() => bradleyTerry([{ a: 'a', b: 'b', games: 1, points: 2 }])).toThrow(/got 2 of 1/);
  });
});
