/** How far a replay was from the reference. */
export interface ParticleReplay {
  /** Largest absolute error of a position, velocity or message (double precision, no rounding). */
  readonly stateError: number;
  /** Largest error of an emitted observation, as a share of max(1, |value|) (single precision). */
  readonly observationError: number;
  /** Largest error of an emitted reward, as a share of max(1, |value|) (single precision). */
  readonly rewardError: number;
  /** Largest absolute error of benchmark data, where there are some. */
  readonly benchmarkError?: number;
  /** Ends of episodes, and who has a turn when. */
  readonly flagsExact: boolean;
  readonly passed: boolean;
  /** The first thing that was wrong. */
  readonly message?: string;
}

const STATE_TOLERANCE = 1e-9;
/** Half a unit in the last place of single precision, with room for the state tolerance. */
const SINGLE_TOLERANCE = 6.1e-8;

/** Infinity for NaN: it counts as wrong. */
const orInfinity = (error: number): number => (Number.isNaN(error) ? Number.POSITIVE_INFINITY : error);

const worst = (
  got: ArrayLike<number>,
  expected: readonly number[],
  error: (got: number, expected: number) => number,
) =>
  got.length === expected.length
    ? expected.reduce((most, x, k) => Math.max(most, orInfinity(error(got[k]!, x))), 0)
    : Number.POSITIVE_INFINITY;

const absolute = (got: number, expected: number): number => Math.abs(got - expected);
const relative = (got: number, expected: number): number => Math.abs(got - expected) / Math.max(1, Math.abs(expected));

/** Collects the errors of a replay. */
export const tally = () => {
  const errors = { stateError: 0, observationError: 0, rewardError: 0 };
  let benchmarkError: number | undefined;
  let flagsExact = true;
  let message: string | undefined;
  const note = (passed: boolean, what: string): void => {
    if (!passed) message ??= what;
  };
  return {
    state(got: readonly number[], expected: readonly number[], what: string): void {
      const error = worst(got, expected, absolute);
      errors.stateError = Math.max(errors.stateError, error);
      note(error <= STATE_TOLERANCE, what);
    },
    observation(got: ArrayLike<number>, expected: readonly number[], what: string): void {
      const error = worst(got, expected, relative);
      errors.observationError = Math.max(errors.observationError, error);
      note(error <= SINGLE_TOLERANCE, what);
    },
    reward(got: number, expected: number, what: string): void {
      const error = orInfinity(relative(got, expected));
      errors.rewardError = Math.max(errors.rewardError, error);
      note(error <= SINGLE_TOLERANCE, what);
    },
    benchmark(got: readonly number[], expected: readonly number[], what: string): void {
      const error = worst(got, expected, absolute);
      benchmarkError = Math.max(benchmarkError ?? 0, error);
      note(error <= STATE_TOLERANCE, what);
    },
    flags(exact: boolean, what: string): void {
      flagsExact &&= exact;
      note(exact, what);
    },
    result: (): ParticleReplay => ({
      ...errors,
      ...(benchmarkError !== undefined && { benchmarkError }),
      flagsExact,
      passed: message === undefined,
      ...(message !== undefined && { message }),
    }),
  };
};
