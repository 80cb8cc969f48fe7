import {
  SplitV,
  Unpack,
  concat,
  registerGradient,
  stack,
  type SplitVAttrs,
  type Tensor,
  type UnpackAttrs,
} from '@tensorflow/tfjs-core';

const list = (dy: Tensor | Tensor[]): Tensor[] => (Array.isArray(dy) ? dy : [dy]);

/** tfjs 4.22 hands the gradient of a single part over by itself and not in a list, which its own code does not expect. */
registerGradient({
  kernelName: SplitV,
  gradFunc: (dy, _, attrs) => ({ x: () => concat(list(dy), (attrs as object as SplitVAttrs).axis) }),
});
registerGradient({
  kernelName: Unpack,
  gradFunc: (dy, _, attrs) => ({ value: () => stack(list(dy), (attrs as object as UnpackAttrs).axis) }),
});
