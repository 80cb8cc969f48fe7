import { engine, tensor, type Optimizer, type Tensor, type Variable } from '@tensorflow/tfjs-core';
import { carryOf } from '../carry.js';
import { refuse } from '../errors.js';
import { requireRuntime } from '../given-runtime.js';
import { andThen, inTurn, isPromise } from '../promise.js';
import { makeData, restArray } from '../rest.js';
import { refuseAsync, refuseInsideStep } from '../trace/active.js';
import type { AtRest, Carry, CompileInfo, Compiled, MaybePromise, Runtime, Tree } from '../types.js';
import { readTensors, type Fed } from './fed.js';
import { hasHome, homeOf, readInto, type Home, type Latest } from './home.js';
import { record, type Made } from './recording.js';

declare const console: { warn(message: string): void };

/** A function with state in variables, compiled. */
export interface CompiledVariables<I extends Tree, O extends Tree> {
  /** One call of the function. The output arrays belong to the runtime and are valid until the next call. */
  run(input: Fed<I>): MaybePromise<AtRest<O>>;
  /** K calls in one: every input leaf has a leading axis K, every output leaf too. */
  scan(inputs: Fed<I>): MaybePromise<AtRest<O>>;
  /** The variables that the function was found to use, its optimisers' moments included. Empty before the first call. */
  readonly variables: readonly Variable[];
  /** What compiling the code in use cost. */
  readonly info: CompileInfo;
  /** Frees the compiled code. The variables stay; calling it afterwards throws. */
  dispose(): void;
}

type State = Readonly<Record<string, Tensor>>;

/** Variables may be called '7'; a key of a carry may not. */
const keyOf = ({ name }: Variable): string => (/^\d+$/.test(name) ? `variable ${name}` : name);

/** Gives a variable that was made during a run a place on the tfjs backend of everyone else. */
const settle = ({ variable, first }: Made): void => {
  if (variable.isDisposed || hasHome(variable)) return;
  const data = tensor(first, variable.shape, variable.dtype);
  variable.dataId = data.dataId;
  engine().incRef(variable, engine().backend);
  data.dispose();
};

const rateOf = (optimizer: Optimizer): unknown => Reflect.get(optimizer, 'learningRate');

/** Rounds in which new variables may turn up before they are taken for ones that every call makes anew. */
const rounds = 4;
/** Learning rates for which a function may be compiled without a word. */
const warnAbove = 8;

/**
 * Compiles a function that keeps its state in tf.Variables, such as `optimizer.minimize(() => loss(model.apply(x), y))`: plain
 * tfjs code runs as one call on any runtime. The variables that it uses are found at the first call, those that the optimiser
 * makes then included, and become the carried state. Eager code sees their new values whenever it reads them; what it assigns
 * is seen at the next call; several compiled functions may share variables.
 *
 * `f` takes a structure of tensors and returns one (or nothing). The rules for steps hold: it is synchronous, reads no values
 * and draws no random numbers; tensors from outside that are no variables become constants. Variables are float32.
 * `optimizer.iterations` is kept up. A learning rate is a number in the compiled code: after a change it is compiled again.
 *
 * Throws a StepError for a disposed variable, one of another dtype, one that is made anew at every call or whose first value
 * is not a fixed number, and for what runtimes refuse.
 */
