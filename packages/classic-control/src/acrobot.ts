import { box, discrete, nonNegative, oneOf, type ConfigOf, type Scene } from '@troupe/core';
import { acrobotMotion, type AcrobotEquations } from './acrobot-motion.js';
import { classicEnv } from './classic-env.js';
import { common, settingsOf } from './settings.js';
import { solo, type SoloDiscrete } from './solo.js';
import type { ClassicEnv, Lanes, World } from './world.js';

const MAX_SPIN = [4 * Math.PI, 9 * Math.PI] as const;

/** Settings of `acrobot`: defaults, ranges and meanings. */
export const acrobotSettings = {
  ...common(500),
  equations: oneOf<AcrobotEquations>(['book', 'nips'], 'book', 'of motion: Sutton and Barto 1998, or Sutton 1996'),
  torqueNoise: nonNegative(0, 'greatest disturbance of the torque, uniform'),
};
/** Options of `acrobot`; all may be left out. */
export type AcrobotOptions = Partial<ConfigOf<typeof acrobotSettings>>;

const draw = (state: Float64Array): Scene => {
  const [first, second] = [state[0]!, state[0]! + state[1]!];
  const elbow: readonly [number, number] = [Math.sin(first), -Math.cos(first)];
  const tip: readonly [number, number] = [elbow[0] + Math.sin(second), elbow[1] - Math.cos(second)];
  return {
    view: { left: -2.2, bottom: -2.2, width: 4.4, height: 4.4 },
    shapes: [
      { kind: 'line', points: [[-2.2, 1], [2.2, 1]], stroke: 'black', width: 0.02 }, // prettier-ignore
      { kind: 'line', points: [[0, 0], elbow], stroke: 'rgb(0, 204, 204)', width: 0.2 },
      { kind: 'line', points: [elbow, tip], stroke: 'rgb(0, 204, 204)', width: 0.2 },
      { kind: 'circle', x: 0, y: 0, radius: 0.1, fill: 'rgb(204, 204, 0)' },
      { kind: 'circle', x: elbow[0], y: elbow[1], radius: 0.1, fill: 'rgb(204, 204, 0)' },
    ],
  };
};

/** An angle in [-π, π], by whole turns. */
const wrapped = (angle: number): number => {
  while (angle > Math.PI) angle -= 2 * Math.PI;
  while (angle < -Math.PI) angle += 2 * Math.PI;
  return angle;
};

/**
 * Two links, driven at the joint between them by a torque of -1 (0), 0 (1) or 1 (2), that must swing above the line.
 * Gymnasium's `Acrobot-v1`; Sutton 1996. One Runge-Kutta step of 0.2 s per step.
 *
 * State [4]: angle of the first link (rad, 0 is down), of the second against the first, their angular velocities (at most 4π
 * and 9π). Observation [6]: cosine and sine of both angles, the velocities. Reward -1 per step, 0 where it terminates; truncated
 * after `maxSteps`. Throws a RangeError for settings out of range.
 */
export const acrobot = (options: AcrobotOptions = {}): ClassicEnv<SoloDiscrete> => {
  const settings = settingsOf('acrobot', acrobotSettings, options);
  const { torqueNoise } = settings;
  const move = acrobotMotion(settings.equations);
  /** Four numbers of state, then the torque. */
  const moving = new Float64Array(5);
  const noise = new Float64Array(1);

  const advance = ({ numEnvs, state, actions, rewards, terminated, streams }: Lanes): void => {
    const [action, reward] = [actions[0]!, rewards[0]!];
    for (let e = 0, at = 0; e < numEnvs; e++, at += 4) {
      for (let k = 0; k < 4; k++) moving[k] = state[at + k]!;
      moving[4] = action[e]! - 1;
      if (torqueNoise > 0) moving[4] += torqueNoise * (2 * streams[e]!.fillUniform(noise)[0]! - 1);
      move(moving);
      const first = wrapped(moving[0]!);
      const second = wrapped(moving[1]!);
      state[at] = first;
      state[at + 1] = second;
      state[at + 2] = Math.min(MAX_SPIN[0], Math.max(-MAX_SPIN[0], moving[2]!));
      state[at + 3] = Math.min(MAX_SPIN[1], Math.max(-MAX_SPIN[1], moving[3]!));
      const above = -Math.cos(first) - Math.cos(second + first) > 1;
      terminated[e] = above ? 1 : 0;
      reward[e] = above ? 0 : -1;
    }
  };

  const high = [1, 1, 1, 1, ...MAX_SPIN];
  const world: World<SoloDiscrete> = {
    name: 'acrobot',
    groups: solo(box([6], { low: high.map((bound) => -bound), high }), discrete(3)),
    stateSize: 4,
    begin({ state, streams }, e) {
      for (let k = 0; k < 4; k++) state[4 * e + k] = -0.1 + 0.2 * streams[e]!.uniform();
    },
    advance,
    observe({ state }, from, to, [out]) {
      for (let e = from; e < to; e++) {
        const [at, to6] = [4 * e, 6 * e];
        out![to6] = Math.cos(state[at]!);
        out![to6 + 1] = Math.sin(state[at]!);
        out![to6 + 2] = Math.cos(state[at + 1]!);
        out![to6 + 3] = Math.sin(state[at + 1]!);
        out![to6 + 4] = state[at + 2]!;
        out![to6 + 5] = state[at + 3]!;
      }
    },
    draw,
  };
  return classicEnv(world, settings);
};
