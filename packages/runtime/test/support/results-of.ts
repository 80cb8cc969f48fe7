import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { Program, Value } from '../../src/graph/value.js';
import { onnxModel } from '../../src/onnx/model.js';
import { deadCode } from '../../src/passes/index.js';
import { sizeOf } from '../../src/rest.js';
import { numbers } from './numbers.js';

const nameOf = ({ origin }: Value): string => (origin.kind === 'input' ? origin.name : '');

/** What a program of float32 inputs x0, x1, … gives for numbers that depend on those names only. */
export const resultsOf = async (program: Program): Promise<readonly ArrayLike<number>[]> => {
  const needed = deadCode.run(program);
  const session = await InferenceSession.create(onnxModel(needed), { logSeverityLevel: 3 });
  const given = needed.inputs.map((x) => {
    const data = numbers(sizeOf(x.shape), Number(nameOf(x).slice(1)));
    return [nameOf(x), new Tensor('float32', data, x.shape)] as const;
  });
  const results = await session.run(Object.fromEntries(given));
  await session.release();
  return needed.outputs.map(({ name }) => results[name]!.data as Float32Array);
};
