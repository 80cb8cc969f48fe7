import { breach } from '../check/breach.js';
import type { Actions, Env, Groups } from '../env.js';
import { actionReader, readActions, type ActionReader } from './read-actions.js';
import { requireOptions } from '../require.js';
import { rng as seeded, type Rng, type RngState } from '../rng.js';
import {
  checkRewarded,
  clearSeats,
  freeSeats,
  planOf,
  readLegal,
  readObservations,
  readRewards,
  restoreSeats,
  takeSeats,
  type Seats,
} from './seats.js';
import { sizeOf } from '../space.js';
import { loadFrame, saveFrame, type SavedFrame } from './saved-frame.js';
import { show, writerOf } from './space-value.js';
import { copyFrame, stepArrays, type FrameArrays, type StepArrays } from '../step-arrays.js';
import type { JointAction, JointObservation, VecEnv, VecStep } from '../vec.js';

/** A `VecEnv` that answers at once. */
export interface LocalVecEnv<G extends Groups> extends VecEnv<G> {
  /** Begins an episode everywhere; returns what is seen, not a promise of it. */
  reset(rng: Rng): JointObservation<G>;
  /** One step everywhere; returns what came of it, not a promise. */
  step(actions: JointAction<G>): VecStep<G>;
}

/** What `save` gives: plain data. */
interface Saved {
  readonly kind: 'vectorize';
  readonly envs: readonly unknown[];
  readonly streams: readonly RngState[];
  /** By environment and group: who sits where. */
  readonly seats: readonly (readonly (readonly (string | null)[])[])[];
  readonly frame: SavedFrame;
}

/** Bounds included, since JSON has no infinities. */
const signature = (groups: Groups): string =>
  JSON.stringify(groups, (_, value: unknown) => (typeof value === 'number' ? String(value) : value));

const makeAll = <G extends Groups>(make: () => Env<G>, numEnvs: number): readonly Env<G>[] => {
  if (!Number.isInteger(numEnvs) || numEnvs < 1) {
    throw new RangeError(`vectorize: expected numEnvs to be an integer >= 1, got ${String(numEnvs)}`);
  }
  if (typeof make !== 'function') {
    throw new TypeError(`vectorize: expected a function that makes an environment, got ${show(make)}`);
  }
  const envs = Array.from({ length: numEnvs }, () => make());
  if (new Set(envs).size !== numEnvs) {
    throw new TypeError('vectorize: expected make() to give a new environment at each call, got the same one twice');
  }
  envs.forEach((env, e) => {
    for (const part of ['reset', 'step'] as const) {
      const found = (env as unknown as Readonly<Record<string, unknown>> | undefined)?.[part];
      if (typeof found === 'function') continue;
      throw new TypeError(`vectorize: expected environment ${e} to have a function '${part}', got ${show(found)}`);
    }
  });
  const first = envs[0]!;
  const expected = signature(first.groups);
  envs.forEach((env, e) => {
    if (signature(env.groups) !== expected) {
      throw breach(
        'groups',
        `vectorize: expected the same groups in every environment, got others in environment ${e}`,
      );
    }
    if ((env.state === undefined) !== (env.stateSpace === undefined)) {
      throw breach(
        'state',
        `vectorize: expected 'state' and 'stateSpace' together, got '${env.state ? 'state' : 'stateSpace'}' alone`,
      );
    }
    for (const part of ['legal', 'state'] as const) {
      if ((env[part] === undefined) !== (first[part] === undefined)) {
        throw new TypeError(`vectorize: expected '${part}' in all environments or in none`);
      }
    }
  });
  return envs;
};

