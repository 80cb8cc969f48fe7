import {
  BatchMatMul,
  Maximum,
  Minimum,
  SquaredDifference,
  getGradient,
  registerGradient,
  reshape,
  sum,
  type Tensor,
} from '@tensorflow/tfjs-core';

/** Sums a gradient over the axes along which its operand was spread. */
const unbroadcast = (gradient: Tensor, shape: readonly number[]): Tensor => {
  const extra = gradient.rank - shape.length;
  const axes = gradient.shape.flatMap((d, i) => (i < extra || (shape[i - extra] === 1 && d !== 1) ? [i] : []));
  return axes.length === 0 ? gradient : reshape(sum(gradient, axes), [...shape]);
};

/** In tfjs 4.22 the gradients of these kernels have the shape of the result, also for operands that were spread to it. */
for (const kernelName of [Maximum, Minimum, SquaredDifference, BatchMatMul]) {
  const config = getGradient(kernelName);
  if (!config) throw new Error(`tfjs has no gradient of ${kernelName}: is @tensorflow/tfjs-layers loaded?`);
  registerGradient({
    ...config,
    gradFunc: (dy, saved, attrs) => {
      const { a, b } = config.gradFunc(dy, saved, attrs);
      return {
        a: () => unbroadcast(a!(), saved[0]!.shape),
        b: () => unbroadcast(b!(), saved[1]!.shape),
      };
    },
  });
}
