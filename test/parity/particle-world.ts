import { rng, sizeOf, type Groups } from '@troupe/core';
import {
  simple,
  simpleAdversary,
  simpleCrypto,
  simplePush,
  simpleReference,
  simpleSpeakerListener,
  simpleSpread,
  simpleTag,
  simpleWorldComm,
  type ParticleActions,
  type ParticleEnv,
  type WorldState,
} from '@troupe/particle-world';
import ndarray from 'ndarray';

/** The parts of a golden trajectory (`mpe-golden/1`) that a replay needs. */
interface Golden {
  readonly format: string;
  readonly id: string;
  readonly scenario: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly curriculumStage?: number;
  readonly agents: readonly string[];
  readonly initial: {
    readonly agents: readonly GoldenAgent[];
    readonly landmarks: readonly { readonly pos: readonly number[] }[];
    readonly goals?: GoldenGoals;
    readonly obs: readonly (readonly number[])[];
  };
  readonly steps: readonly GoldenStep[];
}
interface GoldenAgent {
  readonly pos: readonly number[];
  readonly vel: readonly number[];
  readonly c: readonly number[];
}
interface GoldenGoals {
  readonly goalLandmark?: number;
  readonly keyLandmark?: number;
  readonly goals?: readonly { readonly landmark: number }[];
}
interface GoldenStep {
  readonly actions: readonly (number | readonly number[])[];
  readonly pos: readonly (readonly number[])[];
  readonly vel: readonly (readonly number[])[];
  readonly c?: readonly (readonly number[])[];
  readonly obs: readonly (readonly number[])[];
  readonly rewards: readonly number[];
  readonly terminated: readonly boolean[];
  readonly truncated: readonly boolean[];
  readonly benchmark?: readonly (readonly number[])[];
}

/** How far a replay was from the reference. */
export interface ParticleReplay {
  /** Largest absolute error of a position, velocity or message (double precision, no rounding). */
  readonly stateError: number;
  /** Largest error of an emitted observation, as a share of max(1, |value|) (single precision). */
  readonly observationError: number;
  /** Largest error of an emitted reward, as a share of max(1, |value|) (single precision). */
  readonly rewardError: number;
  readonly flagsExact: boolean;
  /** Largest absolute error of the benchmark data, where the trajectory has them. */
  readonly benchmarkError?: number;
  readonly passed: boolean;
  readonly message?: string;
}

const STATE_TOLERANCE = 1e-9;
/** Half a unit in the last place of single precision, with room for the state tolerance. */
const SINGLE_TOLERANCE = 6.1e-8;

type Make = (options: Readonly<Record<string, unknown>>) => ParticleEnv<Groups>;

/** Arguments of the reference by our names of them. */
const names: Readonly<Record<string, string>> = {
  max_cycles: 'maxCycles',
  continuous_actions: 'continuous',
  local_ratio: 'localRatio',
  num_agent_neighbors: 'agentNeighbors',
  num_landmark_neighbors: 'landmarkNeighbors',
  terminate_on_success: 'terminateOnSuccess',
  num_good: 'good',
  num_adversaries: 'adversaries',
  num_obstacles: 'obstacles',
  num_food: 'food',
  num_forests: 'forests',
};

const scenarios: Readonly<Record<string, Make>> = {
  simple,
  simple_adversary: simpleAdversary,
  simple_crypto: simpleCrypto,
  simple_push: simplePush,
  simple_reference: simpleReference,
  simple_speaker_listener: simpleSpeakerListener,
  simple_spread: simpleSpread,
  simple_tag: simpleTag,
  simple_world_comm: simpleWorldComm,
};

/** Our settings for the reference's arguments. What is unknown is passed on, so that the environment refuses it. */
const settingsFor = ({ scenario, args, curriculumStage = 0 }: Golden): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(args).flatMap(([name, value]): [string, unknown][] => {
      if (name === 'benchmark_data') return [];
      if (name === 'N') return [[scenario === 'simple_spread' ? 'agents' : 'good', value]];
      if (name === 'curriculum') return value === true ? [['curriculum', curriculumStage]] : [];
      return [[names[name] ?? name, value]];
    }),
  );

const goalsOf = (goals: GoldenGoals | undefined): number[] =>
  goals === undefined
    ? []
    : [goals.goalLandmark, goals.keyLandmark, ...(goals.goals ?? []).map(({ landmark }) => landmark)].filter(
        (goal) => goal !== undefined,
      );

/** Where agent `id` is in the arrays of its group. */
const seats = (env: ParticleEnv<Groups>, agents: readonly string[]) =>
  agents.map((id) => {
    for (const [group, { agents: ids, action, observation }] of Object.entries(env.groups)) {
      if ('max' in ids || !ids.includes(id)) continue;
      return { group, slot: ids.indexOf(id), slots: ids.length, action, width: sizeOf(observation) };
    }
    throw new Error(`the environment has no agent '${id}'`);
  });

const difference = (got: readonly number[], expected: readonly number[]): number =>
  got.length === expected.length
    ? expected.reduce((worst, x, k) => Math.max(worst, Math.abs(got[k]! - x)), 0)
    : Number.POSITIVE_INFINITY;
const relative = (got: number, expected: number): number => Math.abs(got - expected) / Math.max(1, Math.abs(expected));

/** NaN counts as wrong. */
const larger = (a: number, b: number): number => (b <= a ? a : Number.isNaN(b) ? Number.POSITIVE_INFINITY : b);

