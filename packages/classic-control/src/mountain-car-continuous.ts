import { box, nonNegative, positive, type ConfigOf } from '@troupe/core';
import { classicEnv } from './classic-env.js';
import { drawMountain, LEFT, MAX_SPEED, RIGHT } from './mountain.js';
import { common, settingsOf } from './settings.js';
import { solo, type SoloContinuous } from './solo.js';
import type { ClassicEnv, Lanes, World } from './world.js';

const GOAL = 0.45;

/** Settings of `mountainCarContinuous`: defaults, ranges and meanings. */
export const mountainCarContinuousSettings = {
  ...common(999),
  goalVelocity: nonNegative(0, 'least velocity at the goal'),
  power: positive(0.0015, 'change of velocity by a push of 1'),
};
/** Options of `mountainCarContinuous`; all may be left out. */
export type MountainCarContinuousOptions = Partial<ConfigOf<typeof mountainCarContinuousSettings>>;

/**
 * The mountain car with a push in [-1, 1]. Gymnasium's `MountainCarContinuous-v0`, which keeps its state in single precision:
 * so does this.
 *
 * State and observation [2]: position in [-1.2, 0.6], velocity in [-0.07, 0.07] per step. Reward -0.1 push² (of the push as
 * it was given, before clipping), and 100 at the goal; terminates at position 0.45 with at least `goalVelocity`, truncated after
 * `maxSteps`. Throws a RangeError for settings out of range.
 */
export const mountainCarContinuous = (options: MountainCarContinuousOptions = {}): ClassicEnv<SoloContinuous> => {
  const settings = settingsOf('mountainCarContinuous', mountainCarContinuousSettings, options);
  const { goalVelocity, power } = settings;

  const advance = ({ numEnvs, state, actions, rewards, terminated }: Lanes): void => {
    const [action, reward] = [actions[0]!, rewards[0]!];
    for (let e = 0, at = 0; e < numEnvs; e++, at += 2) {
      const push = action[e]!;
      const force = Math.min(1, Math.max(-1, push));
      const pushed = state[at + 1]! + force * power - 0.0025 * Math.cos(3 * state[at]!);
      let velocity = Math.min(MAX_SPEED, Math.max(-MAX_SPEED, pushed));
      const position = Math.min(RIGHT, Math.max(LEFT, state[at]! + velocity));
      if (position === LEFT && velocity < 0) velocity = 0;
      const there = position >= GOAL && velocity >= goalVelocity;
      state[at] = Math.fround(position);
      state[at + 1] = Math.fround(velocity);
      terminated[e] = there ? 1 : 0;
      reward[e] = (there ? 100 : 0) - 0.1 * push * push;
    }
  };

  const world: World<SoloContinuous> = {
    name: 'mountain-car-continuous',
    groups: solo(box([2], { low: [LEFT, -MAX_SPEED], high: [RIGHT, MAX_SPEED] }), box([1], { low: -1, high: 1 })),
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
