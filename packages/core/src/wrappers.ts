import type { Env, Group, Groups, Observations, Rewards, Roster, Step } from './env.js';
import { box, boundOf, sizeOf, type Box, type Discrete, type Emits, type Space } from './space.js';
import { mapGroups } from './vec.js';

/** A world transformed. Compose with fp-ts `pipe`. */
export type Wrapper<G extends Groups, H extends Groups = G> = (env: Env<G>) => Env<H>;

/** Values by group and agent, as the wrappers see them: their types are the caller's business. */
type ByAgent<V> = Readonly<Record<string, Readonly<Record<string, V | undefined>>>>;

/** The same world behind another object: everything is passed on, also where methods live on a prototype. */
export const passOn = <G extends Groups>(env: Env<G>): Env<G> => ({
  groups: env.groups,
  ...(env.stateSpace && { stateSpace: env.stateSpace }),
  reset: (rng) => env.reset(rng),
  step: (actions) => env.step(actions),
  ...(env.legal && { legal: () => env.legal!() }),
  ...(env.state && { state: () => env.state!() }),
  ...(env.render && { render: () => env.render!() }),
  ...(env.save && { save: () => env.save!() }),
  ...(env.load && { load: (saved: unknown) => env.load!(saved) }),
  ...(env.close && { close: () => env.close!() }),
});

const requireCount = (where: string, n: number): void => {
  if (!Number.isInteger(n) || n < 1) throw new RangeError(`${where}: expected an integer >= 1, got ${String(n)}`);
};

const requireGroup = (where: string, groups: Groups, name: string): Group => {
  const group = Object.hasOwn(groups, name) ? groups[name] : undefined;
  if (!group) {
    throw new RangeError(`${where}: expected one of the groups ${Object.keys(groups).join(', ')}, got '${name}'`);
  }
  return group;
};

/**
 * Truncates episodes after `limit` steps. Its count is part of `save`. Throws a RangeError unless `limit` is an
 * integer >= 1.
 */
export const timeLimit = (limit: number) => {
  requireCount('timeLimit', limit);
  return <G extends Groups>(env: Env<G>): Env<G> => {
    let t = 0;
    return {
      ...passOn(env),
      reset(rng) {
        t = 0;
        return env.reset(rng);
      },
      step(actions) {
        const step = env.step(actions);
        t += 1;
        return t < limit ? step : { ...step, truncated: true };
      },
      ...(env.save && { save: () => ({ t, env: env.save!() }) }),
      ...(env.load && {
        load(saved: unknown) {
          const from = saved as { readonly t: number; readonly env: unknown };
          if (!Number.isInteger(from?.t)) {
            throw new TypeError('timeLimit: load: expected what save of this wrapper gave, got something else');
          }
          env.load!(from.env);
          t = from.t;
        },
      }),
    };
  };
};

/** Other rewards: a function of the rewards and the step that they came with. */
export const mapRewards =
  <G extends Groups>(f: (rewards: Rewards<G>, step: Step<G>) => Rewards<G>): Wrapper<G> =>
  (env) => ({
    ...passOn(env),
    step(actions) {
      const step = env.step(actions);
      return { ...step, rewards: f(step.rewards, step) };
    },
  });

/** Multiplies every reward by `factor`. Throws a RangeError unless it is a finite number. */
export const scaleRewards = (factor: number) => {
  if (!Number.isFinite(factor)) throw new RangeError(`scaleRewards: expected a finite number, got ${String(factor)}`);
  return <G extends Groups>(env: Env<G>): Env<G> =>
    mapRewards<G>((rewards) => {
      const scaled = mapGroups(env.groups, (_, name) =>
        mapValues((rewards as ByAgent<number>)[name]!, (reward) => reward * factor),
      );
      return scaled as Rewards<G>;
    })(env);
};

const mapValues = <V, W>(
  values: Readonly<Record<string, V | undefined>>,
  f: (value: V, key: string) => W,
): Record<string, W> => {
  const out: Record<string, W> = {};
  for (const key in values) if (values[key] !== undefined) out[key] = f(values[key], key);
  return out;
};

