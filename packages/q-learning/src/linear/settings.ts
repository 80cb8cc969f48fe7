import { count, decode, flag, fraction, nonNegative, oneOf, positive, type ConfigOf } from '@troupe/core';

/** Settings of values that are linear in features. A table is linear in the one-hot state. */
export const linearSettings = {
  discount: fraction(0.99, 'γ, what the next step is worth'),
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
  tau: fraction(1, 'share of the online weights that the target takes on at a move; 1 copies'),
  targetEvery: count(1, 'from one move of the target to the next; 1 with tau 1: no target of its own'),
  targetClock: oneOf(['updates', 'steps'], 'updates', 'what targetEvery counts: updates, or environment steps'),
  epsilonStart: fraction(1, 'probability of a uniform legal choice while exploring, at the beginning'),
  epsilonEnd: fraction(0.05, 'the same after epsilonFraction of the run'),
  epsilonFraction: positive(0.5, 'share of the run over which ε falls in a straight line'),
} as const;

/** Settings of `tabularQ` and `linearQ`. */
export type LinearConfig = ConfigOf<typeof linearSettings>;

/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeLinear = decode(linearSettings);
