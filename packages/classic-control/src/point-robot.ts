import { box, field, flag, oneOf, optional, positive, type ConfigOf, type Scene } from '@troupe/core';
import { classicEnv } from './classic-env.js';
import { common, settingsOf } from './settings.js';
import { solo, type SoloContinuous } from './solo.js';
import type { ClassicEnv, Lanes, World } from './world.js';

/** Farthest that the robot moves along an axis in one step. */
const STRIDE = 0.1;
/** Where the goal is, or where it is drawn. */
export type PointRobotGoal = 'square' | 'half circle' | readonly [number, number];

const isGoal = (u: unknown): u is PointRobotGoal =>
  u === 'square' || u === 'half circle' || (Array.isArray(u) && u.length === 2 && u.every(Number.isFinite));

/** Settings of `pointRobot`: defaults, ranges and meanings. */
export const pointRobotSettings = {
  ...common(20),
  reward: oneOf(
    ['dense', 'sparse'],
    'dense',
    'minus the distance, or 1 minus the distance within the radius and else 0',
  ),
  goal: optional(
    field<PointRobotGoal>(
      'square',
      "'square', 'half circle' or [x, y]",
      'where it is, or where it is drawn in each episode; null: square if dense, half circle if sparse',
      isGoal,
    ),
  ),
  radius: positive(0.2, 'within which the sparse reward is paid'),
  showGoal: flag(false, 'the goal is part of the observation'),
};
/** Options of `pointRobot`; all may be left out. */
export type PointRobotOptions = Partial<ConfigOf<typeof pointRobotSettings>>;

const draw = (state: Float64Array, radius: number, sparse: boolean): Scene => ({
  view: { left: -1.6, bottom: -1.6, width: 3.2, height: 3.2 },
  shapes: [
    { kind: 'circle', x: 0, y: 0, radius: 0.02, fill: 'rgb(160, 160, 160)' },
    { kind: 'circle', x: state[2]!, y: state[3]!, radius: sparse ? radius : 0.05, fill: 'rgb(120, 200, 120)' },
    { kind: 'circle', x: state[0]!, y: state[1]!, radius: 0.06, fill: 'rgb(60, 60, 200)' },
  ],
});

/**
 * A point in the plane that should go to a goal which it may not see: the smallest world for learning to learn. Rakelly et
 * al. 2019 (PEARL), its `point-robot` and `sparse-point-robot`.
 *
 * State [4]: position, goal. Observation: the position [2], with `showGoal` and the goal [4]. Action [2]: displacement per
 * axis in [-0.1, 0.1]. Reward after the move: dense -distance; sparse 1 - distance within `radius` of the goal, else 0. Dense
 * episodes begin uniformly in [-1, 1]², sparse ones at the origin. Goals drawn: uniform in that square, or on the upper half of
 * the unit circle. Never terminates; truncated after `maxSteps`. Throws a RangeError for settings out of range.
 */
export const pointRobot = (options: PointRobotOptions = {}): ClassicEnv<SoloContinuous> => {
  const settings = settingsOf('pointRobot', pointRobotSettings, options);
  const { radius, showGoal } = settings;
  const sparse = settings.reward === 'sparse';
  const goal = settings.goal ?? (sparse ? 'half circle' : 'square');
  const seen = showGoal ? 4 : 2;

  const advance = ({ numEnvs, state, actions, rewards }: Lanes): void => {
    const [action, reward] = [actions[0]!, rewards[0]!];
    for (let e = 0, at = 0; e < numEnvs; e++, at += 4) {
      const x = state[at]! + Math.min(STRIDE, Math.max(-STRIDE, action[2 * e]!));
      const y = state[at + 1]! + Math.min(STRIDE, Math.max(-STRIDE, action[2 * e + 1]!));
      state[at] = x;
      state[at + 1] = y;
      // One constant per number: destructuring would box them.
      const toX = x - state[at + 2]!;
      const toY = y - state[at + 3]!;
      const distance = Math.sqrt(toX * toX + toY * toY);
      reward[e] = sparse ? (distance <= radius ? 1 - distance : 0) : -distance;
    }
  };

  const world: World<SoloContinuous> = {
    name: sparse ? 'sparse-point-robot' : 'point-robot',
    groups: solo(box([seen]), box([2], { low: -STRIDE, high: STRIDE })),
    stateSize: 4,
    begin({ state, streams }, e) {
      const [at, stream] = [4 * e, streams[e]!];
      state[at] = sparse ? 0 : 2 * stream.uniform() - 1;
      state[at + 1] = sparse ? 0 : 2 * stream.uniform() - 1;
      if (goal === 'square') {
        state[at + 2] = 2 * stream.uniform() - 1;
        state[at + 3] = 2 * stream.uniform() - 1;
      } else if (goal === 'half circle') {
        const angle = Math.PI * stream.uniform();
        state[at + 2] = Math.cos(angle);
        state[at + 3] = Math.sin(angle);
      } else {
        state[at + 2] = goal[0];
        state[at + 3] = goal[1];
      }
    },
    advance,
    observe({ state }, from, to, [out]) {
      for (let e = from; e < to; e++) {
        for (let k = 0; k < seen; k++) out![seen * e + k] = state[4 * e + k]!;
      }
    },
    draw: (state) => draw(state, radius, sparse),
  };
  return classicEnv(world, settings);
};
