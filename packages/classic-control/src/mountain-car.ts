import { box, discrete, nonNegative, type ConfigOf } from '@troupe/core';
import { classicEnv } from './classic-env.js';
import { drawMountain, LEFT, MAX_SPEED, RIGHT } from './mountain.js';
import { common, settingsOf } from './settings.js';
import { solo, type SoloDiscrete } from './solo.js';
import type { ClassicEnv, Lanes, World } from './world.js';

const GOAL = 0.5;

/** Settings of `mountainCar`: defaults, ranges and meanings. */
export const mountainCarSettings = {
  ...common(200),
  goalVelocity: nonNegative(0, 'least velocity at the goal'),
  force: nonNegative(0.001, 'change of velocity by an action'),
  gravity: nonNegative(0.0025, 'greatest change of velocity by the slope'),
};
/** Options of `mountainCar`; all may be left out. */
export type MountainCarOptions = Partial<ConfigOf<typeof mountainCarSettings>>;

/**
 * A car too weak for the hill, which must swing up: push left (0), not at all (1), right (2). Gymnasium's `MountainCar-v0`;
 * Moore 1990.
 *
 * State and observation [2]: position in [-1.2, 0.6], velocity in [-0.07, 0.07] per step. Reward -1 per step; terminates at
 * position 0.5 with at least `goalVelocity`, truncated after `maxSteps`. Throws a RangeError for settings out of range.
 */
export const mountainCar = (options: MountainCarOptions = {}): ClassicEnv<SoloDiscrete> => {
  const settings = settingsOf('mountainCar', mountainCarSettings, options);
  const { goalVelocity, force, gravity } = settings;

  const advance = ({ numEnvs, state, actions, rewards, terminated }: Lanes): void => {
    const action = actions[0]!;
    for (let e = 0, at = 0; e < numEnvs; e++, at += 2) {
      const pushed = state[at + 1]! + (action[e]! - 1) * force - Math.cos(3 * state[at]!) * gravity;
      let velocity = Math.min(MAX_SPEED, Math.max(-MAX_SPEED, pushed));
      const position = Math.min(RIGHT, Math.max(LEFT, state[at]! + velocity));
      if (position === LEFT && velocity < 0) velocity = 0;
      state[at] = position;
      state[at + 1] = velocity;
      terminated[e] = position >= GOAL && velocity >= goalVelocity ? 1 : 0;
    }
    rewards[0]!.fill(-1);
  };

  const world: World<SoloDiscrete> = {
    name: 'mountain-car',
    groups: solo(box([2], { low: [LEFT, -MAX_SPEED], high: [RIGHT, MAX_SPEED] }), discrete(3)),
    stateSize: 2,
    begin({ state, streams }, e) {
      state[2 * e] = -0.6 + 0.2 * streams[e]!.uniform();
      state[2 * e + 1] = 0;
    },
    advance,
    observe({ state }, from, to, [out]) {
      for (let k = 2 * from; k < 2 * to; k++) out![k] = state[k]!;
    },
    draw: (state) => drawMountain(state, GOAL),
  };
  return classicEnv(world, settings);
};
