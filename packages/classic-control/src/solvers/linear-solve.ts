/**
 * Solves A · X = B by Gaussian elimination with partial pivoting. `a` [n, n] and `b` [n, m] are row-major; both are
 * overwritten, `b` by X. Throws an Error where A is singular to working precision, naming `where`.
 */
export const solveInPlace = (where: string, a: Float64Array, b: Float64Array, n: number): void => {
  const m = b.length / n;
  let scale = 0;
  for (const x of a) scale = Math.max(scale, Math.abs(x));
  for (let k = 0; k < n; k++) {
    let pivot = k;
    for (let i = k + 1; i < n; i++) if (Math.abs(a[i * n + k]!) > Math.abs(a[pivot * n + k]!)) pivot = i;
    if (!(Math.abs(a[pivot * n + k]!) > scale * n * Number.EPSILON)) {
      throw new Error(`${where}: expected linear equations with one solution, got a singular matrix`);
    }
    if (pivot !== k) {
      swapRows(a, n, k, pivot);
      swapRows(b, m, k, pivot);
    }
    for (let i = k + 1; i < n; i++) {
      const factor = a[i * n + k]! / a[k * n + k]!;
      if (factor === 0) continue;
      for (let j = k; j < n; j++) a[i * n + j]! -= factor * a[k * n + j]!;
      for (let j = 0; j < m; j++) b[i * m + j]! -= factor * b[k * m + j]!;
    }
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let j = 0; j < m; j++) {
      let rest = b[i * m + j]!;
      for (let k = i + 1; k < n; k++) rest -= a[i * n + k]! * b[k * m + j]!;
      b[i * m + j] = rest / a[i * n + i]!;
    }
  }
};

const swapRows = (a: Float64Array, width: number, i: number, j: number): void => {
  for (let k = 0; k < width; k++) {
    const kept = a[i * width + k]!;
    a[i * width + k] = a[j * width + k]!;
    a[j * width + k] = kept;
  }
};

/** The X of A · X = B for matrices of rows. */
export const solve = (
  where: string,
  a: readonly (readonly number[])[],
  b: readonly (readonly number[])[],
): number[][] => {
  const [n, m] = [a.length, b[0]?.length ?? 0];
  const x = Float64Array.from(b.flat());
  solveInPlace(where, Float64Array.from(a.flat()), x, n);
  return Array.from({ length: n }, (_, i) => Array.from(x.subarray(i * m, (i + 1) * m)));
};
