import type { Batch, Groups } from '@troupe/core';
import { nameOf, type Column, type ReadColumn, type View } from './columns.js';
import type { Target } from './targets.js';
import { arrayOf, checkView, readableView, viewOf } from './views.js';

type Node = View | Uint8Array | Int32Array | { [key: string]: Node };

/** A batch of `rows` zero rows; `state` is one array, seen by every group. */
export const emptyBatch = <G extends Groups>(groups: G, columns: readonly Column[], rows: number): Batch<G> => {
  const names = Object.keys(groups);
  const batch: { [key: string]: Node } = {
    groups: Object.fromEntries(names.map((name) => [name, { next: {}, extras: {} }])),
  };
  const put = (path: readonly string[], value: Node): void => {
    let at = batch;
    for (const key of path.slice(0, -1)) at = at[key] as { [key: string]: Node };
    at[path.at(-1)!] = value;
  };
  for (const { path, type, shape, size } of columns) {
    const data = arrayOf(type, rows * size);
    if (path[0] === 'last' || path[0] === 'env') put(path, data as Uint8Array);
    else {
      const view = viewOf(data, [rows, ...shape]);
      if (path[0] === 'groups') put(path, view);
      else for (const name of names) put(['groups', name, ...path], view);
    }
  }
  return batch as unknown as Batch<G>;
};

/** Where each column of a batch is written. Throws, in the name of `where`, if something does not fit or is not contiguous. */
export const targetsIn = (
  where: string,
  batch: Batch<Groups>,
  columns: readonly Column[],
  readers: readonly ReadColumn[],
  rows: number,
): readonly Target[] =>
  columns.map((column, c) => {
    const view = checkView(where, column, rows, readers[c]!(batch));
    const { data, start, stride, offsets } = readableView(view);
    if (offsets || (rows > 1 && stride !== column.size)) {
      throw new RangeError(`${where}: ${nameOf(column)}: expected contiguous rows in out, got strides`);
    }
    return {
      data,
      from: start,
      bytes: new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      byteFrom: start * data.BYTES_PER_ELEMENT,
    };
  });

/** An owned, contiguous copy of a batch: keeps what a buffer returned, and serves as `out` of later samples. */
export const copyBatch = <G extends Groups>(batch: Batch<G>): Batch<G> => {
  // `state` is the same array in every group and stays so.
  const copies = new Map<object, unknown>();
  const copy = (node: unknown): unknown => {
    if (typeof node !== 'object' || node === null) return node;
    const known = copies.get(node);
    if (known !== undefined) return known;
    const made = copyNode(node);
    copies.set(node, made);
    return made;
  };
  const copyNode = (node: object): unknown => {
    if (node instanceof Uint8Array || node instanceof Int32Array) return node.slice();
    if ('stride' in node) return copyView(node as View);
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, copy(child)]));
  };
  return copy(batch) as Batch<G>;
};

const copyView = (view: View): View => {
  const { data, start, stride, offsets } = readableView(view);
  const rows = view.shape[0]!;
  const size = rows === 0 ? 0 : view.size / rows;
  const out = new (data.constructor as Float32ArrayConstructor)(view.size);
  for (let b = 0; b < rows; b++) {
    for (let k = 0; k < size; k++) out[b * size + k] = data[start + b * stride + (offsets ? offsets[k]! : k)]!;
  }
  return viewOf(out, view.shape);
};
