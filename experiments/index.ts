import type { Experiment } from './experiment.js';
import { maddpgSpread } from './maddpg-spread.js';
import { maddpgTag } from './maddpg-tag.js';

/** Every experiment. */
export const experiments: readonly Experiment[] = [maddpgSpread, maddpgTag];
