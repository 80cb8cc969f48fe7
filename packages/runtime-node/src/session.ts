import type { ModelInfo, Port, Session } from '@troupe/runtime';
import type { InferenceSession, OnnxValue, Tensor, TensorConstructor } from 'onnxruntime-node';
import type { OnnxRuntime } from './load.js';

type Arrays = Parameters<Session['run']>[0];

/** Tensors for the arrays of one port; making one costs about a microsecond, so they are kept as long as the array is. */
const tensorsFor = (
  Tensor: TensorConstructor,
  { dtype, shape }: Port,
): ((data: Arrays[number], steps: number) => Tensor) => {
  const known = new WeakMap<Arrays[number], Tensor>();
  return (data, steps) => {
    const before = known.get(data);
    if (before) return before;
    const dims = shape.map((d) => (d < 0 ? steps : d));
    const made =
      dtype === 'float32'
        ? new Tensor('float32', data as Float32Array, dims)
        : dtype === 'int32'
          ? new Tensor('int32', data as Int32Array, dims)
          : new Tensor('bool', data as Uint8Array, dims);
    known.set(data, made);
    return made;
  };
};

/** Fills the engine's records of named tensors from lists of arrays. */
const marshal = (Tensor: TensorConstructor, { inputs, outputs }: ModelInfo) => {
  const feeds: Record<string, OnnxValue> = {};
  const fetches: Record<string, OnnxValue> = {};
  const ins = inputs.map((port) => tensorsFor(Tensor, port));
  const outs = outputs.map((port) => tensorsFor(Tensor, port));
  return {
    feeds,
    fetches,
    fill: (given: Arrays, wanted: Arrays, steps: number): void => {
      for (let i = 0; i < ins.length; i++) feeds[inputs[i]!.name] = ins[i]!(given[i]!, steps);
      for (let i = 0; i < outs.length; i++) fetches[outputs[i]!.name] = outs[i]!(wanted[i]!, steps);
    },
  };
};

/** A session on the native, synchronous half: results are there when `run` returns. */
export const nativeSession = (
  ort: OnnxRuntime,
  model: Uint8Array,
  info: ModelInfo,
  options: InferenceSession.SessionOptions,
): Session => {
  const session = ort.native!();
  session.loadModel(model.buffer, model.byteOffset, model.byteLength, options);
  const { feeds, fetches, fill } = marshal(ort.Tensor, info);
  const noOptions = {};
  return {
    run: (inputs, outputs, steps) => {
      fill(inputs, outputs, steps);
      session.run(feeds, fetches, noOptions);
      return outputs;
    },
    dispose: () => {
      if (options.enableProfiling) session.endProfiling();
      session.dispose();
    },
  };
};

/** A session on the public interface: results come in promises. */
export const publicSession = async (
  ort: OnnxRuntime,
  model: Uint8Array,
  info: ModelInfo,
  options: InferenceSession.SessionOptions,
): Promise<Session> => {
  const session = await ort.createSession(model, options);
  const { feeds, fetches, fill } = marshal(ort.Tensor, info);
  return {
    run: async (inputs, outputs, steps) => {
      fill(inputs, outputs, steps);
      await session.run(feeds, fetches);
      return outputs;
    },
    dispose: () => {
      void session.release();
    },
  };
};
