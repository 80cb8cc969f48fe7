import { Cumsum, cumsum, registerGradient, type CumsumAttrs, type Tensor } from '@tensorflow/tfjs-core';

/**
 * The gradient of a cumulative sum is the cumulative sum the other way round. tfjs 4.22 turns its axes as well, unless the
 * sum runs along the last one: an error at best, and wrong numbers where the shape is square.
 */
registerGradient({
  kernelName: Cumsum,
  gradFunc: (dy, _, attrs) => {
    const { axis, exclusive, reverse } = attrs as object as CumsumAttrs;
    return { x: () => cumsum(dy as Tensor, axis, exclusive, !reverse) };
  },
});
