import { slotsOf, sizeOf, type Groups, type Rng } from '@troupe/core';
import ndarray from 'ndarray';
import {
  acrobot,
  cartPole,
  chain,
  chicken,
  doubleIntegrator,
  gridWorld,
  linearQuadratic,
  linearQuadraticGame,
  mountainCar,
  mountainCarContinuous,
  pendulum,
  pointRobot,
  rockPaperScissors,
  soccer,
  tabularTeam,
  tabularWorld,
  twoStep,
  uprightPendulum,
  type ActionsRead,
  type ClassicEnv,
} from '../src/index.js';

export interface Shared {
  readonly numEnvs?: number;
  readonly maxSteps?: number | null;
}
/** Environments of any groups, seen from outside. */
export type Any = Omit<ClassicEnv<Groups>, 'step'> & {
  step(actions: Readonly<Record<string, ActionsRead>>): ReturnType<ClassicEnv<Groups>['step']>;
};
export type Make = (options: Shared) => Any;

/** Every world, as it comes and in its variants. */
export const worlds: readonly (readonly [string, Make])[] = [
  ['cart-pole', cartPole],
  ['cart-pole', (o) => cartPole({ ...o, integrator: 'semi-implicit euler', suttonBartoReward: true, massPole: 0.3 })],
  ['pendulum', pendulum],
  ['mountain-car', mountainCar],
  ['mountain-car-continuous', mountainCarContinuous],
  ['acrobot', acrobot],
  ['acrobot', (o) => acrobot({ ...o, equations: 'nips', torqueNoise: 0.5 })],
  ['point-robot', pointRobot],
  ['point-robot', (o) => pointRobot({ ...o, showGoal: true, goal: [0.5, -0.5] })],
  // So wide that every reward tells of the goal: else random play never finds out where it is.
  ['sparse-point-robot', (o) => pointRobot({ ...o, reward: 'sparse', radius: 1.5 })],
  ['linear-quadratic', (o) => linearQuadratic(doubleIntegrator, { ...o, noise: [0, 0.1] })],
  ['linear-quadratic-game', (o) => linearQuadraticGame({ ...uprightPendulum, beta: 0.3 }, { ...o, noise: 0.01 })],
  ['chain', (o) => tabularWorld(chain(), o)],
  ['grid-world', (o) => tabularWorld(gridWorld(['S.G', '.#P', 'S..'], { slip: 0.2 }), o)],
  ['chicken', (o) => tabularWorld(chicken({ repeated: true }), o)],
  ['rock-paper-scissors', (o) => tabularTeam(rockPaperScissors(), o)],
  ['two-step', (o) => tabularTeam(twoStep(), o)],
  ['soccer', (o) => tabularWorld(soccer(), o)],
];

/** Random actions, those of environment e from stream e. */
export const play = (env: Any, streams: readonly Rng[]): Record<string, ActionsRead> =>
  Object.fromEntries(
    Object.entries(env.groups).map(([name, { agents, action }]) => {
      const [n, size] = [slotsOf(agents), sizeOf(action)];
      const choices = action.kind === 'discrete' ? action.n : 0;
      const data = choices > 0 ? new Int32Array(env.numEnvs * n) : new Float32Array(env.numEnvs * n * size);
      streams.forEach((stream, e) => {
        for (let k = 0; k < n * size; k++) data[e * n * size + k] = choices > 0 ? stream.int(choices) : stream.normal();
      });
      return [name, ndarray(data, choices > 0 ? [env.numEnvs, n] : [env.numEnvs, n, size])];
    }),
  );

/** A stream for the actions of each environment. */
export const laneStreams = (stream: Rng, numEnvs: number): readonly Rng[] =>
  Array.from({ length: numEnvs }, (_, e) => stream.split(`actions ${e}`));
