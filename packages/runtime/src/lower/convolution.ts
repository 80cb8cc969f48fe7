import {
  Conv2D,
  Conv2DBackpropFilter,
  Conv2DBackpropInput,
  FusedConv2D,
  backend_util,
  type Conv2DAttrs,
  type Conv2DBackpropFilterAttrs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputAttrs,
  type Conv2DBackpropInputInputs,
  type Conv2DInputs,
  type FusedConv2DAttrs,
} from '@tensorflow/tfjs-core';
import { add, form, node, transpose } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { fusedActivation } from './activation.js';
import { channelsFirst, channelsLast, endPads, filterFirst, reached, transposed } from './image.js';
import { lower } from './register.js';

type Four = [number, number, number, number];
type Where = Pick<Conv2DAttrs, 'strides' | 'pad' | 'dimRoundingMode'> & { readonly dataFormat?: string };

const infoOf = (
  x: readonly number[],
  filter: readonly number[],
  attrs: Where,
  dilations: number | [number, number],
) => {
  if ((attrs.dataFormat ?? 'NHWC') !== 'NHWC') throw new Error(`convolution in ${attrs.dataFormat}: use NHWC`);
  return backend_util.computeConv2DInfo(
    x as Four,
    filter as Four,
    attrs.strides,
    dilations,
    attrs.pad,
    attrs.dimRoundingMode,
    false,
    'channelsLast',
  );
};

const convolution = (g: Graph, x: Value, filter: Value, attrs: Conv2DAttrs): Value => {
  const info = infoOf(x.shape, filter.shape, attrs, attrs.dilations);
  const { top, left } = info.padInfo;
  const { bottom, right } = endPads(info);
  const y = node(
    g,
    'Conv',
    [transpose(g, reached(g, x, bottom, right), channelsFirst), transpose(g, filter, filterFirst)],
    form('float32', [info.batchSize, info.outChannels, info.outHeight, info.outWidth]),
    {
      strides: [info.strideHeight, info.strideWidth],
      dilations: [info.dilationHeight, info.dilationWidth],
      pads: [top, left, Math.max(bottom, 0), Math.max(right, 0)],
    },
  );
  return transpose(g, y, channelsLast);
};
lower<Conv2DInputs, Conv2DAttrs>(Conv2D, ({ x, filter }, attrs, g) => convolution(g, x, filter, attrs));

interface FusedInputs {
  readonly x: Value;
  readonly filter: Value;
  readonly bias?: Value;
  readonly preluActivationWeights?: Value;
}
lower<object, FusedConv2DAttrs>(FusedConv2D, (inputs, attrs, g) => {
  const { x, filter, bias, preluActivationWeights } = inputs as FusedInputs;
  const y = convolution(g, x, filter, attrs);
  return fusedActivation(g, bias ? add(g, y, bias) : y, {
    activation: attrs.activation,
    leakyreluAlpha: attrs.leakyreluAlpha,
    weights: preluActivationWeights,
  });
});

lower<Conv2DBackpropInputInputs, Conv2DBackpropInputAttrs>(Conv2DBackpropInput, ({ dy, filter }, attrs, g) => {
  const info = infoOf(attrs.inputShape, filter.shape, attrs, 1);
  const { top, left } = info.padInfo;
  const { bottom, right } = endPads(info);
  const x = node(
    g,
    'ConvTranspose',
    [transpose(g, dy, channelsFirst), transpose(g, filter, filterFirst)],
    form('float32', [
      info.batchSize,
      info.inChannels,
      info.inHeight + Math.min(bottom, 0),
      info.inWidth + Math.min(right, 0),
    ]),
    {
      strides: [info.strideHeight, info.strideWidth],
      pads: [top, left, Math.max(bottom, 0), Math.max(right, 0)],
    },
  );
  return transposed(g, x, attrs.inputShape);
});

/** The filter's gradient is a convolution of x with dy as filter: batch and channels change places, stride becomes dilation. */
lower<Conv2DBackpropFilterInputs, Conv2DBackpropFilterAttrs>(Conv2DBackpropFilter, ({ x, dy }, attrs, g) => {
  const info = infoOf(x.shape, attrs.filterShape, attrs, 1);
  const { top, left } = info.padInfo;
  const { bottom, right } = endPads(info);
  const y = node(
    g,
    'Conv',
    [transpose(g, reached(g, x, bottom, right), [3, 0, 1, 2]), transpose(g, dy, [3, 0, 1, 2])],
    form('float32', [info.inChannels, info.outChannels, info.filterHeight, info.filterWidth]),
    {
      strides: [1, 1],
      dilations: [info.strideHeight, info.strideWidth],
      pads: [top, left, Math.max(bottom, 0), Math.max(right, 0)],
    },
  );
  return transpose(g, y, [2, 3, 0, 1]);
});
