import {
  BatchMatMul,
  Einsum,
  FusedBatchNorm,
  _FusedMatMul,
  backend_util,
  type BatchMatMulAttrs,
  type BatchMatMulInputs,
  type EinsumAttrs,
  type FusedBatchNormAttrs,
  type FusedBatchNormInputs,
  type _FusedMatMulAttrs,
} from '@tensorflow/tfjs-core';
import { add, div, form, matmul, mul, node, scalar, sub, unary } from '../graph/emit.js';
import type { Value } from '../graph/value.js';
import { fusedActivation } from './activation.js';
import { lower, lowerList } from './register.js';

lower<BatchMatMulInputs, BatchMatMulAttrs>(BatchMatMul, ({ a, b }, { transposeA, transposeB }, g) =>
  matmul(g, a, b, transposeA, transposeB),
);

interface FusedInputs {
  readonly a: Value;
  readonly b: Value;
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}
lower<object, _FusedMatMulAttrs>(_FusedMatMul, (inputs, { transposeA, transposeB, activation, leakyreluAlpha }, g) => {
  const { a, b, bias, preluActivationWeights } = inputs as FusedInputs;
  const product = matmul(g, a, b, transposeA, transposeB);
  return fusedActivation(g, bias ? add(g, product, bias) : product, {
    activation,
    leakyreluAlpha,
    weights: preluActivationWeights,
  });
});

lowerList<EinsumAttrs>(Einsum, (inputs, { equation }, g) => {
  const { allDims, summedDims, idDims } = backend_util.decodeEinsumEquation(equation, inputs.length);
  const extents: number[] = [];
  inputs.forEach(({ shape }, k) =>
    idDims[k]!.forEach((dim, i) => {
      if ((extents[dim] ??= shape[i]!) !== shape[i]) {
        throw new Error(`einsum '${equation}': '${allDims[dim]}' is ${extents[dim]} and ${shape[i]}`);
      }
    }),
  );
  return node(g, 'Einsum', inputs, form('float32', extents.slice(0, allDims.length - summedDims.length)), { equation });
});

/** (x − mean) / √(variance + ε) · scale + offset */
lower<FusedBatchNormInputs, FusedBatchNormAttrs>(FusedBatchNorm, (inputs, { varianceEpsilon }, g) => {
  const { x, mean, variance, scale, offset }: Partial<typeof inputs> & Pick<typeof inputs, 'x' | 'mean' | 'variance'> =
    inputs;
  const deviation = unary(g, 'Sqrt', add(g, variance, scalar(g, varianceEpsilon)));
  let y = div(g, sub(g, x, mean), deviation);
  if (scale) y = mul(g, y, scale);
  return offset ? add(g, y, offset) : y;
});
