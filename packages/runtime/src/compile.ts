import { checkOption } from './check.js';
import type { CompileOptions, SessionAdapter } from './adapter.js';
import { compiledStep } from './compiled.js';
import { runtimeOf, type AnyCompiled } from './erased.js';
import type { Runtime } from './types.js';

/**
 * A runtime that traces each step once for every form of input, and runs it as one ONNX model on the engine that
 * `adapter` offers. Results come at once if the adapter's sessions give theirs at once.
 */
export const compileWith = (adapter: SessionAdapter, options: CompileOptions = {}): Runtime => {
  checkOption(options.check ?? 'always', adapter.name);
  // Steps that nobody holds any more may go, with their sessions: they are only listed here to be disposed of together.
  const live = new Set<WeakRef<AnyCompiled>>();
  const gone = new FinalizationRegistry<WeakRef<AnyCompiled>>((listed) => live.delete(listed));
  let disposed = false;
  return runtimeOf({
    name: adapter.name,
    compile: (step, name) => {
      if (disposed) throw new Error(`${adapter.name}: compile was called after dispose`);
      const compiled: AnyCompiled = compiledStep(step, name, { adapter, options }, () => live.delete(listed));
      const listed = new WeakRef(compiled);
      gone.register(compiled, listed);
      live.add(listed);
      return compiled;
    },
    dispose: () => {
      disposed = true;
      [...live].forEach((listed) => listed.deref()?.dispose());
      adapter.dispose?.();
    },
  });
};
