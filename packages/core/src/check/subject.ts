import type { Report } from './frames.js';
import type { Actions, Env, Groups, Step } from '../env.js';
import type { VecEnv } from '../vec.js';
import { vectorize } from '../vectorize/vectorize.js';
import { passOn } from '../wrappers.js';

type Any = Env<Groups> | VecEnv<Groups>;

/** How to make what is checked, in the forms that the checks need. */
export interface Subject {
  /** The environment as a vectorised one. */
  readonly vec: () => VecEnv<Groups>;
  /** Only where dictionary worlds are checked. */
  readonly world: (() => Env<Groups>) | undefined;
  /** Whether each call of `vec` and `world` gives a fresh one. */
  readonly fresh: boolean;
  /** Closes every environment that was made for the check. */
  readonly close: () => void;
}

const isVec = (env: Any): env is VecEnv<Groups> => 'numEnvs' in env;

/** What a caller handed in, ready for the checks: a factory, or one environment. */
export const subjectOf = (given: Any | (() => Any)): Subject => {
  const fresh = typeof given === 'function';
  const made: Any[] = [];
  const make = (): Any => {
    if (!fresh) return given;
    const env = given();
    made.push(env);
    return env;
  };
  const close = (): void => {
    for (const env of made) env.close?.();
  };
  if (isVec(make())) return { vec: make as () => VecEnv<Groups>, world: undefined, fresh, close };
  const world = make as () => Env<Groups>;
  return { vec: () => vectorize(world, { numEnvs: 1 }), world, fresh, close };
};

/** The same world, watched: a report if it changes the actions that it is given. */
export const guarded = (env: Env<Groups>, report: Report): Env<Groups> => ({
  ...passOn(env),
  step(actions) {
    const before = JSON.stringify(actions);
    const step = env.step(actions);
    if (JSON.stringify(actions) !== before) {
      report('mutates actions', 'step: expected the actions to be left as they were given, got others after the call');
    }
    return step;
  },
});

/** The same world, given copies of the actions that are its own; with `spoil` these change after each step. */
export const detached = (env: Env<Groups>, spoil: boolean): Env<Groups> => ({
  ...passOn(env),
  step(actions): Step<Groups> {
    const given = structuredClone(actions) as Record<string, Record<string, unknown>>;
    const step = env.step(given as Actions<Groups>);
    if (!spoil) return step;
    for (const group of Object.values(given)) {
      for (const [id, action] of Object.entries(group)) {
        if (typeof action === 'number') group[id] = -1;
        else (action as Float32Array).fill(-1);
      }
    }
    return step;
  },
});

/** A world that is made anew for each episode: nothing can be left over from the one before. */
export const renewed = (make: () => Env<Groups>): Env<Groups> => {
  let env = make();
  return {
    ...passOn(env),
    reset: (stream) => (env = make()).reset(stream),
    step: (actions) => env.step(actions),
    ...(env.legal && { legal: () => env.legal!() }),
    ...(env.state && { state: () => env.state!() }),
    ...(env.render && { render: () => env.render!() }),
  };
};