/**
 * Runs `numEnvs` copies of an environment in this thread, on typed arrays: the one place where the dictionaries that
 * authors write meet the arrays that learners see.
 *
 * - Slot n of a fixed cast is its n-th agent. In a population `{ max }` an id takes the first free seat and keeps it for
 *   as long as it lives; after its death the seat may be taken from the next step on.
 * - An agent missing in the observations has died: `active` 0, observation 0, every choice legal. The reward of the step
 *   in which it died counts, its `discount` is 0. In a fixed cast it stays dead until the episode ends; its entry in the
 *   actions is then 0.
 * - `legal` may permit nothing once the task has terminated; everything is permitted there in `next`. A choice that it
 *   forbids is refused.
 * - `terminated` sets every discount to 0; `truncated` leaves 1 to the living; if both, terminated wins.
 * - Environment e draws from `rng.split('environment ' + e)`, taken at `reset`: what happens in it does not depend on
 *   `numEnvs`. Later episodes continue that stream.
 * - The arrays and the action dictionaries are used again: an environment that wants to remember an action copies it.
 * - `save` and `load` exist if all environments have both. `load` first resets with the saved stream, so that an
 *   environment that draws while it steps keeps the stream it was given, then hands it what its own `save` gave.
 *
 * Throws a RangeError or TypeError that names the function of the environment, the group, the agent, what was expected and
 * what came, when an environment or a policy breaks the contract.
 */
