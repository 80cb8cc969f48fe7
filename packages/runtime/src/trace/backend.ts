import { KernelBackend, Variable, engine, type Tensor, type TensorInfo } from '@tensorflow/tfjs-core';
import { refuse } from '../errors.js';
import { reshape } from '../graph/emit.js';
import { dataOf, type Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { sameShape, type LeafDtype, type RestData } from '../rest.js';
import { allowsVariables } from './active.js';
import { currentTrace, traceBackendName, type Trace } from './session.js';

/** Behind a traced tensor there is a value of a graph instead of numbers. */
const values = new WeakMap<object, { readonly value: Value; readonly graph: Graph }>();
const references = new WeakMap<object, number>();

const dataIdOf = (value: Value, graph: Graph): object => {
  const dataId = {};
  values.set(dataId, { value, graph });
  references.set(dataId, 1);
  return dataId;
};
const isConstant = ({ origin: { kind } }: Value): boolean => kind === 'constant' || kind === 'uniform';

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
const isLeafDtype = (dtype: string): dtype is LeafDtype => Object.hasOwn(arrays, dtype);

const constant = (step: string, graph: Graph, numbers: unknown, shape: readonly number[], dtype: string): Value => {
  if (!isLeafDtype(dtype)) {
    throw refuse(step, `it makes a tensor of dtype ${dtype}`, 'Steps know float32, int32 and bool');
  }
  return graph.constant(dtype, [...shape], arrays[dtype].from(numbers as ArrayLike<number>));
};

/** The numbers of a tensor as a copy, if they are known: always without a trace, and of constants within one. */
export const knownNumbers = (tensor: Tensor): RestData | undefined => {
  const traced = values.get(tensor.dataId);
  if (traced === undefined) return tensor.dataSync().slice();
  const data = isConstant(traced.value) ? dataOf(traced.value) : undefined;
  return data instanceof BigInt64Array ? undefined : data?.slice();
};

const unread = (): Error => {
  const trace = currentTrace();
  trace.offence ??= refuse(
    trace.step,
    'it reads the value of a tensor (dataSync, data, arraySync, array, print or toString) while it is being traced, ' +
      'when there is no value yet',
    'Return the tensor as output and read it outside; decide inside with tf.where. To look at values, run the step with eager()',
  );
  return trace.offence;
};

/** What tfjs calls on a backend while it runs operations: constants come in, nothing is ever read. */
export const traceBackend: KernelBackend = Object.assign(new KernelBackend(), {
  write: (numbers: unknown, shape: number[], dtype: string): object => {
    const { step, graph } = currentTrace();
    return dataIdOf(constant(step, graph, numbers, shape, dtype), graph);
  },
  readSync: (): never => {
    throw unread();
  },
  read: (): Promise<never> => {
    unread();
    return new Promise(() => undefined);
  },
  disposeData: (dataId: object, force = false): boolean => {
    const left = (references.get(dataId) ?? 1) - 1;
    references.set(dataId, left);
    return force || left <= 0;
  },
  incRef: (dataId: object): void => {
    references.set(dataId, (references.get(dataId) ?? 0) + 1);
  },
  refCount: (dataId: object): number => references.get(dataId) ?? 0,
  numDataIds: () => 0,
  floatPrecision: (): 16 | 32 => 32,
  memory: () => ({ unreliable: true }),
  timerAvailable: () => false,
  dispose: () => undefined,
});

/** A trace that adds the operators of `step` to `graph`. */
export const createTrace = (step: string, graph: Graph): Trace => {
  const captured = new Map<object, Value>();
  const capture = (tensor: TensorInfo): Value => {
    const seen = captured.get(tensor.dataId);
    if (seen) return seen;
    if (tensor instanceof Variable && !allowsVariables()) {
      throw refuse(
        step,
        `it reads the tf.Variable '${tensor.name}', whose later values it would not see`,
        'Keep the state in its carry, or compile the function with compileVariables. For a constant, use a tf.clone made outside',
      );
    }
    const info = engine().state.tensorInfo.get(tensor.dataId);
    if (!info)
      throw refuse(step, 'it uses a tensor from outside that has been disposed', 'Keep the tensor, or pass it in');
    const made = constant(step, graph, info.backend.readSync(tensor.dataId), tensor.shape, tensor.dtype);
    captured.set(tensor.dataId, made);
    return made;
  };
  /** What an earlier trace left behind belongs to another graph: only its constants mean something in this one. */
  const recall = ({ value, graph: from }: { readonly value: Value; readonly graph: Graph }): Value => {
    if (from === graph) return value;
    if (isConstant(value)) return graph.constant(value.dtype, value.shape, dataOf(value));
    throw refuse(
      step,
      'it uses a tensor that it computed at an earlier call and kept (as a stateful layer does)',
      'What lasts from call to call is in its carry, or in a tf.Variable that compileVariables finds',
    );
  };
  return {
    step,
    graph,
    valueOf: (tensor) => {
      const known = values.get(tensor.dataId);
      const value = known ? recall(known) : capture(tensor);
      return sameShape(value.shape, tensor.shape) ? value : reshape(graph, value, tensor.shape);
    },
    infoOf: (value) => {
      if (value.dtype === 'int64') throw new Error(`a lowering gave int64, which tfjs does not have: cast it to int32`);
      return { dataId: dataIdOf(value, graph), shape: [...value.shape], dtype: value.dtype };
    },
  };
};

/** Makes tfjs work on the trace backend for the duration of `f`, and leaves everything as it was. */
export const onTraceBackend = <T>(f: () => T): T => {
  const tfjs = engine();
  const { backendName } = tfjs;
  const backendInstance: unknown = Reflect.get(tfjs, 'backendInstance');
  const debug = tfjs.ENV.getBool('DEBUG');
  const profiling = tfjs.state.profiling;
  tfjs.registry[traceBackendName] = traceBackend;
  tfjs.backendName = traceBackendName;
  Reflect.set(tfjs, 'backendInstance', traceBackend);
  // Debugging and profiling read results, which do not exist here.
  if (debug) tfjs.ENV.set('DEBUG', false);
  tfjs.state.profiling = false;
  try {
    return f();
  } finally {
    if (debug) tfjs.ENV.set('DEBUG', true);
    tfjs.state.profiling = profiling;
    tfjs.backendName = backendName;
    Reflect.set(tfjs, 'backendInstance', backendInstance);
  }
};
