import type { backend_util } from '@tensorflow/tfjs-core';
import { form, integers, node, slice, transpose } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import type { Value } from '../graph/value.js';

/** tfjs lays images out as [B, H, W, C] and filters as [H, W, in, out]; ONNX as [B, C, H, W] and [out, in, H, W]. */
export const channelsFirst = [0, 3, 1, 2];
/** ONNX's order back to tfjs's. */
export const channelsLast = [0, 2, 3, 1];
/** tfjs's order of filters to ONNX's. */
export const filterFirst = [3, 2, 0, 1];

type Info = backend_util.Conv2DInfo;

/**
 * As much padding at the far ends as gives the output its size; negative: pixels that no stride reached. (tfjs may round
 * sizes up or down; ONNX is told exactly.)
 */
export const endPads = (info: Info): { readonly bottom: number; readonly right: number } => ({
  bottom: info.effectiveFilterHeight + (info.outHeight - 1) * info.strideHeight - info.inHeight - info.padInfo.top,
  right: info.effectiveFilterWidth + (info.outWidth - 1) * info.strideWidth - info.inWidth - info.padInfo.left,
});

/** An image [B, H, W, C] without the pixels that no stride reached. */
export const reached = (g: Graph, x: Value, bottom: number, right: number): Value => {
  const [b, h, w, c] = x.shape as readonly [number, number, number, number];
  return slice(g, x, [0, 0, 0, 0], [b, h + Math.min(bottom, 0), w + Math.min(right, 0), c]);
};

/** An image [B, C, H, W] as [B, H, W, C] of this shape, with zeros for the pixels that no stride reached. */
export const transposed = (g: Graph, x: Value, shape: readonly number[]): Value => {
  const y = transpose(g, x, channelsLast);
  const missing = shape.map((d, i) => d - y.shape[i]!);
  if (missing.every((d) => d === 0)) return y;
  return node(g, 'Pad', [y, integers(g, [0, 0, 0, 0, ...missing])], form(y.dtype, shape), { mode: 'constant' });
};
