import {
  AvgPool,
  AvgPoolGrad,
  MaxPool,
  MaxPoolGrad,
  backend_util,
  type AvgPoolAttrs,
  type AvgPoolGradAttrs,
  type AvgPoolGradInputs,
  type AvgPoolInputs,
  type MaxPoolAttrs,
  type MaxPoolGradAttrs,
  type MaxPoolGradInputs,
  type MaxPoolInputs,
} from '@tensorflow/tfjs-core';
import { form, node, reshape, transpose } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';
import { sizeOf } from '../rest.js';
import { channelsFirst, channelsLast, endPads, reached, transposed } from './image.js';
import { lower } from './register.js';

type Where = Pick<MaxPoolAttrs, 'filterSize' | 'strides' | 'pad' | 'dimRoundingMode'>;

const infoOf = (x: readonly number[], { filterSize, strides, pad, dimRoundingMode }: Where) =>
  backend_util.computePool2DInfo(x as [number, number, number, number], filterSize, strides, 1, pad, dimRoundingMode);
type Info = ReturnType<typeof infoOf>;

/** What pools and their pictures have in common: the picture with channels in front, cut to what windows reach. */
const prepared = (g: Graph, x: Value, info: Info) => {
  const { bottom, right } = endPads(info);
  return {
    picture: transpose(g, reached(g, x, bottom, right), channelsFirst),
    shape: [info.batchSize, info.outChannels, info.outHeight, info.outWidth],
    attributes: {
      kernel_shape: [info.filterHeight, info.filterWidth],
      strides: [info.strideHeight, info.strideWidth],
      pads: [info.padInfo.top, info.padInfo.left, Math.max(bottom, 0), Math.max(right, 0)],
    },
  };
};

lower<MaxPoolInputs, MaxPoolAttrs>(MaxPool, ({ x }, attrs, g) => {
  const { picture, shape, attributes } = prepared(g, x, infoOf(x.shape, attrs));
  return transpose(g, node(g, 'MaxPool', [picture], form('float32', shape), attributes), channelsLast);
});

/** Each number of dy goes to the place where the maximum was; places counted through the whole picture. */
lower<MaxPoolGradInputs, MaxPoolGradAttrs>(MaxPoolGrad, ({ dy, input }, attrs, g) => {
  const { picture, shape, attributes } = prepared(g, input, infoOf(input.shape, attrs));
  const [, places] = g.nodes('MaxPool', [picture], [form('float32', shape), form('int64', shape)], attributes);
  const size = sizeOf(shape);
  const sums = node(
    g,
    'ScatterElements',
    [
      g.full('float32', [sizeOf(picture.shape)], 0),
      reshape(g, places!, [size]),
      reshape(g, transpose(g, dy, channelsFirst), [size]),
    ],
    form('float32', [sizeOf(picture.shape)]),
    { axis: 0, reduction: 'add' },
  );
  return transposed(g, reshape(g, sums, picture.shape), input.shape);
});

lower<AvgPoolInputs, AvgPoolAttrs>(AvgPool, ({ x }, attrs, g) => {
  const { picture, shape, attributes } = prepared(g, x, infoOf(x.shape, attrs));
  // The border does not count.
  const y = node(g, 'AveragePool', [picture], form('float32', shape), { ...attributes, count_include_pad: 0 });
  return transpose(g, y, channelsLast);
});

/** As tfjs has it, dy is spread over whole windows, border included; the gradient of AvgPool makes up for that. */
lower<AvgPoolGradInputs, AvgPoolGradAttrs>(AvgPoolGrad, ({ dy, input }, attrs, g) => {
  const info = infoOf(input.shape, attrs);
  const { picture, attributes } = prepared(g, input, info);
  const { kernel_shape: window, ...rest } = attributes;
  const ones = g.full('float32', [info.inChannels, 1, ...window], 1 / sizeOf(window));
  const spread = node(g, 'ConvTranspose', [transpose(g, dy, channelsFirst), ones], form('float32', picture.shape), {
    ...rest,
    group: info.inChannels,
  });
  return transposed(g, spread, input.shape);
});
