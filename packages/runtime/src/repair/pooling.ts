import {
  AvgPool,
  AvgPoolGrad,
  avgPool,
  backend_util,
  div,
  engine,
  mul,
  registerGradient,
  tensor4d,
  zerosLike,
  type AvgPoolAttrs,
  type NamedAttrMap,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';

/** For every window: its size over how much of it lies in the picture. Undefined where no window reaches the border. */
const borders = (x: Tensor, { filterSize, strides, pad, dimRoundingMode }: AvgPoolAttrs): Tensor | undefined => {
  const info = backend_util.computePool2DInfo(
    x.shape as Tensor4D['shape'],
    filterSize,
    strides,
    1,
    pad,
    dimRoundingMode,
  );
  const inside = (out: number, stride: number, before: number, window: number, length: number) =>
    Array.from({ length: out }, (_, i) => {
      const from = i * stride - before;
      return Math.min(from + window, length) - Math.max(from, 0);
    });
  const rows = inside(info.outHeight, info.strideHeight, info.padInfo.top, info.filterHeight, info.inHeight);
  const columns = inside(info.outWidth, info.strideWidth, info.padInfo.left, info.filterWidth, info.inWidth);
  const size = info.filterHeight * info.filterWidth;
  const factors = rows.flatMap((r) => columns.map((c) => size / (r * c)));
  return factors.every((f) => f === 1) ? undefined : tensor4d(factors, [1, info.outHeight, info.outWidth, 1]);
};

const scaled = (t: Tensor, by: Tensor | undefined): Tensor => (by ? mul(t, by) : t);

/**
 * tfjs 4.22 averages over the part of a window that lies inside the picture, but spreads the gradient over the whole window:
 * with padding it is too small at the border. Its own gradient, which is missing, makes the second order.
 */
registerGradient({
  kernelName: AvgPool,
  inputsToSave: ['x'],
  gradFunc: (given, [x], attrs) => ({
    x: () => {
      const { filterSize, strides, pad } = attrs as object as AvgPoolAttrs;
      const dy = scaled(given as Tensor, borders(x!, attrs as object as AvgPoolAttrs));
      const how: object = { filterSize, strides, pad };
      return engine().runKernel<Tensor>(AvgPoolGrad, { dy, input: x! }, how as NamedAttrMap);
    },
  }),
});
registerGradient({
  kernelName: AvgPoolGrad,
  inputsToSave: ['input'],
  gradFunc: (given, [input], attrs) => ({
    dy: () => {
      const { filterSize, strides, pad } = attrs as object as AvgPoolAttrs;
      const averages = avgPool(given as Tensor4D, filterSize, strides, pad);
      const by = borders(input!, attrs as object as AvgPoolAttrs);
      return by ? div(averages, by) : averages;
    },
    input: () => zerosLike(input!),
  }),
});
