import type { Experiment } from './experiment.js';
import { maddpgSpread } from './maddpg-spread.js';
import { maddpgTag } from './maddpg-tag.js';
import { continuousDqnPendulum, nafPendulum } from './pendulum.js';
import { trustRegionClassic } from './trust-region-classic.js';
import { trustRegionParticles } from './trust-region-particles.js';
import { valueClassic } from './value-classic.js';

/** Every experiment. */
export const experiments: readonly Experiment[] = [
  maddpgSpread,
  maddpgTag,
  ...valueClassic,
  nafPendulum,
  continuousDqnPendulum,
  ...trustRegionParticles,
  ...trustRegionClassic,
];
