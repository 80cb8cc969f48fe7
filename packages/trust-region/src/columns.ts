import { elements, type F32, type Rng } from '@troupe/core';
import type { RestArray } from '@troupe/runtime';
import ndarray from 'ndarray';

/** Arrays of as many rows each, and records of them: what steps are given, without the names that they know. */
interface Columns {
  readonly [name: string]: RestArray | Columns | undefined;
}

const isArray = (x: RestArray | Columns): x is RestArray => 'stride' in x;

/** One agent of [B, N, …] as [B, 1, …], copied: an update reads it many times. */
export const ofSlot = <A extends RestArray>(x: A, slot: number): A => {
  const [rows, slots, ...rest] = x.shape as [number, number, ...number[]];
  const width = rest.reduce((a, b) => a * b, 1);
  const source = elements(x as F32);
  const data = new (source.constructor as Float32ArrayConstructor)(rows * width);
  for (let b = 0; b < rows; b++) {
    const at = (b * slots + slot) * width;
    for (let i = 0; i < width; i++) data[b * width + i] = source[at + i]!;
  }
  return ndarray(data, [rows, 1, ...rest]) as unknown as A;
};

/** Writes the rows of `from` that `rows` names, one after another. */
const takeInto = (from: RestArray, rows: ArrayLike<number>, into: RestArray): void => {
  const width = from.size / from.shape[0]!;
  const [data, source] = [into.data as Float32Array, elements(from as F32)];
  for (let r = 0; r < rows.length; r++) {
    const at = rows[r]! * width;
    for (let i = 0; i < width; i++) data[r * width + i] = source[at + i]!;
  }
};

/** Takes rows out of columns, again and again, into arrays that it keeps. */
export const rowTaker = () => {
  let kept: Columns = {};
  const take = (from: Columns, rows: ArrayLike<number>, old: Columns): Columns => {
    const taken: Record<string, RestArray | Columns> = {};
    for (const name in from) {
      const column = from[name];
      if (column === undefined) continue;
      const before = old[name];
      if (!isArray(column)) {
        taken[name] = take(column, rows, before && !isArray(before) ? before : {});
        continue;
      }
      const shape = [rows.length, ...column.shape.slice(1)];
      const fits = before && isArray(before) && before.shape.join() === shape.join();
      const Data = column.data.constructor as Float32ArrayConstructor;
      const into = fits ? before : ndarray(new Data(shape.reduce((a, b) => a * b, 1)), shape);
      takeInto(column, rows, into);
      taken[name] = into;
    }
    return taken;
  };
  return <C extends object>(from: C, rows: ArrayLike<number>): C =>
    (kept = take(from as Columns, rows, kept)) as unknown as C;
};

/** Rows 0 to B − 1 in a new order, in place. Fisher and Yates. */
export const shuffle = (order: Int32Array | number[], rng: Rng): void => {
  for (let i = order.length - 1; i > 0; i--) {
    const j = rng.int(i + 1);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
};

/**
 * The rows of one pass in a new order, part after part: `parts` of equal size; the few rows that are left over are out
 * this time. With a `length`, rows are so many steps of sequences that go on side by side, and whole sequences are taken.
 */
export const partition = (rows: number, parts: number, rng: Rng, length = 1): Int32Array => {
  const sequences = rows / length;
  const size = Math.floor(sequences / parts);
  const order = Int32Array.from({ length: sequences }, (_, i) => i);
  shuffle(order, rng);
  if (length === 1) return order.subarray(0, parts * size);
  const part = size * length;
  return Int32Array.from({ length: parts * part }, (_, i) => {
    const [k, at] = [Math.floor(i / part), i % part];
    return Math.floor(at / size) * sequences + order[k * size + (at % size)]!;
  });
};

const partsOf = (columns: Columns, parts: number): Columns => {
  const divided: Record<string, RestArray | Columns | undefined> = {};
  for (const [name, column] of Object.entries(columns)) {
    if (column === undefined) continue;
    if (!isArray(column)) {
      divided[name] = partsOf(column, parts);
      continue;
    }
    const [rows, ...rest] = column.shape as [number, ...number[]];
    divided[name] = ndarray(elements(column as F32), [parts, rows / parts, ...rest]);
  }
  return divided;
};

/** Rows as parts of equal size, one after another: [P·S, …] → [P, S, …], the same numbers. */
export const inParts = <C extends object>(columns: C, parts: number): C =>
  partsOf(columns as Columns, parts) as unknown as C;

/** How many steps on the same rows are compiled into one call: the largest divisor up to 5. */
export const stepsPerCall = (passes: number): number => [5, 4, 3, 2].find((k) => passes % k === 0) ?? 1;
