import ndarray from 'ndarray';
import { copyInto } from '../strided.js';
import type { Group, Groups } from '../env.js';
import { rng, type Rng } from '../rng.js';
import { boundOf, choicesOf, sizeOf, type Box } from '../space.js';
import { headsOf } from '../vectorize/space-value.js';
import { emptyActions, slotsOf, type JointAction, type JointObservation, type VecEnv, type VecStep } from '../vec.js';

/** Everything that was seen at one moment, copied: names to numbers. The first axis of each is the environment. */
export type Moment = ReadonlyMap<string, ArrayLike<number>>;
/** A reset, then steps. */
export type Log = readonly Moment[];

type Numbers = Float32Array | Int32Array | Uint8Array;

const copied = (view: ndarray.NdArray<Numbers>): ArrayLike<number> => {
  const out = new Float64Array(view.size);
  copyInto(out, 0, view);
  return out;
};

const noteFrame = (into: Map<string, ArrayLike<number>>, what: string, frame: JointObservation<Groups>): void => {
  for (const [name, group] of Object.entries(frame)) {
    for (const key of ['observation', 'active', 'legal', 'state'] as const) {
      const view = group[key];
      if (view) into.set(`${key} of group '${name}' in ${what}`, copied(view));
    }
  }
};

/** What a reset gave. */
export const noteReset = (frame: JointObservation<Groups>): Moment => {
  const moment = new Map<string, ArrayLike<number>>();
  noteFrame(moment, 'reset', frame);
  return moment;
};

/** What a step gave. */
export const noteStep = ({ next, current, reward, discount, last }: VecStep<Groups>): Moment => {
  const moment = new Map<string, ArrayLike<number>>();
  noteFrame(moment, 'next', next);
  noteFrame(moment, 'current', current);
  for (const [name, view] of Object.entries(reward)) moment.set(`reward of group '${name}'`, copied(view));
  for (const [name, view] of Object.entries(discount)) moment.set(`discount of group '${name}'`, copied(view));
  moment.set('last', Float64Array.from(last));
  return moment;
};

/** Where two logs first differ, in words, or undefined. Where one has more environments, its first ones are compared. */
export const difference = (a: Log, b: Log): string | undefined => {
  for (let t = 0; t < Math.min(a.length, b.length); t++) {
    for (const [name, x] of a[t]!) {
      const y = b[t]!.get(name);
      const when = t === 0 ? 'after reset' : `at step ${t}`;
      if (!y) return `${when}, ${name} is missing`;
      for (let i = 0; i < Math.min(x.length, y.length); i++) {
        if (!Object.is(x[i], y[i])) return `${when}, ${name}, number ${i}: ${x[i]} and ${y[i]}`;
      }
    }
  }
  return undefined;
};

/** How actions are chosen: at random, or at one end of what is permitted. */
export type Choose = 'random' | 'low' | 'high';

const realAction = ({ low, high }: Box, i: number, choose: Choose, stream: Rng): number => {
  const [from, to] = [boundOf(low, i), boundOf(high, i)];
  // Unbounded actions: a number that a policy may well choose.
  const [bottom, top] = [Number.isFinite(from) ? from : Math.min(-1, to), Number.isFinite(to) ? to : Math.max(1, from)];
  if (choose === 'low') return bottom;
  if (choose === 'high') return top;
  return Math.min(top, Math.max(bottom, bottom + stream.uniform() * (top - bottom)));
};

const pick = (from: number, n: number, permitted: (k: number) => boolean, choose: Choose, stream: Rng): number => {
  const legal = Array.from({ length: n }, (_, k) => k).filter((k) => permitted(from + k));
  const drawn = stream.uniform();
  if (choose === 'low') return legal[0] ?? 0;
  if (choose === 'high') return legal.at(-1) ?? n - 1;
  return legal[Math.floor(drawn * legal.length)] ?? 0;
};

