import { refuseInsideStep } from './trace/active.js';
import type { Carry, CompileInfo, MaybePromise, Runtime, Tree } from './types.js';

/**
 * The contracts with the types of the step's trees forgotten. Inside the library trees are walked by their structure at
 * run time; their types serve callers only, and the compiler cannot follow them through generic code.
 */
export interface AnyStep {
  (carry: unknown, input: unknown): unknown;
}
/** A carry of any step. */
export type AnyCarry = Pick<Carry<Tree>, 'layout' | 'flat'>;
/** What one run gives: the next carry and the output at rest. */
export interface Ran {
  readonly carry: AnyCarry;
  readonly output: unknown;
}
/** A compiled step, whatever its types: see `Compiled`. */
export interface AnyCompiled {
  run(carry: AnyCarry, input: unknown): MaybePromise<Ran>;
  scan(carry: AnyCarry, inputs: unknown): MaybePromise<{ readonly carry: AnyCarry; readonly outputs: unknown }>;
  readonly info: CompileInfo;
  dispose(): void;
}

/** What a runtime has to offer; it is given names and told when not to compile. */
export interface AnyRuntime {
  readonly name: string;
  readonly compile: (step: AnyStep, name: string) => AnyCompiled;
  readonly dispose: () => void;
}

interface Named extends AnyStep {
  readonly name: string;
}

/** Gives a runtime its contract's types. */
export function runtimeOf(runtime: AnyRuntime): Runtime;
export function runtimeOf({ name, compile, dispose }: AnyRuntime): unknown {
  return {
    name,
    compile: (step: Named, options: { readonly name?: string } = {}) => {
      refuseInsideStep('compile');
      return compile(step, options.name ?? (step.name || 'step'));
    },
    dispose,
  };
}