export const compileVariables = <I extends Tree, O extends Tree>(
  runtime: Runtime,
  f: (input: I) => O | undefined | null,
  options: { readonly name?: string } = {},
): CompiledVariables<I, O> => {
  requireRuntime('compileVariables', runtime);
  const name = options.name ?? (f.name || 'step');
  let homes: readonly Home[] = [];
  let keys: readonly string[] = [];
  let offsets: readonly number[] = [];
  let versions: number[] = [];
  let written: readonly boolean[] = [];
  let carry: Carry<State> = carryOf<State>({});
  let flat = carry.flat;
  let latest: readonly Latest[] = [];
  let applied: ReadonlyMap<Optimizer, number> = new Map();
  let rates: ReadonlyMap<Optimizer, unknown> = new Map();
  let changes = 0;
  const queued = inTurn();
  let made: Made[] = [];
  /** Set by a run of the step's code that met variables which its carry lacks. */
  let found: readonly Variable[] = [];

  const step = (state: State, input: I): { readonly carry: State; readonly output: O } => {
    const given = keys.map((key) => state[key]!);
    const recording = record(name, homes, given, made, () => f(input));
    refuseAsync(name, recording.result);
    found = [...recording.unknown.map(({ variable }) => variable), ...made.map(({ variable }) => variable)];
    if (found.length > 0) throw refuse(name, 'it uses variables that were not known yet', 'It is run again with them');
    // Forms of input may differ in what they assign to; publishing an unchanged value does no harm.
    written = recording.written.map((now, i) => now || written[i] === true);
    applied = recording.applied;
    rates = new Map([...applied.keys()].map((optimizer) => [optimizer, rateOf(optimizer)]));
    return {
      carry: Object.fromEntries(keys.map((key, i) => [key, recording.next[i]!])),
      output: recording.result ?? ({} as O),
    };
  };
  const compile = (): Compiled<State, I, O> => runtime.compile(step, { name });
  let compiled = compile();

  const adopt = (more: readonly Variable[]): void => {
    const odd = more.find(({ dtype }) => dtype !== 'float32');
    if (odd) {
      throw refuse(name, `it uses the variable '${odd.name}' of dtype ${odd.dtype}`, 'Carried variables are float32');
    }
    homes = [...homes, ...more.map(homeOf)];
    keys = homes.map(({ variable }) => keyOf(variable));
    versions = homes.map(() => -1);
    written = [];
    let total = 0;
    offsets = homes.map(({ variable }) => (total += variable.size) - variable.size);
    const zeros = homes.map(({ variable }, i) => [
      keys[i]!,
      restArray(makeData('float32', variable.size), variable.shape),
    ]);
    // Values that only this state has are read out of the old one before it goes.
    const before = flat;
    latest.forEach(({ offset }, i) => {
      if (homes[i]!.latest === latest[i]) homes[i]!.latest = { flat: () => before, offset };
    });
    carry = carryOf<State>(Object.fromEntries(zeros) as AtRest<State>);
    flat = carry.flat;
    latest = offsets.map((offset) => ({ flat: () => flat, offset }));
  };

  /** Brings the state up to date with what others did to the variables. */
  const refresh = (): void => {
    for (let i = 0; i < homes.length; i++) {
      const home = homes[i]!;
      if (home.variable.isDisposed) {
        throw refuse(
          name,
          `its variable '${home.variable.name}' has been disposed of`,
          'Keep the variables of a compiled function, and compile a new one for new variables',
        );
      }
      if (versions[i] === home.version) continue;
      readInto(home, flat, offsets[i]!);
      versions[i] = home.version;
    }
    for (const [optimizer, rate] of rates) {
      if (rateOf(optimizer) === rate) continue;
      if (++changes === warnAbove) {
        console.warn(
          `step '${name}': the learning rate of its optimiser has changed ${changes} times; each change compiles it again. ` +
            'A schedule is cheaper as an input: let the step take the rate as a tensor.',
        );
      }
      compiled.dispose();
      compiled = compile();
      rates = new Map();
      break;
    }
  };

  /** After a run: the state has the newest values of what the step assigned to. */
  const publish = (next: Carry<State>, calls: number): void => {
    carry = next;
    flat = next.flat;
    for (let i = 0; i < homes.length; i++) {
      if (!written[i]) continue;
      const home = homes[i]!;
      home.latest = latest[i]!;
      versions[i] = ++home.version;
    }
    for (const [optimizer, times] of applied) {
      Reflect.set(optimizer, 'iterations_', optimizer.iterations + times * calls);
    }
  };

  /** Runs; where the code meets new variables, runs it again with these in the carry. */
  const attempt = <R>(run: () => MaybePromise<R>, round = 1): MaybePromise<R> => {
    made = [];
    found = [];
    const again = (error: unknown): MaybePromise<R> => {
      made.forEach(settle);
      if (found.length === 0) throw error;
      if (round === rounds && made.length > 0) {
        made.forEach(({ variable }) => variable.dispose());
        throw refuse(
          name,
          `it makes variables whenever it is run (${made.length} of them)`,
          'Make variables, models and optimisers outside, once',
        );
      }
      adopt(found);
      return attempt(run, round + 1);
    };
    refresh();
    try {
      const ran = run();
      return isPromise(ran) ? ran.then(undefined, again) : ran;
    } catch (error) {
      return again(error);
    }
  };

  const call = <R>(
    fed: Fed<I>,
    run: (input: AtRest<I>) => MaybePromise<Pair<R>>,
    calls: () => number,
  ): MaybePromise<R> => {
    refuseInsideStep(`the compiled function '${name}'`);
    return queued(() => {
      const input = readTensors(name, fed) as AtRest<I>;
      return andThen(
        attempt(() => run(input)),
        ({ carry: next, result }) => {
          publish(next, calls());
          return result;
        },
      );
    });
  };

  return {
    run: (input) =>
      call(
        input,
        (given) => andThen(compiled.run(carry, given), ({ carry: next, output }) => ({ carry: next, result: output })),
        () => 1,
      ),
    scan: (inputs) => {
      let calls = 1;
      return call(
        inputs,
        (given) => {
          calls = leading(given);
          return andThen(compiled.scan(carry, given), ({ carry: next, outputs }) => ({ carry: next, result: outputs }));
        },
        () => calls,
      );
    },
    get variables() {
      return homes.map(({ variable }) => variable);
    },
    get info() {
      return compiled.info;
    },
    dispose: () => compiled.dispose(),
  };
};

interface Pair<R> {
  readonly carry: Carry<State>;
  readonly result: R;
}

/** The extent of the first axis of the first leaf. */
const leading = (tree: unknown): number => {
  if (typeof tree !== 'object' || tree === null) return 1;
  if ('shape' in tree && Array.isArray(tree.shape)) return Number(tree.shape[0] ?? 1);
  for (const item of Object.values(tree)) return leading(item);
  return 1;
};
