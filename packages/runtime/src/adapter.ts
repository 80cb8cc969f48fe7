import type { Check } from './check.js';
import type { Pass } from './passes/index.js';
import type { LeafDtype, RestData } from './rest.js';
import type { MaybePromise } from './types.js';

/** An input or output of a session. A leading extent of −1 means "any number of steps". */
export interface Port {
  /** As in the model. */
  readonly name: string;
  /** Element type: float32, int32 or bool. */
  readonly dtype: LeafDtype;
  /** Extents; `[]` for a single number. */
  readonly shape: readonly number[];
}

/** What a session is built for: the names and forms of what goes in and comes out, in the order in which arrays are given. */
export interface ModelInfo {
  /** The step's name, for messages. */
  readonly name: string;
  /** In the order in which `run` is given arrays. */
  readonly inputs: readonly Port[];
  /** In the order in which `run` returns arrays. */
  readonly outputs: readonly Port[];
}

/** A model that is ready to run. */
export interface Session {
  /**
   * Runs the model. `outputs` are arrays of the right size: a session writes into them and returns them, or returns
   * arrays of its own in the same order. `steps` is what −1 stands for in shapes.
   */
  run(inputs: readonly RestData[], outputs: readonly RestData[], steps: number): MaybePromise<readonly RestData[]>;
  /** Frees the engine's memory. `run` is not called afterwards. */
  dispose(): void;
}

/** What an engine for ONNX models has to offer. */
export interface SessionAdapter {
  /** Name of the runtime, in messages and reports. */
  readonly name: string;
  /** Makes a session of a serialised ONNX model. Throws what the engine has against the model. */
  createSession(model: Uint8Array, info: ModelInfo): MaybePromise<Session>;
  /** Frees what the engine itself holds, after all its sessions. */
  dispose?(): void;
}

/** How steps are traced, rewritten and handed to the engine. */
export interface CompileOptions {
  /** The rewrites applied to every graph, in this order. Default: `standardPasses`. */
  readonly passes?: readonly Pass[];
  /**
   * What is looked through for NaN and infinities after every run. A run that gives any throws a StepError that names the
   * first, and its carry stays as it was. Default: 'always'; the carry costs one sum in the model, outputs are few.
   */
  readonly check?: Check;
  /** Called with every model before its session is made: to look at it or keep it. */
  readonly onModel?: (model: Uint8Array, info: ModelInfo) => void;
}
