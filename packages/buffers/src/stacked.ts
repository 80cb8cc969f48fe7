import type { View } from './columns.js';
import type { Batch, Groups } from '@troupe/core';
import ndarray from 'ndarray';

/**
 * A batch of `parts` times as many rows as `like`, and its parts, each a batch of its own on the same memory. The first of
 * them holds what `like` holds, whose arrays are contiguous.
 */
export const stacked = <G extends Groups>(
  like: Batch<G>,
  parts: number,
): { readonly whole: Batch<G>; readonly parts: readonly Batch<G>[] } => {
  // `state` is the same array in every group and stays so.
  const made = new Map<object, unknown>();
  const grow = (node: object): unknown => {
    const known = made.get(node);
    if (known !== undefined) return known;
    const grown = growNode(node);
    made.set(node, grown);
    return grown;
  };
  const growNode = (node: object): unknown => {
    if (node instanceof Uint8Array || node instanceof Int32Array) {
      const longer = new (node.constructor as Uint8ArrayConstructor)(node.length * parts);
      longer.set(node);
      return longer;
    }
    if ('stride' in node) {
      const view = node as View;
      const data = new (view.data.constructor as Float32ArrayConstructor)(view.size * parts);
      data.set(view.data.subarray(view.offset, view.offset + view.size));
      return ndarray(data, [view.shape[0]! * parts, ...view.shape.slice(1)]);
    }
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, grow(child as object)]));
  };
  const partOf = (node: object, k: number, seen: Map<object, unknown>): unknown => {
    const known = seen.get(node);
    if (known !== undefined) return known;
    const part = sliceOf(node, k, seen);
    seen.set(node, part);
    return part;
  };
  const sliceOf = (node: object, k: number, seen: Map<object, unknown>): unknown => {
    if (node instanceof Uint8Array || node instanceof Int32Array) {
      const rows = node.length / parts;
      return node.subarray(k * rows, (k + 1) * rows);
    }
    if ('stride' in node) {
      const view = node as View;
      const rows = view.shape[0]! / parts;
      return view.lo(k * rows).hi(rows);
    }
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, partOf(child as object, k, seen)]));
  };
  const whole = grow(like) as Batch<G>;
  return { whole, parts: Array.from({ length: parts }, (_, k) => partOf(whole, k, new Map()) as Batch<G>) };
};
