/** A nested list of numbers, as golden files hold arrays. */
export type Numbers = number | readonly Numbers[];

/** All numbers of a nested list, row-major. */
export const flatten = (values: Numbers): number[] => (typeof values === 'number' ? [values] : values.flatMap(flatten));

/**
 * Largest difference between two arrays, relative to the largest magnitude expected (FORMAT 1.3: floor 1e-3; 1e-6 for
 * losses, several of which are zero but for rounding). NaN and a wrong length count as an infinite error.
 */
export const relativeError = (actual: ArrayLike<number>, expected: readonly number[], floor = 1e-3): number => {
  if (actual.length !== expected.length) return Infinity;
  const scale = expected.reduce((top, x) => Math.max(top, Math.abs(x)), floor);
  return expected.reduce((worst, x, i) => {
    const error = Math.abs(actual[i]! - x) / scale;
    return Number.isNaN(error) ? Infinity : Math.max(worst, error);
  }, 0);
};

/** The largest error seen so far, and what it was the error of. */
export interface Worst {
  readonly error: number;
  readonly of: string;
  readonly compared: number;
}

/** Collects errors under names. */
export const worstOf = (): { see(of: string, error: number, count?: number): void; result(): Worst } => {
  let worst = { error: 0, of: 'nothing' };
  let compared = 0;
  return {
    see(of, error, count = 1) {
      compared += count;
      if (error > worst.error) worst = { error, of };
    },
    result: () => ({ ...worst, compared }),
  };
};
