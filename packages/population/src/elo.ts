/** Settings of Elo ratings. */
export interface EloOptions {
  /** K: the most that one game can move a rating. Default 32. */
  readonly k?: number;
  /** Rating of a newcomer. Default 1200. */
  readonly initial?: number;
  /** Points in which the odds change tenfold. Default 400. */
  readonly scale?: number;
}

/** Ratings as plain data. */
export interface SavedElo {
  /** By id. */
  readonly ratings: Readonly<Record<string, number>>;
  /** By id: games played. */
  readonly games: Readonly<Record<string, number>>;
}

/** Ratings that change with every game. */
export interface Elo {
  /** A player's rating; a newcomer has the initial one. */
  of(id: string): number;
  /** Games that a player's rating stands on. */
  games(id: string): number;
  /** Gives a newcomer a rating to begin with, such as that of the learner whose past it is. */
  enter(id: string, rating: number): void;
  /** Score that `a` should expect against `b`: 1 / (1 + 10^((R_b − R_a) / 400)). */
  expected(a: string, b: string): number;
  /** A game: `score` is a's, 1 for a win, ½ for a draw, 0 for a loss. Both ratings move by as much. */
  record(a: string, b: string, score: number): void;
  /** All ratings, highest first. */
  table(): readonly { readonly id: string; readonly rating: number; readonly games: number }[];
  /** Ratings and numbers of games, copied. */
  save(): SavedElo;
  /** Continues from what `save` returned. Throws a TypeError for anything else. */
  load(saved: unknown): void;
}

const isSavedElo = (saved: unknown): saved is SavedElo =>
  typeof saved === 'object' && saved !== null && 'ratings' in saved && 'games' in saved;

/**
 * Elo ratings: after each game R_a += K · (S_a − E_a), R_b −= the same. Elo 1978, The Rating of Chessplayers. They follow
 * players that change, and never settle: K sets how fast they follow and how much they wander. Ratings of players that
 * do not change are better estimated from all games at once, by `bradleyTerry`. Throws a RangeError for a K or scale that
 * is not positive.
 */
export const elo = ({ k = 32, initial = 1200, scale = 400 }: EloOptions = {}): Elo => {
  if (!(k > 0 && scale > 0 && Number.isFinite(k + scale + initial))) {
    throw new RangeError(`elo: expected k > 0, scale > 0 and a finite initial, got ${k}, ${scale} and ${initial}`);
  }
  let ratings = new Map<string, number>();
  let games = new Map<string, number>();
  const of = (id: string): number => ratings.get(id) ?? initial;
  const expected = (a: string, b: string): number => 1 / (1 + 10 ** ((of(b) - of(a)) / scale));
  const count = (id: string): number => games.get(id) ?? 0;
  return {
    of,
    games: count,
    expected,
    enter(id, rating) {
      if (!Number.isFinite(rating))
        throw new RangeError(`elo.enter: expected a finite rating of '${id}', got ${rating}`);
      ratings.set(id, rating);
    },
    record(a, b, score) {
      if (!(score >= 0 && score <= 1)) throw new RangeError(`elo.record: expected a score in [0, 1], got ${score}`);
      if (a === b) throw new RangeError(`elo.record: expected two players, got '${a}' twice`);
      const change = k * (score - expected(a, b));
      const [nextA, nextB] = [of(a) + change, of(b) - change];
      ratings.set(a, nextA).set(b, nextB);
      games.set(a, count(a) + 1).set(b, count(b) + 1);
    },
    table: () =>
      [...ratings]
        .map(([id, rating]) => ({ id, rating, games: count(id) }))
        .sort((one, other) => other.rating - one.rating),
    save: () => ({ ratings: Object.fromEntries(ratings), games: Object.fromEntries(games) }),
    load(saved) {
      if (!isSavedElo(saved)) throw new TypeError('elo.load: expected what elo.save returned');
      ratings = new Map(Object.entries(saved.ratings));
      games = new Map(Object.entries(saved.games));
    },
  };
};
