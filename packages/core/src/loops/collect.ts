import type { Rule } from '../check/breach.js';
import { inspectFrame, inspectStep } from '../check/frames.js';
import type { Groups } from '../env.js';
import type { Act, Batch, Clock, Episode, GroupBatch, Policies } from '../learn.js';
import type { Rng, RngState } from '../rng.js';
import { slotsOf, type JointAction, type JointObservation, type MaybePromise, type VecEnv, type VecStep } from '../vec.js'; // prettier-ignore

/** Promises are awaited, values are not: an `await` per step is a microtask per step. */
export const isPromise = <T>(value: T | PromiseLike<T>): value is PromiseLike<T> =>
  typeof value === 'object' && value !== null && 'then' in value;

type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** What a collector needs to continue bit for bit. */
interface CollectorState {
  readonly lengths: readonly number[];
  readonly returns: Readonly<Record<string, readonly number[]>>;
  readonly act: Readonly<Record<string, unknown>>;
}

/** Acts in an environment and keeps the account of episodes: what every loop shares. */
export interface Collector<G extends Groups> {
  /** Acts and steps once in every environment: at once, where policies and environment do. The row is valid until the next but one call. */
  step(clock: Clock): MaybePromise<Batch<G>>;
  /** Episodes that ended since the last call. */
  drain(): readonly Episode<G>[];
  save(): CollectorState;
  /** Continues the streams, and the account of episodes where the environment continues too. */
  load(saved: CollectorState, midEpisode: boolean): void;
}

/** Of what an environment hands out first: arrays that are not what they should be. Whatever else there is, `checkEnv` says. */
const refuseShapes = (rule: Rule, message: string): void => {
  if (rule === 'shapes' || rule === 'groups') throw new TypeError(`VecEnv: ${message}`);
};

/** Begins an episode everywhere and returns the collector. Streams: `env`, and `act` with the group's name. */
export const collector = async <G extends Groups>(options: {
  readonly env: VecEnv<G>;
  readonly policies: Policies<G>;
  readonly rng: Rng;
  /** Episodes go on from here instead of beginning at a reset: for a run that continues. */
  readonly current?: JointObservation<G>;
  /** Name of the stream that resets draw from. Default `env`. */
  readonly envStream?: string;
}): Promise<Collector<G>> => {
  const { env, policies, rng } = options;
  const names: readonly (keyof G & string)[] = Object.keys(env.groups);
  const { numEnvs } = env;
  const actStreams = Object.fromEntries(names.map((name) => [name, rng.split(`act ${name}`)]));
  const lengths = new Float64Array(numEnvs);
  const returns = Object.fromEntries(names.map((name) => [name, new Float64Array(numEnvs)]));
  const slots = Object.fromEntries(names.map((name) => [name, slotsOf(env.groups[name]!.agents)]));
  const envIds = Int32Array.from({ length: numEnvs }, (_, e) => e);
  let episodes: Episode<G>[] = [];

  let current = options.current ?? (await env.reset(rng.split(options.envStream ?? 'env')));
  inspectFrame('reset', env, current, refuseShapes);
  const begin = (started: Uint8Array): void => {
    for (const name of names) policies[name].begin?.(started);
  };
  if (options.current === undefined) begin(new Uint8Array(numEnvs).fill(1));

  const action = {} as Writable<JointAction<G>>;
  // Two rows, used in turn, as the environment uses its two sets of arrays.
  const makeRow = () => ({
    groups: Object.fromEntries(names.map((name) => [name, {} as Writable<GroupBatch>])),
    last: new Uint8Array(numEnvs) as Uint8Array,
    env: envIds,
  });
  let [row, spare] = [makeRow(), makeRow()];

  const account = (batch: Batch<G>): void => {
    for (const name of names) {
      const { reward, active } = batch.groups[name];
      const n = slots[name]!;
      const sums = returns[name]!;
      for (let e = 0; e < numEnvs; e++) {
        let [sum, living] = [0, 0];
        for (let i = 0; i < n; i++) {
          if (active.get(e, i) === 0) continue;
          sum += reward.get(e, i);
          living += 1;
        }
        if (living > 0) sums[e]! += sum / living;
      }
    }
    let ended = false;
    for (let e = 0; e < numEnvs; e++) {
      lengths[e]! += 1;
      if (batch.last[e] === 0) continue;
      ended = true;
      const totals = Object.fromEntries(names.map((name) => [name, returns[name]![e]!]));
      episodes.push({ env: e, length: lengths[e]!, returns: totals as Episode<G>['returns'] });
      lengths[e] = 0;
      for (const name of names) returns[name]![e] = 0;
    }
    if (ended) begin(batch.last);
  };

  /** What a group does, and what it saw when it did. */
  const take = (name: keyof G & string, { action: chosen, extras }: Act): void => {
    action[name] = chosen as JointAction<G>[typeof name];
    const into = row.groups[name]!;
    Object.assign(into, current[name]);
    into.action = chosen;
    into.extras = extras ?? NO_EXTRAS;
  };
  /** What came of it. */
  let inspected = false;
  const conclude = (step: VecStep<G>): Batch<G> => {
    if (!inspected) inspectStep('step', env, {}, step, refuseShapes);
    inspected = true;
    for (const name of names) {
      const into = row.groups[name]!;
      into.reward = step.reward[name];
      into.discount = step.discount[name];
      into.next = step.next[name];
    }
    row.last = step.last;
    current = step.current;
    const batch = row as unknown as Batch<G>;
    account(batch);
    return batch;
  };
  const actFrom = (k: number, clock: Clock): MaybePromise<Batch<G>> => {
    for (; k < names.length; k++) {
      const name = names[k]!;
      const acting = policies[name].act(current[name], actStreams[name]!, clock);
      if (isPromise(acting)) {
        return acting.then((act) => {
          take(name, act);
          return actFrom(k + 1, clock);
        });
      }
      take(name, acting);
    }
    const stepping = env.step(action);
    return isPromise(stepping) ? stepping.then(conclude) : conclude(stepping);
  };

  return {
    step(clock) {
      [row, spare] = [spare, row];
      return actFrom(0, clock);
    },
    drain() {
      if (episodes.length === 0) return NO_EPISODES;
      const ended = episodes;
      episodes = [];
      return ended;
    },
    save: () => ({
      lengths: [...lengths],
      returns: Object.fromEntries(names.map((name) => [name, [...returns[name]!]])),
      act: Object.fromEntries(names.map((name) => [name, actStreams[name]!.save()])),
    }),
    load(saved, midEpisode) {
      if (midEpisode) lengths.set(saved.lengths);
      for (const name of names) {
        if (midEpisode) returns[name]!.set(saved.returns[name]!);
        actStreams[name]!.load(saved.act[name] as RngState);
      }
    },
  };
};

const NO_EXTRAS = Object.freeze({});
const NO_EPISODES = Object.freeze([]);
