import {
  acrobot,
  cartPole,
  mountainCar,
  mountainCarContinuous,
  pendulum,
  type ClassicEnv,
  type SoloContinuous,
  type SoloDiscrete,
} from '@troupe/classic-control';
import { rng } from '@troupe/core';
import ndarray from 'ndarray';

interface GoldenTrajectory {
  readonly env: string;
  readonly mode: string;
  readonly wide: boolean;
  readonly actions: readonly (number | readonly number[])[];
  readonly state: readonly (readonly number[])[];
  readonly obs: readonly (readonly number[])[];
  readonly reward: readonly number[];
  readonly terminated: readonly boolean[];
  readonly resets: readonly {
    readonly after_step: number;
    readonly state: readonly number[];
    readonly obs: readonly number[];
  }[];
}

/** Trajectories of Gymnasium's classic control, recorded without a time limit. */
export interface ClassicGolden {
  readonly gymnasium: string;
  readonly trajectories: readonly GoldenTrajectory[];
}

/** How far a replay was from what was recorded. */
export interface ClassicReplay {
  readonly passed: boolean;
  readonly steps: number;
  readonly stateError: number;
  readonly observationError: number;
  readonly rewardError: number;
  readonly flagsExact: boolean;
  /** Where it first failed. */
  readonly message?: string;
}

interface Settings {
  readonly numEnvs: number;
  readonly maxSteps: null;
}
const makers: Readonly<Record<string, (settings: Settings) => ClassicEnv<SoloDiscrete> | ClassicEnv<SoloContinuous>>> =
  {
    'CartPole-v1': cartPole,
    'Pendulum-v1': pendulum,
    'MountainCar-v0': mountainCar,
    'MountainCarContinuous-v0': mountainCarContinuous,
    'Acrobot-v1': acrobot,
  };

/** Whether this is golden data of classic control. */
export const isClassicGolden = (golden: unknown): golden is ClassicGolden =>
  typeof golden === 'object' &&
  golden !== null &&
  'gymnasium' in golden &&
  'trajectories' in golden &&
  Array.isArray(golden.trajectories);

const [STATE, OBSERVATION, REWARD] = [1e-12, 1e-6, 1e-6];

/**
 * Replays golden data of classic control through the public interface, teacher-forced: one step from each recorded state, in
 * environment `lane` of `numEnvs`, the others do nothing in particular. Observations after resets are compared too. Errors
 * of rewards are relative to 1 or the reward.
 */
export const replayClassicControl = (golden: ClassicGolden, { numEnvs = 1, lane = 0 } = {}): ClassicReplay => {
  let [steps, stateError, observationError, rewardError, flagsExact] = [0, 0, 0, 0, true];
  let message: string | undefined;
  const note = (fits: boolean, where: string): void => {
    if (!fits) message ??= where;
  };
  const apart = (a: ArrayLike<number>, b: readonly number[]): number =>
    a.length === b.length ? Math.max(...b.map((x, i) => Math.abs(x - a[i]!))) : Infinity;

  for (const [k, trajectory] of golden.trajectories.entries()) {
    const make = makers[trajectory.env];
    if (make === undefined) throw new TypeError(`replayClassicControl: no environment ${trajectory.env}`);
    // The two kinds of groups differ in their actions only, which are written without types here.
    const env = make({ numEnvs, maxSteps: null }) as ClassicEnv<SoloDiscrete>;
    const continuous = (env.groups.agent.action.kind as string) === 'box';
    const data = continuous ? new Float32Array(numEnvs) : new Int32Array(numEnvs);
    const actions = ndarray(data, continuous ? [numEnvs, 1, 1] : [numEnvs, 1]);
    const seenIn = (observation: ndarray.NdArray<Float32Array>): Float32Array => {
      const size = observation.shape[2]!;
      return observation.data.slice(lane * size, (lane + 1) * size);
    };
    const first = env.reset(rng(0)).agent.observation;
    let from = trajectory.state[0]!;
    env.setWorldState(lane, { values: from });
    note(apart(seenIn(first), trajectory.obs[0]!) <= OBSERVATION, `trajectory ${k}: first observation`);
    trajectory.actions.forEach((action, t) => {
      const where = `trajectory ${k} (${trajectory.mode}), step ${t}`;
      data[lane] = typeof action === 'number' ? action : action[0]!;
      env.setWorldState(lane, { values: from });
      const step = env.step({ agent: actions });
      const over = step.last[lane] === 1;
      const values = (over ? env.finalState(lane)! : env.worldState(lane)).values;
      const errors = [
        apart(values, trajectory.state[t + 1]!),
        apart(seenIn(step.next.agent.observation), trajectory.obs[t + 1]!),
        Math.abs(step.reward.agent.data[lane]! - trajectory.reward[t]!) / Math.max(1, Math.abs(trajectory.reward[t]!)),
      ] as const;
      const flags = over === trajectory.terminated[t] && step.discount.agent.data[lane] === (over ? 0 : 1);
      note(errors[0] <= STATE, `${where}: state`);
      note(errors[1] <= OBSERVATION, `${where}: observation`);
      note(errors[2] <= REWARD, `${where}: reward`);
      note(flags, `${where}: terminated`);
      [stateError, observationError] = [Math.max(stateError, errors[0]), Math.max(observationError, errors[1])];
      rewardError = Math.max(rewardError, errors[2]);
      flagsExact &&= flags;
      steps += 1;
      from = trajectory.state[t + 1]!;
      const reset = trajectory.resets.find(({ after_step }) => after_step === t);
      if (reset !== undefined) {
        from = reset.state;
        env.setWorldState(lane, { values: from });
        note(apart(seenIn(step.current.agent.observation), reset.obs) <= OBSERVATION, `${where}: observation at reset`);
      }
    });
  }
  const passed = message === undefined && steps > 0;
  return { passed, steps, stateError, observationError, rewardError, flagsExact, ...(message && { message }) };
};
