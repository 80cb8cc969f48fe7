import { count, decode, oneOf, widths, type ConfigOf } from '@troupe/core';
import { valueSettings } from '../value-settings.js';

/** Settings of `vdn`. */
export const vdnSettings = {
  ...valueSettings,
  hidden: { ...valueSettings.hidden, initial: [64, 64] },
  sharing: { ...valueSettings.sharing, initial: 'sharedWithIds' as const },
  targetEvery: { ...valueSettings.targetEvery, initial: 200 },
  double: oneOf(
    ['no', 'online'],
    'online',
    'whose best next choices the target network values: its own, or those of the online network (van Hasselt et al. 2016)',
  ),
  teamReward: oneOf(
    ['mean', 'sum'],
    'mean',
    "a team's reward from those of its active agents: their mean (the reward itself where all get the same), or their sum (EPyMARL)",
  ),
} as const;
/** Settings of `vdn`. */
export type VdnConfig = ConfigOf<typeof vdnSettings>;
/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeVdn = decode(vdnSettings);

/** Settings of `qmix`. */
export const qmixSettings = {
  ...vdnSettings,
  embed: count(32, 'width of the hidden layer of the mixing network'),
  hypernetwork: widths([64], 'hidden layers of the networks that make its weights (authors: none, a linear layer)'),
} as const;
/** Settings of `qmix`. */
export type QmixConfig = ConfigOf<typeof qmixSettings>;
/** Checks settings from outside: every issue, or the settings with defaults filled in. */
export const decodeQmix = decode(qmixSettings);
