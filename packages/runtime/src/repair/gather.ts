import {
  GatherV2,
  getGradient,
  matMul,
  oneHot,
  registerGradient,
  reshape,
  transpose,
  zeros,
  type GatherV2Attrs,
  type Tensor,
} from '@tensorflow/tfjs-core';

const product = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Σₖ [indexₖ = n] dyₖ for each row of the batch, as a product of the one-hot indices with dy. */
const batchedGradient = (dy: Tensor, x: Tensor, indices: Tensor, axis: number, batchDims: number): Tensor => {
  const batch = x.shape.slice(0, batchDims);
  const between = axis - batchDims;
  const picked = indices.rank - batchDims;
  const dims = dy.shape.map((_, i) => i);
  // dy is [batch, between, picked, after]: bring what was picked forward.
  const order = [
    ...dims.slice(0, batchDims),
    ...dims.slice(axis, axis + picked),
    ...dims.slice(batchDims, axis),
    ...dims.slice(axis + picked),
  ];
  const rows = product(batch);
  const many = indices.size / rows;
  const length = x.shape[axis]!;
  const rest = x.size / (rows * length);
  const hits = oneHot(reshape(indices, [rows, many]), length, 1, 0, 'float32');
  const sums = matMul(hits, reshape(transpose(dy, order), [rows, many, rest]), true, false);
  const full = reshape(sums, [...batch, length, ...x.shape.slice(batchDims, axis), ...x.shape.slice(axis + 1)]);
  const back = x.shape.map((_, i) => i);
  return transpose(full, [
    ...back.slice(0, batchDims),
    ...back.slice(batchDims + 1, batchDims + 1 + between),
    batchDims,
    ...back.slice(batchDims + 1 + between),
  ]);
};

/** tfjs 4.22 differentiates a batched gather by way of chained methods, which Node's import of tfjs does not have. */
const config = getGradient(GatherV2);
if (!config) throw new Error('tfjs has no gradient of GatherV2: is @tensorflow/tfjs-layers loaded?');
registerGradient({
  ...config,
  gradFunc: (dy, saved, attrs) => {
    const { axis, batchDims } = attrs as object as GatherV2Attrs;
    const [x, indices] = saved;
    if (!batchDims) return config.gradFunc(dy, saved, attrs);
    const along = axis < 0 ? axis + x!.rank : axis;
    return {
      x: () => batchedGradient(dy as Tensor, x!, indices!, along, batchDims),
      indices: () => zeros(indices!.shape),
    };
  },
});
