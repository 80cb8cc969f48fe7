import { rng } from '@troupe/core';
import { describe, expect, it } from 'vitest';
import {
  evenOpponents,
  hardOpponents,
  keepBest,
  keepReservoir,
  latestOpponent,
  pool,
  prioritisedOpponent,
  protectLatest,
  uniformOpponent,
  type Matchmaking,
} from '../src/index.js';

const ids = (of: { readonly members: readonly { readonly id: string }[] }) => of.members.map(({ id }) => id);

describe('pool', () => {
  it('keeps the newest by default, and never more than its capacity', () => {
    const past = pool<number>({ capacity: 3 });
    for (let i = 0; i < 7; i++) {
      past.add(i, { steps: 10 * i });
      expect(past.members.length).toBeLessThanOrEqual(3);
    }
    expect(past.members).toEqual([4, 5, 6].map((i) => ({ id: `#${i}`, steps: 10 * i, state: i })));
    expect(past.seen).toBe(7);
    expect(past.get('#5')!.state).toBe(5);
    expect(past.get('#1')).toBeUndefined();
  });
  it('copies what it is given', () => {
    const [past, state] = [pool<{ theta: Float32Array }>(), { theta: Float32Array.of(1) }];
    past.add(state);
    state.theta[0] = 9;
    expect(past.members[0]!.state.theta[0]).toBe(1);
  });
  it('keeps the best, of equals the newer', () => {
    const strength: Readonly<Record<string, number>> = { '#0': 5, '#1': 9, '#2': 1, '#3': 9, '#4': 5 };
    const past = pool<number>({ capacity: 3, retain: keepBest(), rating: (id) => strength[id]! });
    for (let i = 0; i < 5; i++) past.add(i);
    expect(ids(past)).toEqual(['#1', '#3', '#4']);
  });
  it('a reservoir is a uniform sample of all that came', () => {
    // Each of 12 is among the 4 that stay with probability 1/3: 200 of 600 pools, deviation √(600 · 2/9) = 11.5.
    const times = new Array<number>(12).fill(0);
    const draw = rng(2);
    for (let trial = 0; trial < 600; trial++) {
      const past = pool<number>({ capacity: 4, retain: keepReservoir(), rng: draw });
      for (let i = 0; i < 12; i++) past.add(i);
      for (const { state } of past.members) times[state]! += 1;
    }
    for (const count of times) expect(Math.abs(count - 200)).toBeLessThan(46);
  });
  it('the newest can be protected', () => {
    const times = new Array<number>(10).fill(0);
    const draw = rng(3);
    for (let trial = 0; trial < 400; trial++) {
      const past = pool<number>({ capacity: 4, retain: protectLatest(2, keepReservoir()), rng: draw });
      for (let i = 0; i < 10; i++) past.add(i);
      expect(ids(past).slice(2)).toEqual(['#8', '#9']);
      for (const { state } of past.members) times[state]! += 1;
    }
    // Two of the other eight stay: 100 of 400, deviation √(400 · 3/16) = 8.7.
    for (const count of times.slice(0, 8)) expect(Math.abs(count - 100)).toBeLessThan(35);
    expect(() => protectLatest(0, keepReservoir())).toThrow(/integer >= 1, got 0/);
  });
  it('continues bit for bit after saving', () => {
    const make = () => pool<number>({ capacity: 5, retain: keepReservoir(), rng: rng(7) });
    const [whole, first, second] = [make(), make(), make()];
    for (let i = 0; i < 40; i++) whole.add(i);
    for (let i = 0; i < 17; i++) first.add(i);
    second.load(JSON.parse(JSON.stringify(first.save())));
    for (let i = 17; i < 40; i++) second.add(i);
    expect(second.save()).toEqual(whole.save());
  });
  it('refuses what it cannot hold', () => {
    expect(() => pool({ capacity: 0 })).toThrow(/capacity to be an integer >= 1, got 0/);
    const past = pool<number>({ capacity: 1, retain: () => 5 });
    past.add(1, { id: 'x' });
    expect(() => past.add(1, { id: 'x' })).toThrow(/not taken, got 'x'/);
    expect(() => past.add(2)).toThrow(/one of 2 members, got 5/);
    expect(() => past.load('x')).toThrow(/what pool.save returned/);
    const large = pool<number>({ capacity: 3 });
    for (let i = 0; i < 3; i++) large.add(i);
    expect(() => past.load(large.save())).toThrow(/at most 1 members, got 3/);
  });
});

describe('matchmaking', () => {
  const members = [0, 1, 2, 3].map((i) => ({ id: `#${i}`, steps: i }));
  const rates: Readonly<Record<string, number>> = { '#0': 1, '#1': 0.9, '#2': 0.5, '#3': 0 };
  const draws = 8000;
  const shares = (choose: Matchmaking): number[] => {
    const [counts, stream] = [[0, 0, 0, 0], rng(6)];
    for (let i = 0; i < draws; i++) counts[choose({ members, winRate: (id) => rates[id]!, rng: stream })]! += 1;
    return counts.map((count) => count / draws);
  };
  // Four standard deviations of a share of one half.
  const tolerance = 4 * Math.sqrt(0.25 / draws);
  it.each([
    ['uniform', uniformOpponent(), [0.25, 0.25, 0.25, 0.25]],
    ['the latest with probability 0.6', latestOpponent(0.6), [0.1, 0.1, 0.1, 0.7]],
    // (1 − x)²: 0, 0.01, 0.25, 1, in all 1.26.
    ['hard opponents', prioritisedOpponent(), [0, 0.01 / 1.26, 0.25 / 1.26, 1 / 1.26]],
    // 1 − x: 0, 0.1, 0.5, 1, in all 1.6.
    ['hard opponents, linear', prioritisedOpponent(hardOpponents(1)), [0, 0.1 / 1.6, 0.5 / 1.6, 1 / 1.6]],
    // x (1 − x): 0, 0.09, 0.25, 0, in all 0.34.
    ['even opponents', prioritisedOpponent(evenOpponents()), [0, 0.09 / 0.34, 0.25 / 0.34, 0]],
    ['nobody has a weight', prioritisedOpponent(() => 0), [0.25, 0.25, 0.25, 0.25]],
    ['the latest, else hard ones', latestOpponent(0.5, prioritisedOpponent()), [0, 0.005 / 1.26, 0.125 / 1.26, 0.5 + 0.5 / 1.26]], // prettier-ignore
  ])('%s', (_, choose, expected) => {
    const found = shares(choose);
    expected.forEach((share, i) =>
      expect(Math.abs(found[i]! - share)).toBeLessThanOrEqual(share === 0 ? 0 : tolerance),
    );
    expect(shares(choose)).toEqual(found);
  });
  it('refuses impossible settings', () => {
    expect(() => latestOpponent(1.5)).toThrow(/p in \[0, 1\], got 1.5/);
    expect(() => shares(prioritisedOpponent(() => -1))).toThrow(/weight >= 0 of '#0', got -1/);
  });
});
