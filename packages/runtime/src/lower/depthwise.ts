import {
  DepthwiseConv2dNative,
  DepthwiseConv2dNativeBackpropFilter,
  DepthwiseConv2dNativeBackpropInput,
  FusedDepthwiseConv2D,
  backend_util,
  type DepthwiseConv2dNativeAttrs,
  type DepthwiseConv2dNativeBackpropFilterAttrs,
  type DepthwiseConv2dNativeBackpropFilterInputs,
  type DepthwiseConv2dNativeBackpropInputAttrs,
  type DepthwiseConv2dNativeBackpropInputInputs,
  type DepthwiseConv2dNativeInputs,
  type FusedDepthwiseConv2DAttrs,
} from '@tensorflow/tfjs-core';
import { add, form, node, reshape, transpose } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { fusedActivation } from './activation.js';
import { channelsFirst, channelsLast, endPads, reached, transposed } from './image.js';
import { lower } from './register.js';

type Four = [number, number, number, number];
type Where = Pick<DepthwiseConv2dNativeAttrs, 'strides' | 'pad' | 'dilations' | 'dimRoundingMode'> & {
  readonly dataFormat?: string;
};

const infoOf = (x: readonly number[], filter: readonly number[], attrs: Where) => {
  if ((attrs.dataFormat ?? 'NHWC') !== 'NHWC') throw new Error(`convolution in ${attrs.dataFormat}: use NHWC`);
  return backend_util.computeConv2DInfo(
    x as Four,
    filter as Four,
    attrs.strides,
    attrs.dilations ?? 1,
    attrs.pad,
    attrs.dimRoundingMode,
    true,
  );
};
type Info = ReturnType<typeof infoOf>;

/** [H, W, in, multiplier] as the filters of as many groups as there are channels: [in · multiplier, 1, H, W]. */
const grouped = (g: Graph, filter: Value): Value => {
  const [h, w, channels, each] = filter.shape as Four;
  return reshape(g, transpose(g, filter, [2, 3, 0, 1]), [channels * each, 1, h, w]);
};
const attributesOf = (info: Info, bottom: number, right: number) => ({
  strides: [info.strideHeight, info.strideWidth],
  dilations: [info.dilationHeight, info.dilationWidth],
  pads: [info.padInfo.top, info.padInfo.left, Math.max(bottom, 0), Math.max(right, 0)],
  group: info.inChannels,
});

const convolution = (g: Graph, x: Value, filter: Value, attrs: Where): Value => {
  const info = infoOf(x.shape, filter.shape, attrs);
  const { bottom, right } = endPads(info);
  const y = node(
    g,
    'Conv',
    [transpose(g, reached(g, x, bottom, right), channelsFirst), grouped(g, filter)],
    form('float32', [info.batchSize, info.outChannels, info.outHeight, info.outWidth]),
    attributesOf(info, bottom, right),
  );
  return transpose(g, y, channelsLast);
};
lower<DepthwiseConv2dNativeInputs, DepthwiseConv2dNativeAttrs>(DepthwiseConv2dNative, ({ x, filter }, attrs, g) =>
  convolution(g, x, filter, attrs),
);

interface FusedInputs {
  readonly x: Value;
  readonly filter: Value;
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}
lower<object, FusedDepthwiseConv2DAttrs>(FusedDepthwiseConv2D, (inputs, attrs, g) => {
  const { x, filter, bias, preluActivationWeights } = inputs as FusedInputs;
  const y = convolution(g, x, filter, attrs);
  return fusedActivation(g, bias ? add(g, y, bias) : y, {
    activation: attrs.activation,
    leakyreluAlpha: attrs.leakyreluAlpha,
    weights: preluActivationWeights,
  });
});

lower<DepthwiseConv2dNativeBackpropInputInputs, DepthwiseConv2dNativeBackpropInputAttrs>(
  DepthwiseConv2dNativeBackpropInput,
  ({ dy, filter }, attrs, g) => {
    const info = infoOf(attrs.inputShape, filter.shape, attrs);
    const { bottom, right } = endPads(info);
    const x = node(
      g,
      'ConvTranspose',
      [transpose(g, dy, channelsFirst), grouped(g, filter)],
      form('float32', [
        info.batchSize,
        info.inChannels,
        info.inHeight + Math.min(bottom, 0),
        info.inWidth + Math.min(right, 0),
      ]),
      attributesOf(info, bottom, right),
    );
    return transposed(g, x, attrs.inputShape);
  },
);

/** For each channel a convolution of x with dy as filter: the batch takes the place of channels, stride that of dilation. */
lower<DepthwiseConv2dNativeBackpropFilterInputs, DepthwiseConv2dNativeBackpropFilterAttrs>(
  DepthwiseConv2dNativeBackpropFilter,
  ({ x, dy }, attrs, g) => {
    const info = infoOf(x.shape, attrs.filterShape, attrs);
    const { bottom, right } = endPads(info);
    const picture = transpose(g, reached(g, x, bottom, right), [3, 0, 1, 2]);
    const [channels, rows, height, width] = picture.shape as Four;
    const { strides, dilations, ...rest } = attributesOf(info, bottom, right);
    const each = info.outChannels / info.inChannels;
    const y = node(
      g,
      'Conv',
      [reshape(g, picture, [1, channels * rows, height, width]), transpose(g, dy, [3, 0, 1, 2])],
      form('float32', [1, info.outChannels, info.filterHeight, info.filterWidth]),
      { ...rest, strides: dilations, dilations: strides },
    );
    return transpose(g, reshape(g, y, [channels, each, info.filterHeight, info.filterWidth]), [2, 3, 0, 1]);
  },
);
