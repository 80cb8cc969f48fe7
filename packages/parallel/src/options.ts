import type { Groups, VecEnv } from '@troupe/core';
import { availableParallelism } from 'node:os';

/** Makes `numEnvs` copies of a world, with settings of its own. All environments of this library are made so. */
export type MakeVecEnv<G extends Groups, S extends object> = (settings: S & { readonly numEnvs: number }) => VecEnv<G>;

/** Options of Node's `Worker`, of the same names. */
export interface WorkerSettings {
  /** Environment variables. Default: those of this thread. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Options of Node. Default: those of this thread. */
  readonly execArgv?: readonly string[];
  /** Megabytes of the JavaScript heaps and the stack. Default: no limits beyond the engine's. */
  readonly resourceLimits?: {
    /** Of what has lived for a while. */
    readonly maxOldGenerationSizeMb?: number;
    /** Of what was made lately. */
    readonly maxYoungGenerationSizeMb?: number;
    /** Of nested calls. Default 4, as in Node. */
    readonly stackSizeMb?: number;
  };
}

/** How environments are spread over threads. */
export interface ParallelOptions<S extends object> {
  /**
   * URL of the module that exports `make`: `new URL('./world.js', import.meta.url)`, or for a package
   * `import.meta.resolve('@troupe/particle-world')`. Every worker imports it, so it should do nothing but define things;
   * and Node itself must be able to: a module in TypeScript takes Node 22.18, or is built first.
   */
  readonly from: string | { readonly href: string };
  /** Number E of environments, spread over the workers in equal parts as far as it goes. */
  readonly numEnvs: number;
  /** Threads that step, this one included; at most `numEnvs`. Default: as many as the machine runs at once. */
  readonly workers?: number;
  /** What else `make` is given: plain data, which is copied to every worker. */
  readonly settings?: Omit<S, 'numEnvs'>;
  /** Name under which the module exports `make`. Default: the function's own name. */
  readonly exportName?: string;
  /** Milliseconds within which a worker must have done what it is asked to. Default 60,000. */
  readonly timeout?: number;
  /** How threads are started. */
  readonly worker?: WorkerSettings;
}

const integerWithin = (name: string, value: number, most: number): void => {
  if (Number.isInteger(value) && value >= 1 && value <= most) return;
  const range = most === Infinity ? '>= 1' : `in [1, ${most}]`;
  throw new RangeError(`parallel: expected ${name} to be an integer ${range}, got ${String(value)}`);
};

/** The options, complete. Throws a RangeError or TypeError for what cannot be right. */
export const settingsOf = <G extends Groups, S extends object>(make: MakeVecEnv<G, S>, options: ParallelOptions<S>) => {
  const { numEnvs, timeout = 60_000, worker = {} } = options;
  integerWithin('numEnvs', numEnvs, Infinity);
  const { workers = Math.min(numEnvs, availableParallelism()) } = options;
  integerWithin('workers', workers, numEnvs);
  if (!(timeout > 0)) throw new RangeError(`parallel: expected timeout > 0, got ${String(timeout)}`);
  const from = typeof options.from === 'string' ? options.from : options.from.href;
  if (!URL.canParse(from)) {
    throw new TypeError(
      `parallel: expected 'from' to be a URL such as new URL('./world.js', import.meta.url) or import.meta.resolve('a-package'), got '${from}'`,
    );
  }
  const { exportName = make.name } = options;
  if (exportName === '') {
    throw new TypeError("parallel: expected a named function or 'exportName', got a function without a name");
  }
  return { numEnvs, workers, settings: options.settings ?? {}, from, exportName, timeout, worker };
};
