import { box, discrete, flag, oneOf, positive, type ConfigOf, type Scene } from '@troupe/core';
import { classicEnv } from './classic-env.js';
import { common, settingsOf } from './settings.js';
import { solo, type SoloDiscrete } from './solo.js';
import type { ClassicEnv, Lanes, World } from './world.js';

/** Farthest that the cart may be from the middle, metres. */
const TRACK = 2.4;
/** Farthest that the pole may lean, radians. */
const LEAN = (12 * 2 * Math.PI) / 360;

/** Settings of `cartPole`: defaults, ranges and meanings. */
export const cartPoleSettings = {
  ...common(500),
  gravity: positive(9.8, 'metres per second squared'),
  massCart: positive(1, 'kilograms'),
  massPole: positive(0.1, 'kilograms'),
  halfLength: positive(0.5, 'half the length of the pole, metres'),
  force: positive(10, 'push of an action, newtons'),
  timeStep: positive(0.02, 'seconds'),
  integrator: oneOf(
    ['euler', 'semi-implicit euler'],
    'euler',
    'positions move with the old or with the new velocities',
  ),
  suttonBartoReward: flag(false, 'reward 0, and -1 where the pole fell, instead of 1 at every step'),
};
/** Options of `cartPole`; all may be left out. */
export type CartPoleOptions = Partial<ConfigOf<typeof cartPoleSettings>>;

const draw = (state: Float64Array, halfLength: number): Scene => {
  const [x, angle] = [state[0]!, state[2]!];
  const tip: readonly [number, number] = [x + 2 * halfLength * Math.sin(angle), 2 * halfLength * Math.cos(angle)];
  const cart = [
    [x - 0.25, -0.15],
    [x + 0.25, -0.15],
    [x + 0.25, 0.15],
    [x - 0.25, 0.15],
  ] as const;
  return {
    view: { left: -2.6, bottom: -0.5, width: 5.2, height: 2.6 },
    shapes: [
      { kind: 'line', points: [[-TRACK, -0.15], [TRACK, -0.15]], stroke: 'black', width: 0.02 }, // prettier-ignore
      { kind: 'polygon', points: cart, fill: 'rgb(60, 60, 60)' },
      { kind: 'line', points: [[x, 0], tip], stroke: 'rgb(202, 152, 101)', width: 0.09 },
      { kind: 'circle', x, y: 0, radius: 0.05, fill: 'rgb(129, 132, 203)' },
    ],
  };
};

/**
 * A pole on a cart that is pushed left (0) or right (1). Gymnasium's `CartPole-v1`; Barto, Sutton and Anderson 1983.
 *
 * State and observation [4]: position (m), velocity (m/s), angle (rad, 0 is up), angular velocity (rad/s). Reward 1 per
 * step; the episode terminates where |position| > 2.4 or |angle| > 12°, and is truncated after `maxSteps`. Throws a
 * RangeError for settings out of range.
 */
export const cartPole = (options: CartPoleOptions = {}): ClassicEnv<SoloDiscrete> => {
  const settings = settingsOf('cartPole', cartPoleSettings, options);
  const { gravity, massCart, massPole, halfLength, force, timeStep, suttonBartoReward } = settings;
  const euler = settings.integrator === 'euler';
  const total = massCart + massPole;
  const poleMoment = massPole * halfLength;
  const bounds = [2 * TRACK, Infinity, 2 * LEAN, Infinity];
  const [alive, fallen] = suttonBartoReward ? [0, -1] : [1, 1];

  const advance = ({ numEnvs, state, actions, rewards, terminated }: Lanes): void => {
    const [action, reward] = [actions[0]!, rewards[0]!];
    for (let e = 0, at = 0; e < numEnvs; e++, at += 4) {
      // One constant per number: destructuring would box them.
      const x = state[at]!;
      const v = state[at + 1]!;
      const angle = state[at + 2]!;
      const spin = state[at + 3]!;
      const push = action[e] === 1 ? force : -force;
      const cos = Math.cos(angle);
      const sin = Math.sin(angle);
      const shared = (push + poleMoment * spin * spin * sin) / total;
      const spinChange = (gravity * sin - cos * shared) / (halfLength * (4 / 3 - (massPole * cos * cos) / total));
      const change = shared - (poleMoment * spinChange * cos) / total;
      const newV = v + timeStep * change;
      const newSpin = spin + timeStep * spinChange;
      const newX = x + timeStep * (euler ? v : newV);
      const newAngle = angle + timeStep * (euler ? spin : newSpin);
      state[at] = newX;
      state[at + 1] = newV;
      state[at + 2] = newAngle;
      state[at + 3] = newSpin;
      const fell = newX < -TRACK || newX > TRACK || newAngle < -LEAN || newAngle > LEAN;
      terminated[e] = fell ? 1 : 0;
      reward[e] = fell ? fallen : alive;
    }
  };

  const world: World<SoloDiscrete> = {
    name: 'cart-pole',
    groups: solo(box([4], { low: bounds.map((bound) => -bound), high: bounds }), discrete(2)),
    stateSize: 4,
    begin({ state, streams }, e) {
      for (let k = 0; k < 4; k++) state[4 * e + k] = -0.05 + 0.1 * streams[e]!.uniform();
    },
    advance,
    observe({ state }, from, to, [out]) {
      for (let k = 4 * from; k < 4 * to; k++) out![k] = state[k]!;
    },
    draw: (state) => draw(state, halfLength),
  };
  return classicEnv(world, settings);
};
