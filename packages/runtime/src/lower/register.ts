import {
  getKernel,
  registerKernel,
  unregisterKernel,
  type NamedTensorInfoMap,
  type TensorInfo,
} from '@tensorflow/tfjs-core';
import { shown } from '../errors.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { currentTrace, traceBackendName } from '../trace/session.js';

/** What a lowering is given: the kernel's inputs as values of the graph (by tfjs's names; '0', '1', … where it takes a list). */
export interface LoweringCall<I = Readonly<Record<string, Value>>, A = Readonly<Record<string, unknown>>> {
  /** By the kernel's names of them. */
  readonly inputs: I;
  /** The kernel's attributes, as tfjs gives them. */
  readonly attrs: A;
  /** Where operators are added. */
  readonly graph: Graph;
}

/** Says a tfjs kernel in ONNX operators. Returns as many values as the kernel returns tensors. */
export type Lowering = (call: LoweringCall) => Value | readonly Value[];

/**
 * Teaches the tracer a tfjs kernel: `lowering` builds ONNX operators for it. Replaces an earlier one of the same name.
 *
 * ```ts
 * registerLowering('Double', ({ inputs: { x }, graph }) => graph.nodes('Add', [x, x], [{ dtype: x.dtype, shape: x.shape }]));
 * ```
 */
export const registerLowering = (kernelName: string, lowering: Lowering): void => {
  if (getKernel(kernelName, traceBackendName)) unregisterKernel(kernelName, traceBackendName);
  registerKernel({
    kernelName,
    backendName: traceBackendName,
    kernelFunc: ({ inputs, attrs }) => {
      const trace = currentTrace();
      const values: Record<string, Value> = {};
      for (const [key, tensor] of Object.entries(inputs)) {
        if (tensor !== undefined && tensor !== null) values[key] = trace.valueOf(tensor);
      }
      const given = lowering({ inputs: values, attrs: attrs ?? {}, graph: trace.graph });
      const info = (value: Value | undefined): TensorInfo => {
        if (!value?.shape.every((d) => Number.isInteger(d) && d >= 0)) {
          const got = value ? `one of shape [${value.shape.join(', ')}]` : shown(value);
          throw new Error(`${kernelName}: expected a value with extents >= 0 from its translation, got ${got}`);
        }
        return trace.infoOf(value);
      };
      return Array.isArray(given) ? (given as readonly Value[]).map(info) : info(given as Value);
    },
  });
};

/** A kernel's inputs with tfjs's own types: the same names, values in place of tensors. Lists are arrays of values. */
export type ValuesOf<I> = { readonly [K in keyof I]: Value };

/** `registerLowering` with the kernel's own types of inputs and attributes. */
export const lower = <I extends Partial<NamedTensorInfoMap>, A = object>(
  kernelName: string,
  lowering: (inputs: ValuesOf<I>, attrs: A, graph: Graph) => Value | readonly Value[],
): void =>
  registerLowering(kernelName, ({ inputs, attrs, graph }) => lowering(inputs as ValuesOf<I>, attrs as A, graph));

/** The same for kernels that take a list of tensors. */
export const lowerList = <A = object>(
  kernelName: string,
  lowering: (inputs: readonly Value[], attrs: A, graph: Graph) => Value | readonly Value[],
): void =>
  registerLowering(kernelName, ({ inputs, attrs, graph }) => lowering(Object.values(inputs), attrs as A, graph));
