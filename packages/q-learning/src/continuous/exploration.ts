import { gaussianNoise, linearSchedule, ornsteinUhlenbeckNoise, type Explore, type Group } from '@troupe/core';

/** The noise that settings ask for on a group's actions; undefined where there is none besides the network's own. */
export const realNoise = (
  group: Group,
  config: {
    readonly exploration: 'precision' | 'gaussian' | 'ornsteinUhlenbeck' | 'none';
    readonly explorationScale: number;
    readonly explorationEnd: number;
  },
): Explore | undefined => {
  const scale = linearSchedule(config.explorationScale, config.explorationEnd);
  if (config.exploration === 'gaussian') return gaussianNoise(group, scale);
  return config.exploration === 'ornsteinUhlenbeck' ? ornsteinUhlenbeckNoise(group, scale) : undefined;
};
