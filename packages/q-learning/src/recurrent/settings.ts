import { count, decode, field, oneOf, type ConfigOf } from '@troupe/core';
import { valueSettings } from '../value-settings.js';

/** Settings of `recurrentDqn`: those of everybody who learns values, and what memory needs. */
export const recurrentDqnSettings = {
  ...valueSettings,
  double: oneOf(['no', 'online'], 'online', 'who chooses in targets: the target network, or the online network'),
  cell: oneOf(['gru', 'lstm'], 'gru', 'what remembers, after the hidden layers'),
  width: count(64, 'width of the cell'),
  burnIn: field(0, 'an integer >= 0', 'steps at the beginning of a sequence that only fill the memory and are not learnt from (Kapturowski et al. 2019: 40 of 120)', (u): u is number => Number.isInteger(u) && (u as number) >= 0), // prettier-ignore
  start: oneOf(
    ['zero', 'stored'],
    'zero',
    'what a sequence begins to remember with: nothing, or what the agent remembered when it was there (kept with the row)',
  ),
} as const;

/** Settings of `recurrentDqn`. */
export type RecurrentDqnConfig = ConfigOf<typeof recurrentDqnSettings>;

/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeRecurrentDqn = decode(recurrentDqnSettings);
