import { Optimizer, Variable, clone, engine, type Tensor } from '@tensorflow/tfjs-core';
import { refuse } from '../errors.js';
import type { LeafDtype, RestData } from '../rest.js';
import { allowingVariables } from '../trace/active.js';
import { knownNumbers } from '../trace/backend.js';
import { abandon, borrow, borrowOwn, giveBack, hasHome, homeOf, type Home } from './home.js';

/** A variable that a step made while it ran, such as a moment of Adam, and the numbers that it began with. */
export interface Made {
  readonly variable: Variable;
  readonly first: RestData;
}

/** What one run of a step's own code did to variables and optimisers. */
export interface Recording<R> {
  readonly result: R;
  /** The new values of the variables that were given, in their order. */
  readonly next: readonly Tensor[];
  /** Which of them were assigned to. */
  readonly written: readonly boolean[];
  /** Variables that it used without being given them. */
  readonly unknown: readonly Home[];
  readonly made: readonly Made[];
  /** How often each optimiser was applied. */
  readonly applied: ReadonlyMap<Optimizer, number>;
}

/** Replaces a property for the duration of `f`. */
const replaced = <T>(owner: object, key: string, value: unknown, f: () => T): T => {
  const before = Object.getOwnPropertyDescriptor(owner, key);
  Object.defineProperty(owner, key, { configurable: true, writable: true, value });
  try {
    return f();
  } finally {
    if (before) Object.defineProperty(owner, key, before);
    else Reflect.deleteProperty(owner, key);
  }
};

/** A variable that is given back stands for the value that it has at the end of the run. */
const valuesIn = (tree: unknown): unknown => {
  if (tree instanceof Variable) return clone(tree as Tensor);
  if (Array.isArray(tree)) return tree.map(valuesIn);
  if (typeof tree !== 'object' || tree === null || Object.getPrototypeOf(tree) !== Object.prototype) return tree;
  return Object.fromEntries(Object.entries(tree).map(([key, value]) => [key, valuesIn(value)]));
};

type Make = (initial: Tensor, trainable?: boolean, name?: string, dtype?: LeafDtype) => Variable;

/**
 * Runs `f`, in which the variables of `homes` have the values `given`. Nothing that it assigns reaches the variables: their
 * new values are in the recording. Variables that it makes are added to `made` at once, also if `f` throws.
 */
export const record = <R>(
  step: string,
  homes: readonly Home[],
  given: readonly Tensor[],
  made: Made[],
  f: () => R,
): Recording<R> => {
  const tfjs = engine();
  const known = new Set(homes.map(({ variable }) => variable));
  const unknown: Home[] = [];
  const watched: Home[] = [];
  const fresh = new Set<Home>();
  const applied = new Map<Optimizer, number>();

  const watch = (home: Home): void => {
    watched.push(home);
    home.onUse = () => {
      home.onUse = null;
      borrowOwn(home);
      unknown.push(home);
    };
  };
  const make: Make = (initial, trainable, name, dtype) => {
    const numbers = knownNumbers(initial);
    if (!numbers) {
      throw refuse(
        step,
        `it makes a variable${name === undefined ? '' : ` '${name}'`} whose first value depends on its input or on other variables`,
        'Make variables outside, or begin with fixed numbers and assign',
      );
    }
    const makeVariable = Reflect.get(Object.getPrototypeOf(tfjs) as object, 'makeVariable') as Make;
    const variable = makeVariable.call(tfjs, initial, trainable, name, dtype);
    made.push({ variable, first: numbers });
    return variable;
  };
  const apply = function (this: Optimizer): void {
    applied.set(this, (applied.get(this) ?? 0) + 1);
  };
  const run = (): Recording<R> => {
    const result = valuesIn(f()) as R;
    const disposed = homes.find(({ variable }) => variable.isDisposed);
    if (disposed) {
      throw refuse(step, `it disposes of the variable '${disposed.variable.name}'`, 'Dispose of variables outside');
    }
    return {
      result,
      written: homes.map(({ borrowed }, i) => borrowed !== given[i]!.dataId),
      next: homes.map(({ variable }) => clone(variable as Tensor)),
      unknown,
      made,
      applied,
    };
  };

  homes.forEach((home, i) => borrow(home, given[i]!));
  for (const variable of Object.values(tfjs.state.registeredVariables)) {
    if (known.has(variable)) continue;
    const had = hasHome(variable);
    const home = homeOf(variable);
    if (!had) fresh.add(home);
    watch(home);
  }
  try {
    return allowingVariables(() =>
      replaced(tfjs, 'makeVariable', make, () => replaced(Optimizer.prototype, 'incrementIterations', apply, run)),
    );
  } finally {
    homes.forEach(giveBack);
    for (const home of watched) {
      home.onUse = null;
      giveBack(home);
      if (fresh.has(home) && !unknown.includes(home)) abandon(home);
    }
    // What was made here lives on the backend of this run, which may be gone afterwards.
    for (const { variable } of made) if (!hasHome(variable)) tfjs.disposeTensor(variable);
  }
};