/** Fills one group's actions. Each environment has a stream of its own, so that its actions do not depend on others. */
const chooseGroup = (
  group: Group,
  seen: JointObservation<Groups>[string],
  out: ndarray.NdArray<Float32Array | Int32Array>,
  streams: readonly Rng[],
  choose: Choose,
): void => {
  const { action: space } = group;
  const n = slotsOf(group.agents);
  const size = sizeOf(space);
  const real = space.kind === 'box' ? space : space.kind === 'hybrid' ? space.box : undefined;
  const reals = real ? sizeOf(real) : 0;
  const heads = headsOf(space);
  const choices = choicesOf(space);
  streams.forEach((stream, e) => {
    for (let slot = 0; slot < n; slot++) {
      const at = (e * n + slot) * size;
      for (let i = 0; i < reals; i++) out.data[at + i] = realAction(real!, i, choose, stream);
      let from = 0;
      heads.forEach((count, head) => {
        const permitted = (k: number) => !seen.legal || k >= choices || seen.legal.get(e, slot, k) === 1;
        out.data[at + reals + head] = pick(from, count, permitted, choose, stream);
        from += count;
      });
    }
  });
};

/** Chooses legal actions for whatever is seen, from streams of its own. */
export const player = (env: VecEnv<Groups>, seed: number, choose: Choose = 'random') => {
  const root = rng(seed).split('actions');
  const streams = Array.from({ length: env.numEnvs }, (_, e) => root.split(`environment ${e}`));
  return (seen: JointObservation<Groups>): JointAction<Groups> => {
    const actions = emptyActions(env.groups, env.numEnvs);
    for (const name of Object.keys(env.groups)) {
      chooseGroup(env.groups[name]!, seen[name]!, actions[name]!, streams, choose);
    }
    return actions;
  };
};

/** The same numbers with an offset, gaps, and the axes in another order. */
export const stridden = (actions: JointAction<Groups>): JointAction<Groups> =>
  Object.fromEntries(
    Object.entries(actions).map(([name, { data, shape }]) => {
      const stride = shape.map(() => 0);
      let step = 2;
      shape.forEach((n, axis) => {
        stride[axis] = step;
        step *= n;
      });
      const wide = new (data.constructor as Float32ArrayConstructor)(step + 3);
      const view = ndarray(wide, shape, stride, 3);
      const plain = ndarray(data, shape);
      const walk = (index: readonly number[]): void => {
        if (index.length === shape.length) view.set(...index, plain.get(...index));
        else for (let i = 0; i < shape[index.length]!; i++) walk([...index, i]);
      };
      walk([]);
      return [name, view];
    }),
  );

/** A stream that tells when something is drawn from it or from a stream split from it. */
export const watched = (stream: Rng, drawn: () => void): Rng => ({
  uniform: () => (drawn(), stream.uniform()),
  int: (n) => (drawn(), stream.int(n)),
  normal: () => (drawn(), stream.normal()),
  fillInt: (out, n) => (drawn(), stream.fillInt(out, n)),
  fillUniform: (out) => (drawn(), stream.fillUniform(out)),
  fillNormal: (out) => (drawn(), stream.fillNormal(out)),
  split: (name) => watched(stream.split(name), drawn),
  save: () => stream.save(),
  load: (saved) => stream.load(saved),
});

/** How an environment is played. */
export interface PlayOptions {
  /** Of the reset. */
  readonly seed: number;
  /** How many, each in all environments. */
  readonly steps: number;
  /** Seed of the actions; default `seed`. */
  readonly actionSeed?: number;
  /** How actions are chosen; default at random within their spaces. */
  readonly choose?: Choose;
  /** Called when something is drawn from the stream. */
  readonly drawn?: () => void;
  /** Changes the actions before they are taken. */
  readonly change?: (actions: JointAction<Groups>) => JointAction<Groups>;
  /** Called after each step, with the actions that were given. */
  readonly after?: (actions: JointAction<Groups>) => void;
}

/** Resets with a seed and takes steps; returns what was seen. */
export const play = async (env: VecEnv<Groups>, how: PlayOptions): Promise<Log> => {
  const choose = player(env, how.actionSeed ?? how.seed, how.choose);
  const stream = rng(how.seed);
  let seen = await env.reset(how.drawn ? watched(stream, how.drawn) : stream);
  const log: Moment[] = [noteReset(seen)];
  for (let t = 0; t < how.steps; t++) {
    const chosen = choose(seen);
    const given = how.change ? how.change(chosen) : chosen;
    const step = await env.step(given);
    log.push(noteStep(step));
    seen = step.current;
    how.after?.(given);
  }
  return log;
};
