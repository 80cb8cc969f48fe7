import {
  carryOf,
  compileWith,
  type CompileOptions,
  type RestArray,
  type Runtime,
  type SessionAdapter,
  type Step,
  type Tree,
} from '@troupe/runtime';
import type { InferenceSession } from 'onnxruntime-node';
import { loadOnnxRuntime } from './load.js';
import { checkProvider, explainProvider, type Provider } from './provider.js';
import { nativeSession, publicSession } from './session.js';

/** The smallest step there is, to see whether sessions can be made. */
const nothing: Step<Record<string, never>, { readonly x: Tree }, Tree> = (carry, { x }) => ({ carry, output: x });
const zero = { x: { data: new Float32Array(1), shape: [1], stride: [1], offset: 0 } as RestArray };

/** Throws an Error that says what is missing where the provider cannot run even that. */
const startUp = (provider: Exclude<Provider, 'cpu'>, adapter: SessionAdapter): void => {
  const probe = compileWith(adapter);
  try {
    void probe.compile(nothing, { name: 'probe' }).run(carryOf<Record<string, never>>({}), zero);
  } catch (error) {
    throw explainProvider(provider, error instanceof Error ? (error.cause ?? error) : error);
  } finally {
    probe.dispose();
  }
};

/** Settings of `onnx`. */
export interface OnnxOptions extends CompileOptions {
  /**
   * Where the work is done; default 'cpu'. 'cuda' and 'webgpu' pay off for large networks and batches only: state and
   * inputs go there and back at every call. An Error says at once why one cannot start.
   */
  readonly provider?: Provider;
  /** Threads inside one operator. 1 (the default) is fastest for small networks and gives the same bits every time. */
  readonly threads?: number;
  /**
   * true: results at once, by the engine's synchronous half (an error where this version is not known to have it).
   * false: results as promises, by its public interface. Default: the first where possible.
   */
  readonly sync?: boolean;
  /** Passed on to ONNX Runtime, after our own settings. */
  readonly session?: InferenceSession.SessionOptions;
}

/**
 * A runtime that compiles each step into one ONNX model and runs it natively. Throws an Error that says how to install
 * onnxruntime-node where it is missing.
 */
export const onnx = ({ provider = 'cpu', threads = 1, sync, session = {}, ...options }: OnnxOptions = {}): Runtime => {
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`onnx: threads: expected an integer >= 1, got ${threads}`);
  checkProvider(provider);
  const ort = loadOnnxRuntime();
  if (sync === true && ort.native === undefined) {
    throw new Error(
      `onnx: onnxruntime-node ${ort.version} has no known synchronous half; install 1.30.0 or leave out sync`,
    );
  }
  const settings: InferenceSession.SessionOptions = {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    executionProviders: [provider],
    ...session,
  };
  const native = sync !== false && ort.native !== undefined;
  const createSession: SessionAdapter['createSession'] = (model, info) =>
    native ? nativeSession(ort, model, info, settings) : publicSession(ort, model, info, settings);
  if (provider === 'cpu') return compileWith({ name: 'onnx-node', createSession }, options);

  const name = `onnx-node-${provider}`;
  if (native) {
    const adapter = { name, createSession };
    startUp(provider, adapter);
    return compileWith(adapter, options);
  }
  const failed = (error: unknown): never => {
    throw explainProvider(provider, error);
  };
  return compileWith(
    { name, createSession: (model, info) => Promise.resolve(createSession(model, info)).catch(failed) },
    options,
  );
};
