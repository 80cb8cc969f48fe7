/**
 * Solves (G + λI) w = b for symmetric positive definite G [F, F] by Cholesky, in place of b; G is destroyed. Features that
 * were never met (a row of G without anything) keep `w`. Returns false where features depend on each other.
 */
export const solveRidge = (
  gram: Float64Array,
  right: Float64Array,
  ridge: number,
  weights: Float64Array,
  from: number,
): boolean => {
  const n = right.length;
  const scale = (i: number): number => gram[i * n + i]!;
  let largest = 0;
  for (let i = 0; i < n; i++) largest = Math.max(largest, scale(i));
  const met = Array.from({ length: n }, (_, i) => i).filter((i) => scale(i) > 0);
  for (const i of met) gram[i * n + i]! += ridge;
  for (let k = 0; k < met.length; k++) {
    const i = met[k]!;
    for (let l = 0; l <= k; l++) {
      const j = met[l]!;
      let sum = gram[i * n + j]!;
      for (let m = 0; m < l; m++) {
        const left = gram[i * n + met[m]!]!;
        if (left !== 0) sum -= left * gram[j * n + met[m]!]!;
      }
      if (k !== l) gram[i * n + j] = sum / gram[j * n + j]!;
      else if (sum > 1e-12 * (largest + ridge)) gram[i * n + i] = Math.sqrt(sum);
      else return false;
    }
    let sum = right[i]!;
    for (let m = 0; m < k; m++) sum -= gram[i * n + met[m]!]! * right[met[m]!]!;
    right[i] = sum / gram[i * n + i]!;
  }
  for (let k = met.length - 1; k >= 0; k--) {
    const i = met[k]!;
    let sum = right[i]!;
    for (let m = k + 1; m < met.length; m++) sum -= gram[met[m]! * n + i]! * right[met[m]!]!;
    right[i] = sum / gram[i * n + i]!;
  }
  for (const i of met) weights[from + i] = right[i]!;
  return true;
};