export const vectorize = <G extends Groups>(
  make: () => Env<G>,
  options: {
    /** Number E of environments. */
    readonly numEnvs: number;
  },
): LocalVecEnv<G> => {
  requireOptions('vectorize', options, ['numEnvs'], '{ numEnvs: 16 }');
  const { numEnvs } = options;
  const envs = makeAll(make, numEnvs);
  const first = envs[0]!;
  const { groups, stateSpace } = first;
  const plans = Object.entries(groups).map(([name, group]) => planOf(name, group));
  const writeState = stateSpace && writerOf(stateSpace);
  const stateSize = stateSpace ? sizeOf(stateSpace) : 0;
  const seats: readonly (readonly Seats[])[] = envs.map((_, e) => plans.map((plan) => takeSeats(plan, e)));
  const readers: readonly ActionReader[] = plans.map((plan) => actionReader(plan, numEnvs));
  const handed = envs.map(() => ({}));
  const parts = { masked: first.legal !== undefined, stateSpace };
  const sets = [stepArrays(groups, numEnvs, parts), stepArrays(groups, numEnvs, parts)] as const;
  let turn: 0 | 1 = 0;
  let streams: readonly Rng[] = [];

  const checkGroups = (from: 'reset' | 'step', e: number, what: string, values: unknown): void => {
    for (const name in values as object) {
      if (!Object.hasOwn(groups, name)) {
        throw breach(
          'groups',
          `vectorize: '${from}' of environment ${e}: ${what}: unknown group '${name}'; expected ${Object.keys(groups).join(', ')}`,
        );
      }
    }
  };

  const requireAnswer = (from: 'reset' | 'step', e: number, answer: unknown): void => {
    if (typeof answer === 'object' && answer !== null && !('then' in answer)) return;
    const got =
      typeof answer === 'object' && answer !== null ? 'a promise (environments answer at once)' : show(answer);
    const expected = from === 'reset' ? 'observations' : '{ observations, rewards, terminated, truncated }';
    throw breach('throws', `vectorize: '${from}' of environment ${e}: expected ${expected}, got ${got}`);
  };

  /** What comes beside the observations. */
  const readRest = (e: number, frame: FrameArrays, over: boolean): void => {
    const env = envs[e]!;
    if (env.legal) {
      const masks = env.legal();
      for (let g = 0; g < plans.length; g++) readLegal(seats[e]![g]!, masks, frame, g, over);
    }
    if (env.state) {
      const wrong = writeState!(env.state(), frame.state!, e * stateSize);
      if (wrong !== undefined) throw breach('state', `vectorize: 'state' of environment ${e}: ${wrong}`);
    }
  };

  const begin = (e: number, frame: FrameArrays): void => {
    const observations: unknown = envs[e]!.reset(streams[e]!);
    requireAnswer('reset', e, observations);
    checkGroups('reset', e, 'observations', observations);
    for (let g = 0; g < plans.length; g++) {
      clearSeats(seats[e]![g]!);
      readObservations('reset', seats[e]![g]!, observations, frame, g);
    }
    readRest(e, frame, false);
  };

  const stepOne = (e: number, set: StepArrays): void => {
    const own = seats[e]!;
    const result = envs[e]!.step(handed[e] as Actions<G>);
    requireAnswer('step', e, result);
    const { observations, rewards, terminated, truncated } = result;
    if (typeof terminated !== 'boolean' || typeof truncated !== 'boolean') {
      throw breach(
        'ending',
        `vectorize: 'step' of environment ${e}: expected terminated and truncated to be true or false, got ` +
          `${show(terminated)} and ${show(truncated)}`,
      );
    }
    checkGroups('step', e, 'observations', observations);
    checkGroups('step', e, 'rewards', rewards);
    for (let g = 0; g < plans.length; g++) {
      const one = own[g]!;
      readRewards(one, rewards, set.reward[g]!);
      readObservations('step', one, observations, set.next, g);
      checkRewarded(one, rewards);
      const { slots } = one.plan;
      for (let seat = 0; seat < slots; seat++) {
        set.discount[g]![e * slots + seat] = !terminated && one.alive[seat] === 1 ? 1 : 0;
      }
      freeSeats(one);
    }
    readRest(e, set.next, terminated);
    set.last[e] = terminated || truncated ? 1 : 0;
  };

  const requireBegun = (what: string): void => {
    if (streams.length === 0) throw new Error(`vectorize: ${what}: expected reset (or load) to be called first`);
  };

  const save = (): Saved => {
    requireBegun('save');
    return {
      kind: 'vectorize',
      envs: envs.map((env) => env.save!()),
      streams: streams.map((stream) => stream.save()),
      seats: seats.map((own) => own.map(({ ids }) => ids.map((id) => id ?? null))),
      frame: saveFrame(sets[turn].current),
    };
  };

  const load = (input: unknown): JointObservation<G> => {
    const saved = input as Saved;
    if (saved?.kind !== 'vectorize' || saved.envs.length !== numEnvs) {
      throw new TypeError(
        `vectorize: load: expected what save of ${numEnvs} environments gave, got ` +
          (saved?.kind === 'vectorize' ? `${saved.envs.length} environments` : show(input)),
      );
    }
    turn = turn === 0 ? 1 : 0;
    const { current } = sets[turn];
    loadFrame(saved.frame, current);
    streams = saved.streams.map((state, e) => {
      const stream = seeded(0);
      stream.load(state);
      envs[e]!.reset(stream);
      stream.load(state);
      envs[e]!.load!(saved.envs[e]);
      seats[e]!.forEach((one, g) => restoreSeats(one, saved.seats[e]![g]!, current.active[g]!));
      return stream;
    });
    return current.views;
  };

  return {
    groups,
    numEnvs,
    ...(stateSpace && { stateSpace }),
    reset(rng) {
      streams = envs.map((_, e) => rng.split(`environment ${e}`));
      turn = turn === 0 ? 1 : 0;
      const { current } = sets[turn];
      for (let e = 0; e < numEnvs; e++) begin(e, current);
      return current.views;
    },
    step(actions) {
      requireBegun('step');
      const { legal } = sets[turn].current;
      for (let g = 0; g < plans.length; g++)
        readActions(readers[g]!, actions[plans[g]!.name], seats, handed, g, legal[g]);
      turn = turn === 0 ? 1 : 0;
      const set = sets[turn];
      for (let e = 0; e < numEnvs; e++) stepOne(e, set);
      copyFrame(set.next, set.current);
      for (let e = 0; e < numEnvs; e++) if (set.last[e] === 1) begin(e, set.current);
      return set.step;
    },
    ...(envs.every((env) => env.render !== undefined) && {
      render(e: number) {
        const env = envs[e];
        if (!env)
          throw new RangeError(`vectorize: render: expected an environment in [0, ${numEnvs}), got ${String(e)}`);
        return env.render!();
      },
    }),
    ...(envs.every((env) => env.save !== undefined && env.load !== undefined) && { save, load }),
    close() {
      for (const env of envs) env.close?.();
    },
  };
};
