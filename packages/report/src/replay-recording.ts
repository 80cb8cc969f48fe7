import {
  copyInto,
  emptyActions,
  evaluate,
  mapGroups,
  rng as seeded,
  type Episode,
  type GroupAction,
  type Groups,
  type JointAction,
  type Policies,
  type Policy,
  type RngState,
  type Scene,
  type VecEnv,
} from '@troupe/core';
import { describeGroups, shortestFloat32, type Recording } from './recording.js';

/** An episode played again. */
export interface ReplayedEpisode<G extends Groups> extends Episode<G> {
  /** What the agents were in when they chose each action: `length` scenes. The state after the last step is not among them, since a `VecEnv` then has already begun the next episode. */
  readonly scenes: readonly Scene[];
}

/** Only what acting needs, so that a look at each call can be put in between. */
const tapped = <G extends Groups>(env: VecEnv<G>, tap: Pick<VecEnv<G>, 'reset' | 'step'>): VecEnv<G> => ({
  groups: env.groups,
  numEnvs: env.numEnvs,
  ...(env.stateSpace && { stateSpace: env.stateSpace }),
  ...tap,
});

/** Copies an action into `held` without negative zeros, which JSON cannot hold, and lists it. */
const hold = (name: string, held: GroupAction, action: GroupAction): readonly number[] => {
  if (held.shape.join() !== action.shape.join()) {
    throw new RangeError(
      `record: expected actions [${held.shape.join(', ')}] of group '${name}', got [${action.shape.join(', ')}]`,
    );
  }
  copyInto(held.data, 0, action);
  return Array.from(held.data, (value, i) => {
    if (!Number.isFinite(value))
      throw new RangeError(`record: expected finite actions of group '${name}', got ${value}`);
    const kept = shortestFloat32(value);
    held.data[i] = kept;
    return kept;
  });
};

/**
 * Plays episodes and writes down what everybody did. These are the episodes that
 * `evaluate({ env, policies, rng: rng(seed), episodes })` plays. One environment is enough unless there are very many.
 *
 * Throws a RangeError for an action of a wrong shape or that is not finite, and what `evaluate` and `rng` throw.
 */
export const record = async <G extends Groups>(
  env: VecEnv<G>,
  policies: Policies<NoInfer<G>>,
  { seed, episodes }: { readonly seed: number; readonly episodes: number },
): Promise<Recording> => {
  const held = emptyActions(env.groups, env.numEnvs);
  const actions: Readonly<Record<string, readonly number[]>>[] = [];
  let stream: RngState | undefined;
  const watched = tapped(env, {
    reset(rng) {
      stream = rng.save();
      return env.reset(rng);
    },
    step(chosen: JointAction<G>) {
      actions.push(mapGroups(env.groups, (_, name) => hold(name, held[name], chosen[name])));
      return env.step(held);
    },
  });
  const played = await evaluate({ env: watched, policies, rng: seeded(seed), episodes });
  return {
    kind: 'troupe recording',
    version: 1,
    seed,
    numEnvs: env.numEnvs,
    groups: describeGroups(env.groups),
    stream: stream!,
    actions,
    episodes: played.episodes.map(({ env: e, length, returns }) => ({ env: e, length, returns })),
  };
};

const requireSame = (env: VecEnv<Groups>, recording: Recording): void => {
  const found = describeGroups(env.groups);
  for (const name of new Set([...Object.keys(recording.groups), ...Object.keys(found)])) {
    const expected = recording.groups[name] ?? 'no such group';
    if (found[name] === expected) continue;
    throw new TypeError(
      `replayRecording: expected group '${name}' as recorded: ${expected}; the environment has: ${found[name] ?? 'no such group'}`,
    );
  }
  if (env.numEnvs !== recording.numEnvs) {
    throw new TypeError(`replayRecording: expected ${recording.numEnvs} environments as recorded, got ${env.numEnvs}`);
  }
};

/** A policy that does again what group `name` did. */
const again = (name: string, recording: Recording, held: GroupAction): Policy => {
  let step = 0;
  return {
    act() {
      const action = recording.actions[step]?.[name];
      if (action?.length !== held.data.length) {
        throw new RangeError(
          `replayRecording: expected ${held.data.length} numbers for group '${name}' in step ${step}, got ${action?.length ?? 'none'}`,
        );
      }
      held.data.set(action);
      step += 1;
      return { action: held };
    },
  };
};

const requireSameEpisode = (k: number, played: Episode<Groups>, recording: Recording): void => {
  const recorded = recording.episodes[k]!;
  const differ = (what: string, expected: number, got: number): never => {
    throw new Error(
      `replayRecording: expected ${what} ${expected} in episode ${k} as recorded, got ${got}: ` +
        'the environment is made with other settings, or has changed since',
    );
  };
  if (played.env !== recorded.env) differ('environment', recorded.env, played.env);
  if (played.length !== recorded.length) differ('length', recorded.length, played.length);
  for (const [name, expected] of Object.entries(recorded.returns)) {
    const got = played.returns[name]!;
    // The last digits of sin and exp may differ between engines.
    if (!(Math.abs(got - expected) <= 1e-6 * Math.max(1, Math.abs(expected)))) {
      differ(`return of '${name}'`, expected, got);
    }
  }
};

/**
 * Plays a recording again in an environment made with the same settings, and draws every step. On the machine where it
 * was recorded the scenes are those of the recording bit for bit.
 *
 * Throws a TypeError for an environment that cannot draw itself, has other groups or another number of copies, and an
 * Error where episodes end otherwise than recorded: the environment is then not the one that was recorded.
 */
export const replayRecording = async <G extends Groups>(
  env: VecEnv<G>,
  recording: Recording,
): Promise<ReplayedEpisode<G>[]> => {
  if (!env.render)
    throw new TypeError("replayRecording: expected an environment with 'render', got one that cannot draw itself");
  requireSame(env, recording);
  const running = Array.from({ length: env.numEnvs }, (): Scene[] => []);
  const finished: Scene[][][] = running.map(() => []);
  const watched = tapped(env, {
    reset() {
      const stream = seeded(0);
      stream.load(recording.stream);
      return env.reset(stream);
    },
    async step(actions) {
      running.forEach((scenes, e) => scenes.push(env.render!(e)));
      const step = await env.step(actions);
      step.last.forEach((last, e) => {
        if (last === 1) finished[e]!.push(running[e]!.splice(0));
      });
      return step;
    },
  });
  const held = emptyActions(env.groups, env.numEnvs);
  const policies = mapGroups(env.groups, (_, name) => again(name, recording, held[name])) as Policies<G>;
  const { episodes } = await evaluate({
    env: watched,
    policies,
    rng: seeded(recording.seed),
    episodes: recording.episodes.length,
  });
  return episodes.map((episode, k) => {
    requireSameEpisode(k, episode, recording);
    return { ...episode, scenes: finished[episode.env]!.shift()! };
  });
};
