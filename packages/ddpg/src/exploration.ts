import { boundOf, slotsOf, sizeOf, type Box, type Explore, type Group } from '@troupe/core';
import type { MaddpgConfig } from './settings.js';

/** Uhlenbeck and Ornstein 1930, as DDPG uses it (Lillicrap et al. 2016): dx = −θ x + σ N(0, 1) per step. */
const OU_THETA = 0.15;
const OU_SIGMA = 0.2;

const boxOf = (group: Group): Box | undefined =>
  group.action.kind === 'box' ? group.action : group.action.kind === 'hybrid' ? group.action.box : undefined;

/** Noise on the real part of a group's actions, clipped to their bounds; undefined where there is none to explore. */
export const explorationOf = (group: Group, config: MaddpgConfig): Explore | undefined => {
  const box = boxOf(group);
  if (!box || config.exploration === 'none') return undefined;
  const [rows, width, reals] = [slotsOf(group.agents), sizeOf(group.action), sizeOf(box)];
  const correlated = config.exploration === 'ornsteinUhlenbeck';
  let memory = new Float64Array(0);
  const scaleAt = (fraction: number): number =>
    config.explorationScale + (config.explorationEnd - config.explorationScale) * Math.min(1, fraction);
  return {
    perturb(action, numEnvs, rng, clock) {
      if (correlated && memory.length !== numEnvs * rows * reals) memory = new Float64Array(numEnvs * rows * reals);
      const scale = scaleAt(clock.steps / clock.total);
      for (let row = 0; row < numEnvs * rows; row++) {
        for (let i = 0; i < reals; i++) {
          let noise = rng.normal();
          if (correlated) {
            const x = memory[row * reals + i]!;
            noise = memory[row * reals + i] = x - OU_THETA * x + OU_SIGMA * noise;
          }
          const [low, high] = [boundOf(box.low, i), boundOf(box.high, i)];
          const at = row * width + i;
          const value = action[at]! + (noise * scale * (high - low)) / 2;
          action[at] = Math.min(high, Math.max(low, value));
        }
      }
    },
    begin(started) {
      started.forEach((flag, e) => {
        if (flag === 1) memory.fill(0, e * rows * reals, (e + 1) * rows * reals);
      });
    },
    save: () => memory.slice(),
    load: (saved) => {
      memory = Float64Array.from(saved as Float64Array);
    },
  };
};
