import { Variable, engine } from '@tensorflow/tfjs-core';
import { refuse } from '../errors.js';

/** The step that is running its own code right now, eagerly or under the tracer. Steps do not call compiled steps. */
let active: string | null = null;

/** Name of the step whose own code is running, eagerly or traced; null outside. */
export const activeStep = (): string | null => active;

/** Throws if called from inside a step: `what` is the call that was made. */
export const refuseInsideStep = (what: string): void => {
  if (active !== null) {
    throw refuse(
      active,
      `it calls ${what} while it is itself being run`,
      'A step cannot contain a compiled one: call the plain function instead',
    );
  }
};

/** How variables are assigned to and made, as tfjs has it. */
const assign: unknown = Reflect.get(Variable.prototype, 'assign');

const guardVariables = (step: string): void => {
  const refused = (doing: string) => (): never => {
    throw refuse(
      step,
      `it ${doing} a tf.Variable (an optimiser of tf.train does so too)`,
      'A step is pure: keep the state in its carry, or compile the function with compileVariables',
    );
  };
  Reflect.set(Variable.prototype, 'assign', refused('assigns to'));
  Reflect.set(engine(), 'makeVariable', refused('makes'));
};
const freeVariables = (): void => {
  Reflect.set(Variable.prototype, 'assign', assign);
  Reflect.deleteProperty(engine(), 'makeVariable');
};

let allowed = false;
/** Whether the step that is running may use variables: its state is kept for it. */
export const allowsVariables = (): boolean => allowed;

/** Within a step: lets `f` read variables, assign to them and make them after all. */
export const allowingVariables = <T>(f: () => T): T => {
  freeVariables();
  allowed = true;
  try {
    return f();
  } finally {
    allowed = false;
    if (active !== null) guardVariables(active);
  }
};

/**
 * Runs a step's own code under the rules for steps: no drawing of random numbers, no changing of variables. Generators with
 * a seed of their own are not caught; they give the same numbers at every call.
 */
export const insideStep = <T>(step: string, f: () => T): T => {
  const random = Math.random;
  const before = active;
  active = step;
  guardVariables(step);
  Math.random = () => {
    throw refuse(
      step,
      'it draws a random number (Math.random, dropout, the first weights of a layer, or an unseeded tf.random*)',
      'A step is pure: draw outside and pass the numbers in as an input; build models outside, or give them an inputShape',
    );
  };
  try {
    return f();
  } finally {
    Math.random = random;
    active = before;
    freeVariables();
  }
};

/** Refuses what an async function returns; a step gives `{ carry, output }` at once. */
export const refuseAsync = (step: string, result: unknown): void => {
  if (typeof result === 'object' && result !== null && 'then' in result && typeof result.then === 'function') {
    Promise.resolve(result).catch(() => undefined);
    throw refuse(step, 'it is asynchronous', 'It must give its result at once: await before or after it');
  }
};
