import type { InferenceSession, OnnxValue, TensorConstructor } from 'onnxruntime-node';

/** The private, synchronous half of onnxruntime-node: the public one only wraps it in `setImmediate`. */
export interface NativeSession {
  loadModel(
    buffer: ArrayBufferLike,
    byteOffset: number,
    byteLength: number,
    options: InferenceSession.SessionOptions,
  ): void;
  run(
    feeds: Record<string, OnnxValue>,
    fetches: Record<string, OnnxValue | null>,
    options: InferenceSession.RunOptions,
  ): Record<string, OnnxValue>;
  endProfiling(): void;
  dispose(): void;
}
interface Binding {
  readonly binding: { readonly InferenceSession: new () => NativeSession };
  readonly initOrt: () => void;
}

/** The parts of onnxruntime-node that sessions are made of. */
export interface OnnxRuntime {
  readonly version: string;
  readonly Tensor: TensorConstructor;
  readonly createSession: (model: Uint8Array, options: InferenceSession.SessionOptions) => Promise<InferenceSession>;
  /** Undefined where this version is not known to have the synchronous half in its known form. */
  readonly native: (() => NativeSession) | undefined;
}

/** Versions whose private half was tested. */
const nativeVersions = /^1\.30\./;

type Load = (name: string) => unknown;

const explain = (error: unknown): Error => {
  const missing = error instanceof Error && 'code' in error && error.code === 'MODULE_NOT_FOUND';
  return new Error(
    missing
      ? 'onnx: onnxruntime-node is not installed. Install it with\n  ONNXRUNTIME_NODE_INSTALL=skip npm install onnxruntime-node@1.30.0\n' +
          '(the variable skips a download of CUDA libraries that are not needed), or use eager()'
      : `onnx: onnxruntime-node was found but did not load: ${error instanceof Error ? error.message : String(error)}`,
    { cause: error },
  );
};

/** Node's `require`, had without an import that no bundler for pages could resolve. Throws an Error where Node is not. */
const requireOfNode = (): Load => {
  if (typeof process === 'undefined') throw new Error('onnx: expected Node, whose native code it runs; use eager()');
  return process.getBuiltinModule('node:module').createRequire(import.meta.url);
};

/** Finds onnxruntime-node; throws an Error with the line that installs it where it is missing. */
export const loadOnnxRuntime = (load: Load = requireOfNode()): OnnxRuntime => {
  try {
    const ort = load('onnxruntime-node') as typeof import('onnxruntime-node');
    const { version } = load('onnxruntime-node/package.json') as { readonly version: string };
    let native: OnnxRuntime['native'];
    if (nativeVersions.test(version)) {
      const { binding, initOrt } = load('onnxruntime-node/dist/binding.js') as Binding;
      native = () => {
        initOrt(); // A session made before this crashes the process.
        return new binding.InferenceSession();
      };
    }
    return {
      version,
      Tensor: ort.Tensor,
      createSession: (model, options) => ort.InferenceSession.create(model, options),
      native,
    };
  } catch (error) {
    throw explain(error);
  }
};
