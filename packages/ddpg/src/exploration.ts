import { gaussianNoise, linearSchedule, ornsteinUhlenbeckNoise, type Explore, type Group } from '@troupe/core';
import type { MaddpgConfig } from './settings.js';

/** Noise on the real part of a group's actions; undefined where there is none to explore. */
export const explorationOf = (group: Group, config: MaddpgConfig): Explore | undefined => {
  const real = group.action.kind === 'box' || group.action.kind === 'hybrid';
  if (!real || config.exploration === 'none') return undefined;
  const scale = linearSchedule(config.explorationScale, config.explorationEnd);
  return config.exploration === 'gaussian' ? gaussianNoise(group, scale) : ornsteinUhlenbeckNoise(group, scale);
};
