import type { Tensor } from '@tensorflow/tfjs-core';
import type ndarray from 'ndarray';

/** A value now, or later where the runtime or the environment needs it. */
export type MaybePromise<T> = T | PromiseLike<T>;

/** Tensors in a structure: what a step takes and gives. */
export type Tree = Tensor | readonly Tree[] | { readonly [key: string]: Tree };

/** What a leaf is at rest. `Float32Array` is float32, `Int32Array` int32, `Uint8Array` bool. */
export type RestArray = ndarray.NdArray<Float32Array> | ndarray.NdArray<Int32Array> | ndarray.NdArray<Uint8Array>;

/** Any structure at rest. */
export type RestTree = RestArray | readonly RestTree[] | { readonly [key: string]: RestTree };

/** The same structure at rest: typed arrays with a shape. Optional leaves stay optional. */
export type AtRest<T extends Tree> = Tree extends T
  ? RestTree
  : T extends Tensor
    ? RestArray
    : { readonly [K in keyof T]: AtRest<Extract<T[K], Tree>> };

/**
 * One step of anything that learns, written in plain tfjs. Pure: the same carry and input give the same result.
 * Randomness arrives as input; targets and optimiser moments are in the carry. A carry has float32 leaves only.
 */
export type Step<C extends Tree, I extends Tree, O extends Tree> = (
  carry: C,
  input: I,
) => { readonly carry: C; readonly output: O };

/** Where one leaf of a carry lies: leaves follow each other in `flat`, in the order of the layout. */
export interface LayoutEntry {
  /** Keys from the root of the structure to the leaf. */
  readonly path: readonly string[];
  /** Extents of the leaf; `[]` for a single number. */
  readonly shape: readonly number[];
}

declare const tree: unique symbol;

/**
 * A state between steps: plain data, one flat buffer and a table of what lies where. `structuredClone`, `postMessage`,
 * saving and equality work on it. Running a step *consumes* the carry it is given (its memory is used again);
 * reading `flat` of a consumed carry throws.
 */
export interface Carry<C extends Tree> {
  /** Every leaf, in the order in which they lie. */
  readonly layout: readonly LayoutEntry[];
  /** All leaves one after another, each row-major. */
  readonly flat: Float32Array;
  /** Type only: the structure that the carry stands for. */
  readonly [tree]?: C;
}

/** What the build of a step cost and how many input shapes it was built for. */
export interface CompileInfo {
  /** Operators in the graph built last; 0 where steps run in tfjs. */
  readonly nodes: number;
  /** Milliseconds that all builds took together. */
  readonly buildMs: number;
  /** Different forms of input (shapes and dtypes) met so far. */
  readonly shapes: number;
}

/** A step that a runtime has taken over. */
export interface Compiled<C extends Tree, I extends Tree, O extends Tree> {
  /** One step. The output arrays belong to the runtime and are valid until the next call. The carry given is consumed. */
  run(carry: Carry<C>, input: AtRest<I>): MaybePromise<{ readonly carry: Carry<C>; readonly output: AtRest<O> }>;
  /** K steps in one call: every input leaf has a leading axis K, every output leaf too. The carry given is consumed. */
  scan(carry: Carry<C>, inputs: AtRest<I>): MaybePromise<{ readonly carry: Carry<C>; readonly outputs: AtRest<O> }>;
  /** What the builds cost so far. */
  readonly info: CompileInfo;
  /** Frees the compiled code. Running the step afterwards throws an Error. */
  dispose(): void;
}

/** Where steps run. */
export interface Runtime {
  /** Such as 'onnx-node'; in messages and reports. */
  readonly name: string;
  /** Fixes shapes at the first run and caches per shape and dtype. `name` appears in messages and reports. */
  compile<C extends Tree, I extends Tree, O extends Tree>(
    step: Step<C, I, O>,
    options?: { readonly name?: string },
  ): Compiled<C, I, O>;
  /** Frees all steps that it has compiled: running them afterwards throws an Error. */
  dispose(): void;
}
