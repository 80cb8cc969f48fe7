import { decode, field, flag, nonNegative, oneOf, optional, real, widths, type ConfigOf } from '@troupe/core';
import { valueSettings } from '../value-settings.js';

/** Every choice in which implementations of DQN and its relatives differ and that changes results. */
export const dqnSettings = {
  ...valueSettings,
  double: oneOf(
    ['no', 'online', 'twin'],
    'online',
    "who values the next choice: the target network that made it (Mnih et al. 2015), the target network after the online network's choice (van Hasselt et al. 2016), or the other of two networks, one of which learns at a time (van Hasselt 2010)",
  ),
  dueling: flag(false, 'Q = V + A − mean A in two streams (Wang et al. 2016)'),
  streamHidden: widths([], 'hidden layers of each of the two streams'),
  distributional: flag(false, 'learn the distribution of returns on a fixed support (C51: Bellemare et al. 2017)'),
  atoms: field(51, 'an integer >= 2', 'values of the support', (u): u is number => Number.isInteger(u) && (u as number) >= 2), // prettier-ignore
  supportLow: real(-10, 'smallest value of the support'),
  supportHigh: real(10, 'largest value of the support'),
  inputScale: optional(
    field<readonly number[]>(
      [],
      'a list of numbers > 0',
      'what each component of an observation is divided by before the network sees it; null: nothing (Dopamine scales to [-1, 1])',
      (u): u is readonly number[] => Array.isArray(u) && u.every((x) => typeof x === 'number' && x > 0 && x < Infinity),
    ),
  ),
  noisy: flag(false, 'noisy layers with factorised noise (Fortunato et al. 2018); set the ε to 0 with them'),
  noiseStart: nonNegative(0.5, 'σ₀: how noisy the layers begin, times 1 / √inputs'),
} as const;

/** Settings of DQN. */
export type DqnConfig = ConfigOf<typeof dqnSettings>;

/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeDqn = decode(dqnSettings);
