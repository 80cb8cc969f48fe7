import {
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  conv2d,
  depthwiseConv2d,
  engine,
  registerGradient,
  type Conv2DBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type NamedAttrMap,
  type NamedTensorMap,
  type Tensor,
  type Tensor4D,
} from '@tensorflow/tfjs-core';

const run = (kernel: string, inputs: NamedTensorMap, attrs: object): Tensor =>
  engine().runKernel<Tensor>(kernel, inputs, attrs as NamedAttrMap);

/**
 * The gradients of a convolution are bilinear, and so theirs are convolutions again. tfjs 4.22 has only one of the four,
 * so that convolutions had no second order.
 */
registerGradient({
  kernelName: Conv2DBackpropFilter,
  inputsToSave: ['x', 'dy'],
  gradFunc: (filter, [x, dy], attrs) => {
    const { filterShape: _, ...how } = attrs as object as Conv2DBackpropFilterAttrs;
    const { strides, pad, dataFormat, dimRoundingMode } = how;
    return {
      x: () => run(Conv2DBackpropInput, { dy: dy!, filter: filter as Tensor }, { ...how, inputShape: x!.shape }),
      dy: () => conv2d(x as Tensor4D, filter as Tensor4D, strides, pad, dataFormat, 1, dimRoundingMode),
    };
  },
});

registerGradient({
  kernelName: DepthwiseConv2dNativeBackpropFilter,
  inputsToSave: ['x', 'dy'],
  gradFunc: (filter, [x, dy], attrs) => {
    const { filterShape: _, ...how } = attrs as object as DepthwiseConv2dNativeBackpropFilterAttrs;
    const { strides, pad, dimRoundingMode } = how;
    return {
      x: () =>
        run(
          DepthwiseConv2dNativeBackpropInput,
          { dy: dy!, filter: filter as Tensor },
          { ...how, inputShape: x!.shape },
        ),
      dy: () => depthwiseConv2d(x as Tensor4D, filter as Tensor4D, strides, pad, 'NHWC', 1, dimRoundingMode),
    };
  },
});
registerGradient({
  kernelName: DepthwiseConv2dNativeBackpropInput,
  inputsToSave: ['dy', 'filter'],
  gradFunc: (x, [dy, filter], attrs) => {
    const { inputShape: _, ...how } = attrs as object as DepthwiseConv2dNativeBackpropFilterAttrs & {
      readonly inputShape: readonly number[];
    };
    const { strides, pad, dimRoundingMode } = how;
    return {
      dy: () => depthwiseConv2d(x as Tensor4D, filter as Tensor4D, strides, pad, 'NHWC', 1, dimRoundingMode),
      filter: () =>
        run(DepthwiseConv2dNativeBackpropFilter, { x: x as Tensor, dy: dy! }, { ...how, filterShape: filter!.shape }),
    };
  },
});