const isGolden = (golden: unknown): golden is Golden =>
  typeof golden === 'object' &&
  golden !== null &&
  'format' in golden &&
  golden.format === 'mpe-golden/1' &&
  'steps' in golden;

/** Whether this is a trajectory of a particle world that `replayParticleWorld` can replay. */
export const isParticleTrajectory = (golden: unknown): boolean => isGolden(golden) && golden.scenario in scenarios;

const actionsOf = (
  env: ParticleEnv<Groups>,
  where: ReturnType<typeof seats>,
  given: GoldenStep['actions'],
  lane: number,
): ParticleActions<Groups> => {
  const actions: Record<string, ParticleActions<Groups>[string]> = {};
  where.forEach(({ group, slot, slots, action }, i) => {
    const width = sizeOf(action);
    const shape = [env.numEnvs, slots, ...(action.kind === 'box' ? [width] : [])];
    // Double precision: the reference's continuous actions are doubles.
    const array = (actions[group] ??= ndarray(new Float64Array(env.numEnvs * slots * width), shape));
    [given[i]!].flat().forEach((value, k) => (array.data[(lane * slots + slot) * width + k] = value));
  });
  return actions;
};

/**
 * Replays a golden trajectory of a particle world through the public `step`, free-running from its initial state, in
 * environment `lane` of `numEnvs` (the others do nothing). Throws for anything but such a trajectory.
 */
export const replayParticleWorld = (golden: unknown, { numEnvs = 1, lane = 0 } = {}): ParticleReplay => {
  if (!isGolden(golden)) throw new TypeError('replayParticleWorld: expected a trajectory of the format mpe-golden/1');
  const make = scenarios[golden.scenario];
  if (make === undefined) throw new RangeError(`replayParticleWorld: no scenario '${golden.scenario}'`);
  const env = make({ ...settingsFor(golden), numEnvs });
  const where = seats(env, golden.agents);
  let [stateError, observationError, rewardError, flagsExact, message] = [0, 0, 0, true, ''];
  let benchmarkError: number | undefined;
  const note = (passed: boolean, what: string): void => {
    if (!passed && message === '') message = what;
  };

  const compareObservations = (observation: ReturnType<typeof env.reset>, expected: GoldenStep['obs'], at: string) =>
    where.forEach(({ group, slot, slots, width }, i) => {
      const row = expected[i]!;
      const { data } = observation[group]!.observation;
      const error =
        row.length === width
          ? row.reduce((worst, x, k) => larger(worst, relative(data[(lane * slots + slot) * width + k]!, x)), 0)
          : Number.POSITIVE_INFINITY;
      observationError = larger(observationError, error);
      note(error <= SINGLE_TOLERANCE, `${at}: observation of ${golden.agents[i]!}`);
    });
  const compareState = (state: WorldState, expected: GoldenStep, at: string) =>
    state.agents.forEach((agent, i) => {
      const error = Math.max(
        difference(agent.position, expected.pos[i]!),
        difference(agent.velocity, expected.vel[i]!),
        expected.c === undefined ? 0 : difference(agent.message, expected.c[i]!),
      );
      stateError = larger(stateError, error);
      note(error <= STATE_TOLERANCE, `${at}: state of ${golden.agents[i]!}`);
    });

  const { initial } = golden;
  const started = env.reset(rng(0));
  env.setWorldState(lane, {
    agents: initial.agents.map(({ pos, vel, c }) => ({ position: pos, velocity: vel, message: c })),
    landmarks: initial.landmarks.map(({ pos }) => ({ position: pos })),
    goals: goalsOf(initial.goals),
  });
  compareObservations(started, initial.obs, 'start');
  golden.steps.forEach((expected, t) => {
    const at = `step ${t}`;
    const step = env.step(actionsOf(env, where, expected.actions, lane));
    const over = step.last[lane] === 1;
    compareState(over ? env.finalState(lane)! : env.worldState(lane), expected, at);
    compareObservations(step.next, expected.obs, at);
    if (expected.benchmark !== undefined) {
      const errors = env.benchmark(lane).map((got, i) => difference(got, expected.benchmark![i]!));
      benchmarkError = errors.reduce(larger, benchmarkError ?? 0);
      note(benchmarkError <= STATE_TOLERANCE, `${at}: benchmark data`);
    }
    where.forEach(({ group, slot, slots }, i) => {
      const error = relative(step.reward[group]!.data[lane * slots + slot]!, expected.rewards[i]!);
      rewardError = larger(rewardError, error);
      note(error <= SINGLE_TOLERANCE, `${at}: reward of ${golden.agents[i]!}`);
      const terminated = step.discount[group]!.data[lane * slots + slot] === 0;
      const exact =
        terminated === expected.terminated[i] &&
        (over && !terminated) === expected.truncated[i] &&
        (!terminated || over);
      flagsExact &&= exact;
      note(exact, `${at}: flags of ${golden.agents[i]!}`);
    });
  });
  const passed =
    flagsExact &&
    (benchmarkError ?? 0) <= STATE_TOLERANCE &&
    stateError <= STATE_TOLERANCE &&
    observationError <= SINGLE_TOLERANCE &&
    rewardError <= SINGLE_TOLERANCE;
  return {
    stateError,
    observationError,
    rewardError,
    flagsExact,
    passed,
    ...(benchmarkError !== undefined && { benchmarkError }),
    ...(message !== '' && { message }),
  };
};
