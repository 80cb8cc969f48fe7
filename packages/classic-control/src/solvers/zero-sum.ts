import { solve } from 'yalps';

/** An equilibrium of a zero-sum matrix game. */
export interface ZeroSumSolution {
  /** What the row player gets, and the column player loses, in expectation. */
  readonly value: number;
  /** Probabilities of rows. */
  readonly row: Float64Array;
  /** Probabilities of columns. */
  readonly column: Float64Array;
}

/** What the row player gets: rows of numbers, one per column. */
export type Payoff = readonly ArrayLike<number>[];

/** A pure saddle, if there is one: the least of its row and the greatest of its column. */
const saddle = (payoff: Payoff, rows: number, columns: number): ZeroSumSolution | undefined => {
  const pure = (n: number, k: number): Float64Array => Float64Array.from({ length: n }, (_, i) => (i === k ? 1 : 0));
  let [maximin, bestRow] = [-Infinity, 0];
  for (let i = 0; i < rows; i++) {
    let least = Infinity;
    for (let j = 0; j < columns; j++) least = Math.min(least, payoff[i]![j]!);
    if (least > maximin) [maximin, bestRow] = [least, i];
  }
  for (let j = 0; j < columns; j++) {
    let most = -Infinity;
    for (let i = 0; i < rows; i++) most = Math.max(most, payoff[i]![j]!);
    if (most === maximin) return { value: maximin, row: pure(rows, bestRow), column: pure(columns, j) };
  }
  return undefined;
};

/** Probabilities proportional to the solution of a linear program: its keys are indices. */
const probabilities = (n: number, variables: readonly (readonly [number, number])[]): Float64Array => {
  const out = new Float64Array(n);
  let sum = 0;
  for (const [, amount] of variables) sum += amount;
  for (const [i, amount] of variables) out[i] = amount / sum;
  return out;
};

/** Best guaranteed: the worst column for these rows. */
const guaranteed = (payoff: Payoff, row: Float64Array, columns: number): number =>
  Math.min(...Array.from({ length: columns }, (_, j) => row.reduce((sum, p, i) => sum + p * payoff[i]![j]!, 0)));
const conceded = (payoff: Payoff, column: Float64Array): number =>
  Math.max(...payoff.map((row) => column.reduce((sum, p, j) => sum + p * row[j]!, 0)));

/**
 * A Nash equilibrium of the zero-sum game in which row i and column j pay `payoff[i][j]` to the row player, by two linear
 * programs (von Neumann 1928; Dantzig 1951), or at once where there is a pure saddle. What either side guarantees is
 * within 10⁻⁸ of the value, relative to the range of the payoffs. Throws a RangeError unless it is a matrix of finite
 * numbers, an Error if the solver fails.
 */
export const zeroSumNash = (payoff: Payoff): ZeroSumSolution => {
  const [rows, columns] = [payoff.length, payoff[0]?.length ?? 0];
  const all = payoff.map((row) => Array.from(row));
  if (columns === 0 || !all.every((row) => row.length === columns && row.every(Number.isFinite))) {
    throw new RangeError(`zeroSumNash: expected a matrix of finite numbers, got ${JSON.stringify(all)}`);
  }
  const pure = saddle(payoff, rows, columns);
  if (pure !== undefined) return pure;
  // Payoffs in [1, 2]: an affine change leaves equilibria as they are, and the value is positive.
  const low = Math.min(...all.flat());
  const range = Math.max(...all.flat()) - low;
  const shifted = (i: number, j: number): number => 1 + (all[i]![j]! - low) / range;
  const program = (n: number, m: number, at: (i: number, k: number) => number, bound: 'min' | 'max') =>
    solve(
      {
        direction: bound === 'min' ? 'minimize' : 'maximize',
        objective: -1,
        constraints: Array.from({ length: m }, (_, k) => [k, { [bound]: 1 }] as const),
        variables: Array.from({ length: n }, (_, i) => {
          const effects = Array.from({ length: m }, (_, k): readonly [number, number] => [k, at(i, k)]);
          return [i, [[-1, 1] as const, ...effects]] as const;
        }),
      },
      { precision: 1e-12 },
    );
  const forRow = program(rows, columns, shifted, 'min');
  const forColumn = program(columns, rows, (j, i) => shifted(i, j), 'max');
  if (forRow.status !== 'optimal' || forColumn.status !== 'optimal') {
    throw new Error(`zeroSumNash: expected optimal linear programs, got ${forRow.status} and ${forColumn.status}`);
  }
  const row = probabilities(rows, forRow.variables);
  const column = probabilities(columns, forColumn.variables);
  const [least, most] = [guaranteed(payoff, row, columns), conceded(payoff, column)];
  if (!(most - least <= 1e-8 * range)) {
    throw new Error(`zeroSumNash: expected both sides to guarantee the same, got ${least} and ${most}`);
  }
  return { value: (least + most) / 2, row, column };
};
