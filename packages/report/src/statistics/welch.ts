/** What Welch's test found. */
export interface WelchResult {
  /** Student's t. */
  readonly t: number;
  /** Degrees of freedom, by Welch and Satterthwaite. */
  readonly degrees: number;
  /** Two-sided. */
  readonly pValue: number;
}

/** Coefficients of Lanczos' approximation, g = 7, n = 9: relative error below 1e-14. */
const lanczos = [
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
] as const;

/** ln Γ(x) for x > 0. Lanczos 1964. */
const logGamma = (x: number): number => {
  if (x < 0.5) return Math.log(Math.PI / Math.sin(Math.PI * x)) - logGamma(1 - x);
  let series: number = lanczos[0];
  for (let i = 1; i < lanczos.length; i++) series += lanczos[i]! / (x - 1 + i);
  const t = x + 6.5;
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series);
};

/** The continued fraction of the incomplete beta function (DLMF 8.17.22), by the modified method of Lentz 1976. */
const betaFraction = (x: number, a: number, b: number): number => {
  const tiny = 1e-300;
  const safe = (value: number): number => (Math.abs(value) < tiny ? tiny : value);
  let c = 1;
  let d = 1 / safe(1 - ((a + b) * x) / (a + 1));
  let value = d;
  for (let m = 1; m < 1000; m++) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    d = 1 / safe(1 + even * d);
    c = safe(1 + even / c);
    value *= d * c;
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / safe(1 + odd * d);
    c = safe(1 + odd / c);
    value *= d * c;
    if (Math.abs(d * c - 1) < 1e-15) break;
  }
  return value;
};

/** I_x(a, b), the regularised incomplete beta function. */
const incompleteBeta = (x: number, a: number, b: number): number => {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x));
  // The fraction converges fast on this side; the function is symmetric.
  return x < (a + 1) / (a + b + 2) ? (front * betaFraction(x, a, b)) / a : 1 - (front * betaFraction(1 - x, b, a)) / b;
};

/** P(|T| ≥ |t|) of Student's t distribution. */
export const studentTail = (t: number, degrees: number): number =>
  incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5);

/**
 * Welch's t-test (Welch 1947): do two samples have different means, their variances being what they may? Assumes normal
 * scores, in exchange for which it can tell with fewer seeds than a permutation test. Throws a RangeError for fewer than
 * two values on a side, or where neither side varies.
 */
export const welchTest = (x: readonly number[], y: readonly number[]): WelchResult => {
  const moments = (values: readonly number[]) => {
    const mean = values.reduce((a, b) => a + b, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1);
    return { mean, share: variance / values.length };
  };
  if (x.length < 2 || y.length < 2) {
    throw new RangeError(`welchTest: expected at least two values on each side, got ${x.length} and ${y.length}`);
  }
  const [a, b] = [moments(x), moments(y)];
  const total = a.share + b.share;
  if (!(total > 0)) throw new RangeError('welchTest: expected values that vary on at least one side');
  const t = (a.mean - b.mean) / Math.sqrt(total);
  const degrees = total ** 2 / (a.share ** 2 / (x.length - 1) + b.share ** 2 / (y.length - 1));
  return { t, degrees, pValue: studentTail(t, degrees) };
};