/**
 * Every agent of the named group that is rewarded receives the mean of the group's rewards of that step. Throws a
 * RangeError where the environment has no such group.
 */
export const shareReward =
  <const K extends string>(name: K) =>
  <G extends Groups & Readonly<Record<K, Group>>>(env: Env<G>): Env<G> => {
    requireGroup('shareReward', env.groups, name);
    return mapRewards<G>((rewards) => {
      const own = (rewards as ByAgent<number>)[name]!;
      const values = Object.values(own).filter((reward) => reward !== undefined);
      const mean = values.reduce((a, b) => a + b, 0) / Math.max(1, values.length);
      return { ...rewards, [name]: mapValues(own, () => mean) };
    })(env);
  };

/** Groups in which those named K observe S. */
export type WithObservation<G extends Groups, K extends string, S extends Space> = {
  readonly [P in keyof G]: P extends K ? Group<G[P]['agents'], S, G[P]['action']> : G[P];
};

/** Spaces whose values are of this kind: numbers, or arrays of numbers. */
export type Emitting<V> = V extends number ? Discrete : Exclude<Space, Discrete>;

/**
 * Another observation for the agents of the named group, in another space: `f` is given one agent's observation and its
 * id. Throws a RangeError where the environment has no such group.
 */
export const mapObservations =
  <const K extends string, V extends number | ArrayLike<number>, const O extends Space>(
    name: K,
    space: O,
    f: (observation: V, id: string) => Emits<O>,
  ) =>
  <G extends Groups & Readonly<Record<K, Group<Roster, Emitting<V>>>>>(env: Env<G>): Env<WithObservation<G, K, O>> => {
    type H = WithObservation<G, K, O>;
    const group = requireGroup('mapObservations', env.groups, name);
    const mapped = (all: Observations<G>) =>
      ({ ...all, [name]: mapValues((all as ByAgent<V>)[name]!, f) }) as unknown as Observations<H>;
    const { groups: _, ...same } = passOn(env) as unknown as Env<H>;
    return {
      ...same,
      groups: { ...env.groups, [name]: { ...group, observation: space } } as unknown as H,
      reset: (rng) => mapped(env.reset(rng)),
      step(actions) {
        // Rewards and actions are the same in both: only what is observed differs.
        const step = env.step(actions);
        return { ...(step as unknown as Step<H>), observations: mapped(step.observations) };
      },
    };
  };

/**
 * Appends to each observation of a fixed cast which of its agents sees it: a 1 at the agent's place, 0 elsewhere. So
 * that agents which share a network can differ. The observation becomes a box of one axis. Throws a RangeError where the
 * environment has no such group, or the group is a population or does not observe a box.
 */
export const agentIds =
  <const K extends string>(name: K) =>
  <G extends Groups & Readonly<Record<K, Group<readonly string[], Box>>>>(
    env: Env<G>,
  ): Env<WithObservation<G, K, Box>> => {
    const group: Group = requireGroup('agentIds', env.groups, name);
    const { agents, observation: from } = group;
    if ('max' in agents)
      throw new RangeError(`agentIds: expected group '${name}' to be a fixed cast, got a population`);
    if (from.kind !== 'box')
      throw new RangeError(`agentIds: expected group '${name}' to observe a box, got ${from.kind}`);
    const size = sizeOf(from);
    const bounds = (bound: Box['low'], ids: number) =>
      Array.from({ length: size + agents.length }, (_, i) => (i < size ? boundOf(bound, i) : ids));
    const space = box([size + agents.length], { low: bounds(from.low, 0), high: bounds(from.high, 1) });
    const place = new Map(agents.map((id, slot) => [id, size + slot]));
    return mapObservations(name, space, (seen: ArrayLike<number>, id) => {
      if (seen.length !== size) {
        throw new RangeError(`agentIds: observation of '${id}': expected ${size} numbers, got ${seen.length}`);
      }
      const out = new Float32Array(size + agents.length);
      out.set(seen);
      out[place.get(id)!] = 1;
      return out;
    })(env as Env<G & Readonly<Record<K, Group<Roster, Box>>>>);
  };
