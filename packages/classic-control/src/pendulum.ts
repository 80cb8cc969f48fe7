import { box, positive, type ConfigOf, type Scene } from '@troupe/core';
import { classicEnv } from './classic-env.js';
import { common, settingsOf } from './settings.js';
import { solo, type SoloContinuous } from './solo.js';
import type { ClassicEnv, Lanes, World } from './world.js';

const MAX_SPIN = 8;
const MAX_TORQUE = 2;

/** Settings of `pendulum`: defaults, ranges and meanings. */
export const pendulumSettings = {
  ...common(200),
  gravity: positive(10, 'metres per second squared'),
  mass: positive(1, 'kilograms'),
  length: positive(1, 'metres'),
  timeStep: positive(0.05, 'seconds'),
};
/** Options of `pendulum`; all may be left out. */
export type PendulumOptions = Partial<ConfigOf<typeof pendulumSettings>>;

const draw = (state: Float64Array): Scene => {
  const angle = state[0]!;
  // Angle 0 points up, positive angles to the left.
  const tip: readonly [number, number] = [-Math.sin(angle), Math.cos(angle)];
  return {
    view: { left: -1.3, bottom: -1.3, width: 2.6, height: 2.6 },
    shapes: [
      { kind: 'line', points: [[0, 0], tip], stroke: 'rgb(204, 77, 77)', width: 0.2 },
      { kind: 'circle', x: tip[0], y: tip[1], radius: 0.1, fill: 'rgb(204, 77, 77)' },
      { kind: 'circle', x: 0, y: 0, radius: 0.05, fill: 'black' },
    ],
  };
};

/**
 * A pendulum to be swung up and held by a torque in [-2, 2] that is too weak to lift it at once. Gymnasium's
 * `Pendulum-v1`.
 *
 * State [2]: angle (rad, 0 is up, not wrapped), angular velocity (rad/s, at most 8). Observation [3]: cosine and sine of the
 * angle, angular velocity. Reward -(angle² + 0.1 velocity² + 0.001 torque²) of the state before the step, the angle wrapped
 * to [-π, π). Never terminates; truncated after `maxSteps`. Throws a RangeError for settings out of range.
 */
export const pendulum = (options: PendulumOptions = {}): ClassicEnv<SoloContinuous> => {
  const settings = settingsOf('pendulum', pendulumSettings, options);
  const { gravity, mass, length, timeStep } = settings;
  const turn = 2 * Math.PI;
  const pull = (3 * gravity) / (2 * length);
  const ease = 3 / (mass * length * length);

  const advance = ({ numEnvs, state, actions, rewards }: Lanes): void => {
    const [action, reward] = [actions[0]!, rewards[0]!];
    for (let e = 0, at = 0; e < numEnvs; e++, at += 2) {
      // One constant per number: destructuring would box them.
      const angle = state[at]!;
      const spin = state[at + 1]!;
      const torque = Math.min(MAX_TORQUE, Math.max(-MAX_TORQUE, action[e]!));
      const lean = angle + Math.PI - turn * Math.floor((angle + Math.PI) / turn) - Math.PI;
      reward[e] = -(lean * lean + 0.1 * spin * spin + 0.001 * torque * torque);
      const faster = spin + (pull * Math.sin(angle) + ease * torque) * timeStep;
      const newSpin = Math.min(MAX_SPIN, Math.max(-MAX_SPIN, faster));
      state[at] = angle + newSpin * timeStep;
      state[at + 1] = newSpin;
    }
  };

  const high = [1, 1, MAX_SPIN];
  const world: World<SoloContinuous> = {
    name: 'pendulum',
    groups: solo(
      box([3], { low: high.map((bound) => -bound), high }),
      box([1], { low: -MAX_TORQUE, high: MAX_TORQUE }),
    ),
    stateSize: 2,
    begin({ state, streams }, e) {
      state[2 * e] = Math.PI * (2 * streams[e]!.uniform() - 1);
      state[2 * e + 1] = 2 * streams[e]!.uniform() - 1;
    },
    advance,
    observe({ state }, from, to, [out]) {
      for (let e = from; e < to; e++) {
        out![3 * e] = Math.cos(state[2 * e]!);
        out![3 * e + 1] = Math.sin(state[2 * e]!);
        out![3 * e + 2] = state[2 * e + 1]!;
      }
    },
    draw,
  };
  return classicEnv(world, settings);
};
