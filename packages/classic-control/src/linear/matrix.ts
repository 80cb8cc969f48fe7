/** A matrix as rows of numbers. */
export type Matrix = readonly (readonly number[])[];

const from = (rows: number, columns: number, f: (i: number, j: number) => number): number[][] =>
  Array.from({ length: rows }, (_, i) => Array.from({ length: columns }, (_, j) => f(i, j)));

/** factor · I */
export const identity = (n: number, factor = 1): number[][] => from(n, n, (i, j) => (i === j ? factor : 0));

const columnsOf = (a: Matrix): number => a[0]?.length ?? 0;

/** aᵀ */
export const transposed = (a: Matrix): number[][] => from(columnsOf(a), a.length, (i, j) => a[j]![i]!);

/** a + factor · b */
export const plus = (a: Matrix, b: Matrix, factor = 1): number[][] =>
  from(a.length, columnsOf(a), (i, j) => a[i]![j]! + factor * b[i]![j]!);

/** factor · a */
export const scaled = (a: Matrix, factor: number): number[][] =>
  from(a.length, columnsOf(a), (i, j) => factor * a[i]![j]!);

/** a · b */
export const times = (a: Matrix, b: Matrix): number[][] =>
  from(a.length, columnsOf(b), (i, j) => b.reduce((sum, row, k) => sum + a[i]![k]! * row[j]!, 0));

/** aᵀ · m · b */
export const sandwich = (a: Matrix, m: Matrix, b: Matrix): number[][] => times(transposed(a), times(m, b));

/** Two matrices above each other. */
export const stacked = (a: Matrix, b: Matrix): number[][] => [...a, ...b].map((row) => [...row]);
/** Two matrices side by side. */
export const joined = (a: Matrix, b: Matrix): number[][] => a.map((row, i) => [...row, ...b[i]!]);

/** The greatest absolute value. */
export const largest = (a: Matrix): number => Math.max(0, ...a.flat().map(Math.abs));
/** Rounding makes what should be symmetric a little asymmetric, which grows. */
export const symmetric = (a: Matrix): number[][] => from(a.length, a.length, (i, j) => (a[i]![j]! + a[j]![i]!) / 2);
/** Sum of the diagonal. */
export const trace = (a: Matrix): number => a.reduce((sum, row, i) => sum + row[i]!, 0);
/** xᵀ · m · x */
export const quadratic = (m: Matrix, x: readonly number[]): number =>
  m.reduce((sum, row, i) => sum + x[i]! * row.reduce((inner, value, j) => inner + value * x[j]!, 0), 0);

/** Whether a symmetric matrix is positive definite: its Cholesky factor exists. */
export const isPositiveDefinite = (a: Matrix): boolean => {
  const l = from(a.length, a.length, () => 0);
  for (let i = 0; i < a.length; i++) {
    for (let j = 0; j <= i; j++) {
      let rest = a[i]![j]!;
      for (let k = 0; k < j; k++) rest -= l[i]![k]! * l[j]![k]!;
      if (i === j && !(rest > 0)) return false;
      l[i]![j] = i === j ? Math.sqrt(rest) : rest / l[j]![j]!;
    }
  }
  return true;
};

/** Throws a RangeError unless the matrix has this many rows and columns of finite numbers. */
export const requireMatrix = (where: string, a: Matrix, rows: number, columns: number): void => {
  const fits = a.length === rows && a.every((row) => row.length === columns && row.every(Number.isFinite));
  if (!fits) {
    throw new RangeError(`${where}: expected ${rows} × ${columns} finite numbers, got ${JSON.stringify(a)}`);
  }
};
