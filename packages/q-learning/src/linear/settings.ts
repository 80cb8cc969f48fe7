import { decode, flag, fraction, nonNegative, oneOf, positive, type ConfigOf } from '@troupe/core';
import { valueSettings } from '../value-settings.js';

const { discount, tau, targetEvery, targetClock, epsilonStart, epsilonEnd, epsilonFraction } = valueSettings;

/** Settings of values that are linear in features. A table is linear in the one-hot state. */
export const linearSettings = {
  discount,
  fit: oneOf(
    ['step', 'exact'],
    'step',
    'what a regression is: a semi-gradient step for each row, one after another, or the least-squares solution for all rows (ridge, closed form)',
  ),
  learningRate: positive(0.1, 'α of a step'),
  visitPower: fraction(
    0,
    'tables: α is divided by this power of how often that state and choice have been met; between ½ and 1 Q-learning converges (Watkins and Dayan 1992)',
  ),
  ridge: nonNegative(0, 'λ of the exact fit; 0 needs features that are independent on the rows'),
  double: flag(false, 'two estimates, of which one learns at a time and the other values (van Hasselt 2010)'),
  tau,
  targetEvery: { ...targetEvery, initial: 1 },
  targetClock,
  epsilonStart,
  epsilonEnd,
  epsilonFraction: { ...epsilonFraction, initial: 0.5 },
} as const;

/** Settings of `tabularQ` and `linearQ`. */
export type LinearConfig = ConfigOf<typeof linearSettings>;

/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeLinear = decode(linearSettings);
