import { compileWith, type CompileOptions, type Runtime } from '@troupe/runtime';
import type { InferenceSession } from 'onnxruntime-node';
import { loadOnnxRuntime } from './load.js';
import { nativeSession, publicSession } from './session.js';

/** Settings of `onnx`. */
export interface OnnxOptions extends CompileOptions {
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
export const onnx = ({ threads = 1, sync, session = {}, ...options }: OnnxOptions = {}): Runtime => {
  if (!Number.isInteger(threads) || threads < 1)
    throw new RangeError(`onnx: threads: expected an integer >= 1, got ${threads}`);
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
    ...session,
  };
  const native = sync !== false && ort.native !== undefined;
  return compileWith(
    {
      name: 'onnx-node',
      createSession: (model, info) =>
        native ? nativeSession(ort, model, info, settings) : publicSession(ort, model, info, settings),
    },
    options,
  );
};
