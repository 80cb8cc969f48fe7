import { decode, fraction, nonNegative, positive, type ConfigOf } from '@troupe/core';
import { linearSettings } from '../linear/settings.js';

const { discount, learningRate, visitPower, epsilonStart, epsilonEnd, epsilonFraction } = linearSettings;

/** Settings of `opponentModels`. */
export const opponentModelSettings = {
  discount,
  learningRate,
  visitPower,
  prior: nonNegative(1, 'how often every choice of the others counts as seen before the beginning'),
  forgetting: fraction(0, 'share of the counts that is lost with every row of a state, for opponents that learn too'),
  limit: positive(1e7, 'most entries of a table: states times joint actions'),
  epsilonStart,
  epsilonEnd,
  epsilonFraction,
} as const;
/** Settings of `opponentModels`. */
export type OpponentModelConfig = ConfigOf<typeof opponentModelSettings>;
/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeOpponentModels = decode(opponentModelSettings);
