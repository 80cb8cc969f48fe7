import type { PairRecord } from './payoffs.js';

/** A rating from all games at once. */
export interface Strength {
  /** Whose rating it is. */
  readonly id: string;
  /** On Elo's scale. */
  readonly rating: number;
  /** Games that the rating rests on. */
  readonly games: number;
}

/** Whether everyone can be reached from player 0 along `edge`. */
const reachesAll = (n: number, edge: (from: number, to: number) => boolean): boolean => {
  const seen = new Set([0]);
  const open = [0];
  for (let from = open.pop(); from !== undefined; from = open.pop()) {
    for (let to = 0; to < n; to++) {
      if (seen.has(to) || !edge(from, to)) continue;
      seen.add(to);
      open.push(to);
    }
  }
  return seen.size === n;
};

/**
 * The most likely strengths, given all games: P(a beats b) = p_a / (p_a + p_b). Bradley and Terry 1952; draws are half a
 * win; found by p_a ← W_a / Σ_b n_ab / (p_a + p_b) (Zermelo 1929; Hunter 2004), which never gets worse. Ratings are
 * 400 · log₁₀ p around `mean` (default 1200), so that they can stand beside Elo's. `priorDraws` (default 0) adds so many
 * draws to every pair: needed where some players never lose, or never win, against the others, whose strength would be
 * without bound; that is a RangeError without it.
 */
export const bradleyTerry = (
  pairs: readonly PairRecord[],
  options: { readonly mean?: number; readonly scale?: number; readonly priorDraws?: number } = {},
): readonly Strength[] => {
  const { mean = 1200, scale = 400, priorDraws = 0 } = options;
  if (!(priorDraws >= 0)) throw new RangeError(`bradleyTerry: expected priorDraws >= 0, got ${String(priorDraws)}`);
  const ids = [...new Set(pairs.flatMap(({ a, b }) => [a, b]))].sort();
  const n = ids.length;
  if (n < 2) throw new RangeError(`bradleyTerry: expected games between at least two players, got ${n} players`);
  const place = new Map(ids.map((id, i) => [id, i]));
  const won = Array.from({ length: n }, () => new Float64Array(n).fill(priorDraws / 2));
  const played = new Float64Array(n);
  for (const { a, b, games, points } of pairs) {
    if (!(games >= 0 && points >= 0 && points <= games) || a === b) {
      throw new RangeError(`bradleyTerry: expected 0 <= points <= games of two players, got ${points} of ${games} of '${a}' and '${b}'`); // prettier-ignore
    }
    const [i, j] = [place.get(a)!, place.get(b)!];
    won[i]![j]! += points;
    won[j]![i]! += games - points;
    played[i]! += games;
    played[j]! += games;
  }
  // Ford 1957: there is a maximum exactly where everyone has, through others, beaten everyone.
  const beat = (i: number, j: number): boolean => i !== j && won[i]![j]! > 0;
  if (!reachesAll(n, beat) || !reachesAll(n, (i, j) => beat(j, i))) {
    throw new RangeError(
      'bradleyTerry: expected no part of the players to have only won or only lost against the others (their strength has no bound): pass priorDraws, or more games',
    );
  }
  const wins = won.map((row, i) => row.reduce((sum, w, j) => (i === j ? sum : sum + w), 0));
  let strength = new Float64Array(n).fill(1);
  for (let change = 1, round = 0; change > 1e-13 && round < 1_000_000; round++) {
    const next = strength.map((own, i) => {
      let expected = 0;
      for (let j = 0; j < n; j++) if (j !== i) expected += (won[i]![j]! + won[j]![i]!) / (own + strength[j]!);
      return wins[i]! / expected;
    });
    // Only ratios matter: the geometric mean is kept at 1.
    const shift = Math.exp(next.reduce((sum, p) => sum + Math.log(p), 0) / n);
    change = 0;
    for (let i = 0; i < n; i++) {
      next[i]! /= shift;
      change = Math.max(change, Math.abs(Math.log(next[i]! / strength[i]!)));
    }
    strength = next;
  }
  return ids
    .map((id, i) => ({ id, rating: mean + scale * Math.log10(strength[i]!), games: played[i]! }))
    .sort((one, other) => other.rating - one.rating);
};
