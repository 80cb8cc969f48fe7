/** Whose equations of motion: the book's (Sutton and Barto 1998, section 11.3) or those of Sutton's paper of 1996. */
export type AcrobotEquations = 'book' | 'nips';

/** Masses, lengths and moments of inertia of both links are 1; their centres of mass lie in the middle. */
const [MASS, LENGTH, MIDDLE, INERTIA, GRAVITY] = [1, 1, 0.5, 1, 9.8];
const STEP = 0.2;

/** Writes the time derivative of `s` (two angles, two velocities, torque) into `out` [4]. */
const derivative = (s: Float64Array, out: Float64Array, book: boolean): void => {
  // One constant per number: destructuring would box them.
  const angle1 = s[0]!;
  const angle2 = s[1]!;
  const spin1 = s[2]!;
  const spin2 = s[3]!;
  const torque = s[4]!;
  const cos2 = Math.cos(angle2);
  const sin2 = Math.sin(angle2);
  const d1 = MASS * MIDDLE ** 2 + MASS * (LENGTH ** 2 + MIDDLE ** 2 + 2 * LENGTH * MIDDLE * cos2) + INERTIA + INERTIA;
  const d2 = MASS * (MIDDLE ** 2 + LENGTH * MIDDLE * cos2) + INERTIA;
  const phi2 = MASS * MIDDLE * GRAVITY * Math.cos(angle1 + angle2 - Math.PI / 2);
  const phi1 =
    -MASS * LENGTH * MIDDLE * spin2 * spin2 * sin2 -
    2 * MASS * LENGTH * MIDDLE * spin2 * spin1 * sin2 +
    (MASS * MIDDLE + MASS * LENGTH) * GRAVITY * Math.cos(angle1 - Math.PI / 2) +
    phi2;
  const centrifugal = book ? MASS * LENGTH * MIDDLE * spin1 * spin1 * sin2 : 0;
  const change2 = (torque + (d2 / d1) * phi1 - centrifugal - phi2) / (MASS * MIDDLE ** 2 + INERTIA - (d2 * d2) / d1);
  out[0] = spin1;
  out[1] = spin2;
  out[2] = -(d2 * change2 + phi1) / d1;
  out[3] = change2;
};

/**
 * One step of 0.2 s with the classical fourth-order Runge-Kutta method, in place: two angles (rad), two angular velocities
 * (rad/s), torque (which stays). Nothing is wrapped or bounded here.
 */
export const acrobotMotion = (equations: AcrobotEquations): ((state: Float64Array) => void) => {
  const book = equations === 'book';
  const slopes = [0, 1, 2, 3].map(() => new Float64Array(4));
  const [k1, k2, k3, k4] = slopes as [Float64Array, Float64Array, Float64Array, Float64Array];
  const there = new Float64Array(5);
  const reach = (state: Float64Array, slope: Float64Array, half: boolean): void => {
    const time = half ? STEP / 2 : STEP;
    for (let i = 0; i < 4; i++) there[i] = state[i]! + time * slope[i]!;
  };
  return (state) => {
    there[4] = state[4]!;
    derivative(state, k1, book);
    reach(state, k1, true);
    derivative(there, k2, book);
    reach(state, k2, true);
    derivative(there, k3, book);
    reach(state, k3, false);
    derivative(there, k4, book);
    for (let i = 0; i < 4; i++) state[i]! += (STEP / 6) * (k1[i]! + 2 * k2[i]! + 2 * k3[i]! + k4[i]!);
  };
};
