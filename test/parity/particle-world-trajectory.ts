import { rng, sizeOf, type Groups } from '@troupe/core';
import type { ParticleActions, ParticleEnv } from '@troupe/particle-world';
import ndarray from 'ndarray';
import { goalsOf, makeParticleEnv, type GoldenGoals, type GoldenSource } from './particle-world-golden.js';
import { tally, type ParticleReplay } from './particle-world-tally.js';

/** What a replay needs of a trajectory (`mpe-golden/1`). */
export interface GoldenTrajectory extends GoldenSource {
  readonly format: 'mpe-golden/1';
  readonly agents: readonly string[];
  readonly spaces: readonly { readonly action: { readonly discrete: number } | { readonly box: number } }[];
  readonly initial: {
    readonly agents: readonly {
      readonly pos: readonly number[];
      readonly vel: readonly number[];
      readonly c: readonly number[];
    }[];
    readonly landmarks: readonly { readonly pos: readonly number[] }[];
    readonly goals?: GoldenGoals;
    readonly obs: readonly (readonly number[])[];
  };
  readonly steps: readonly GoldenStep[];
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

/** Where each agent is in the arrays of its group. */
const seats = (env: ParticleEnv<Groups>, agents: readonly string[]) =>
  agents.map((id) => {
    for (const [group, { agents: ids, action, observation }] of Object.entries(env.groups)) {
      if ('max' in ids || !ids.includes(id)) continue;
      return { id, group, slot: ids.indexOf(id), slots: ids.length, action, width: sizeOf(observation) };
    }
    throw new Error(`the environment has no agent '${id}'`);
  });
type Seats = ReturnType<typeof seats>;

/** Actions of one lane in double precision, as the reference was given them; the other lanes' are zeros. */
const actionsOf = (
  env: ParticleEnv<Groups>,
  where: Seats,
  given: GoldenStep['actions'],
  lane: number,
): ParticleActions<Groups> => {
  const actions: Record<string, ParticleActions<Groups>[string]> = {};
  where.forEach(({ group, slot, slots, action }, i) => {
    const width = sizeOf(action);
    const shape = [env.numEnvs, slots, ...(action.kind === 'box' ? [width] : [])];
    const array = (actions[group] ??= ndarray(new Float64Array(env.numEnvs * slots * width), shape));
    [given[i]!].flat().forEach((value, k) => (array.data[(lane * slots + slot) * width + k] = value));
  });
  return actions;
};

/** Free-running from the initial state, through the public `step`, in environment `lane` of `numEnvs`. */
export const replayTrajectory = (golden: GoldenTrajectory, numEnvs: number, lane: number): ParticleReplay => {
  const env = makeParticleEnv(golden, { numEnvs });
  const where = seats(env, golden.agents);
  const errors = tally();
  const { initial } = golden;

  golden.spaces.forEach(({ action }, i) => {
    const ours = where[i]!.action;
    const same =
      'discrete' in action ? ours.kind === 'discrete' && ours.n === action.discrete : sizeOf(ours) === action.box;
    errors.flags(same, `action space of ${where[i]!.id}`);
  });
  const compareSeen = (seen: ReturnType<typeof env.reset>, expected: GoldenStep['obs'], at: string) =>
    where.forEach(({ id, group, slot, slots, width }, i) => {
      const from = (lane * slots + slot) * width;
      const row = seen[group]!.observation.data.subarray(from, from + width);
      errors.observation(row, expected[i]!, `${at}: observation of ${id}`);
    });

  const started = env.reset(rng(0));
  env.setWorldState(lane, {
    agents: initial.agents.map(({ pos, vel, c }) => ({ position: pos, velocity: vel, message: c })),
    landmarks: initial.landmarks.map(({ pos }) => ({ position: pos })),
    goals: goalsOf(initial.goals),
  });
  compareSeen(started, initial.obs, 'start');

  golden.steps.forEach((expected, t) => {
    const at = `step ${t}`;
    const step = env.step(actionsOf(env, where, expected.actions, lane));
    const over = step.last[lane] === 1;
    const { agents } = over ? env.finalState(lane)! : env.worldState(lane);
    agents.forEach(({ position, velocity, message }, i) => {
      const said = expected.c?.[i] ?? message;
      const reference = [...expected.pos[i]!, ...expected.vel[i]!, ...said];
      errors.state([...position, ...velocity, ...message], reference, `${at}: state of ${golden.agents[i]!}`);
    });
    compareSeen(step.next, expected.obs, at);
    env.benchmark(lane).forEach((data, i) => {
      if (expected.benchmark) errors.benchmark(data, expected.benchmark[i]!, `${at}: benchmark data`);
    });
    where.forEach(({ id, group, slot, slots }, i) => {
      const k = lane * slots + slot;
      errors.reward(step.reward[group]!.data[k]!, expected.rewards[i]!, `${at}: reward of ${id}`);
      const terminated = step.discount[group]!.data[k] === 0;
      const exact = terminated === expected.terminated[i] && over === (terminated || expected.truncated[i]!);
      errors.flags(exact, `${at}: flags of ${id}`);
    });
  });
  return errors.result();
};
