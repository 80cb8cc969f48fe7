/** Games between two players, as plain data. The points are those of `a`. */
export interface PairRecord {
  /** Id of one side. */
  readonly a: string;
  /** Id of the other side. */
  readonly b: string;
  /** Games between the two; with a decay, earlier ones count for less. */
  readonly games: number;
  /** Points of `a`: 1 for a win, ½ for a draw. */
  readonly points: number;
}

/** Who scored how much against whom. */
export interface Payoffs {
  /** A game: `score` is a's, 1 for a win, ½ for a draw, 0 for a loss. */
  record(a: string, b: string, score: number): void;
  /** Games between the two; older ones count less where there is a decay. */
  games(a: string, b: string): number;
  /** Share of points that `a` took from `b`; ½ before the first game. */
  winRate(a: string, b: string): number;
  /** Every pair that played. */
  pairs(): readonly PairRecord[];
  /** Forgets all games of players other than these, so that a long run stays bounded. */
  keepOnly(ids: readonly string[]): void;
  /** All records, copied. */
  save(): readonly PairRecord[];
  /** Continues from what `save` returned. Throws a TypeError for what is no list. */
  load(saved: unknown): void;
}

interface Entry {
  readonly a: string;
  readonly b: string;
  games: number;
  points: number;
}

/**
 * An account of games by pair. `decay` multiplies what a pair has played before each new game, so that the win rate of a
 * learner follows its learning: 1 (default) forgets nothing, 0.99 weighs about the last hundred. Throws a RangeError for
 * a decay outside (0, 1].
 */
export const payoffs = ({ decay = 1 }: { readonly decay?: number } = {}): Payoffs => {
  if (!(decay > 0 && decay <= 1)) throw new RangeError(`payoffs: expected a decay in (0, 1], got ${String(decay)}`);
  let entries = new Map<string, Entry>();
  const key = (a: string, b: string): string => JSON.stringify(a < b ? [a, b] : [b, a]);
  const pairs = (): PairRecord[] => [...entries.values()].map((entry) => ({ ...entry }));
  return {
    record(a, b, score) {
      if (!(score >= 0 && score <= 1)) throw new RangeError(`payoffs.record: expected a score in [0, 1], got ${score}`);
      if (a === b) throw new RangeError(`payoffs.record: expected two players, got '${a}' twice`);
      const id = key(a, b);
      let entry = entries.get(id);
      if (!entry) entries.set(id, (entry = { a: a < b ? a : b, b: a < b ? b : a, games: 0, points: 0 }));
      entry.games = entry.games * decay + 1;
      entry.points = entry.points * decay + (a === entry.a ? score : 1 - score);
    },
    games: (a, b) => entries.get(key(a, b))?.games ?? 0,
    winRate(a, b) {
      const entry = entries.get(key(a, b));
      if (!entry) return 0.5;
      return (a === entry.a ? entry.points : entry.games - entry.points) / entry.games;
    },
    pairs,
    keepOnly(ids) {
      const kept = new Set(ids);
      for (const [id, { a, b }] of entries) if (!kept.has(a) || !kept.has(b)) entries.delete(id);
    },
    save: pairs,
    load(saved) {
      if (!Array.isArray(saved)) throw new TypeError('payoffs.load: expected what payoffs.save returned');
      entries = new Map((saved as readonly PairRecord[]).map((entry) => [key(entry.a, entry.b), { ...entry }]));
    },
  };
};
