import { backend_util } from '@tensorflow/tfjs-core';
import { sameShape, sizeOf } from '../rest.js';
import type { Graph } from './graph.js';
import type { Attributes, Dtype, Form, Value } from './value.js';

/** Operators with their shapes worked out. Functions of a graph, so that lowerings and passes read like formulas. */

export const form = (dtype: Dtype, shape: readonly number[]): Form => ({ dtype, shape });

/** An operator of one output. */
export const node = (
  g: Graph,
  op: string,
  inputs: readonly (Value | null)[],
  out: Form,
  attributes?: Attributes,
  domain = '',
): Value => g.nodes(op, inputs, [out], attributes, domain)[0]!;

/** float32 scalar constant. */
export const scalar = (g: Graph, x: number): Value => g.full('float32', [], x);
/** int64 vector constant. */
export const integers = (g: Graph, values: readonly number[]): Value =>
  g.constant('int64', [values.length], BigInt64Array.from(values, BigInt));

/** An operator that keeps dtype and shape. */
export const unary = (g: Graph, op: string, x: Value, attributes?: Attributes): Value =>
  node(g, op, [x], form(x.dtype, x.shape), attributes);

/** The shape of an elementwise operator of two values. Throws where they do not broadcast. */
export const broadcast = (a: Value, b: Value): readonly number[] =>
  sameShape(a.shape, b.shape) ? a.shape : backend_util.assertAndGetBroadcastShape([...a.shape], [...b.shape]);

/** An elementwise operator of two values that broadcast. */
export const binary = (g: Graph, op: string, a: Value, b: Value, dtype: Dtype = a.dtype): Value =>
  node(g, op, [a, b], form(dtype, broadcast(a, b)));

/** a + b, broadcast. */
export const add = (g: Graph, a: Value, b: Value): Value => binary(g, 'Add', a, b);
/** a − b, broadcast. */
export const sub = (g: Graph, a: Value, b: Value): Value => binary(g, 'Sub', a, b);
/** a · b, broadcast. */
export const mul = (g: Graph, a: Value, b: Value): Value => binary(g, 'Mul', a, b);
/** a / b, broadcast. */
export const div = (g: Graph, a: Value, b: Value): Value => binary(g, 'Div', a, b);
/** A comparison by name, broadcast: bool. */
export const compare = (g: Graph, op: string, a: Value, b: Value): Value => binary(g, op, a, b, 'bool');
/** Negation of a bool. */
export const not = (g: Graph, x: Value): Value => node(g, 'Not', [x], form('bool', x.shape));

/** ONNX numbers of element types. */
export const dtypeCode: Readonly<Record<Dtype, number>> = { float32: 1, int32: 6, int64: 7, bool: 9 };

/** To another dtype; nothing is added where it has it. */
export const cast = (g: Graph, x: Value, dtype: Dtype): Value =>
  x.dtype === dtype ? x : node(g, 'Cast', [x], form(dtype, x.shape), { to: dtypeCode[dtype] });

/** An extent of 0 means none; without it, ONNX reads "as before". */
const allowZero: Attributes = { allowzero: 1 };
/** The same numbers in another shape; nothing is added where it has it. */
export const reshape = (g: Graph, x: Value, shape: readonly number[]): Value =>
  sameShape(x.shape, shape)
    ? x
    : node(g, 'Reshape', [x, integers(g, shape)], form(x.dtype, shape), shape.includes(0) ? allowZero : undefined);

/** Repeats axes of extent 1 up to `shape`; nothing is added where it has it. */
export const expand = (g: Graph, x: Value, shape: readonly number[]): Value =>
  sameShape(x.shape, shape) ? x : node(g, 'Expand', [x, integers(g, shape)], form(x.dtype, shape));

/** Axis i of the result is axis `perm[i]`; nothing is added for the identity. */
export const transpose = (g: Graph, x: Value, perm: readonly number[]): Value =>
  perm.every((p, i) => p === i)
    ? x
    : node(
        g,
        'Transpose',
        [x],
        form(
          x.dtype,
          perm.map((p) => x.shape[p]!),
        ),
        { perm },
      );

/** `where(condition, t, e)` of the given shape. */
export const where = (g: Graph, condition: Value, t: Value, e: Value, shape: readonly number[]): Value =>
  node(g, 'Where', [condition, t, e], form(t.dtype, shape));

/** The part from `begin` on, of extents `size`; nothing is added for the whole. */
export const slice = (g: Graph, x: Value, begin: readonly number[], size: readonly number[]): Value => {
  const axes = size.flatMap((s, i) => (s === x.shape[i] ? [] : [i]));
  if (axes.length === 0) return x;
  return node(
    g,
    'Slice',
    [
      x,
      integers(
        g,
        axes.map((i) => begin[i]!),
      ),
      integers(
        g,
        axes.map((i) => begin[i]! + size[i]!),
      ),
      integers(g, axes),
    ],
    form(x.dtype, size),
  );
};

/** Joined along `axis`. Throws an Error for no parts. */
export const concat = (g: Graph, parts: readonly Value[], axis: number): Value => {
  const [first] = parts;
  if (first === undefined) throw new Error('concat: nothing to join');
  if (parts.length === 1) return first;
  const shape = first.shape.map((d, i) => (i === axis ? parts.reduce((n, p) => n + p.shape[axis]!, 0) : d));
  return node(g, 'Concat', parts, form(first.dtype, shape), { axis });
};

/** Cut along `axis` into parts of these sizes. */
export const split = (g: Graph, x: Value, sizes: readonly number[], axis: number): readonly Value[] =>
  sizes.length === 1
    ? [x]
    : g.nodes(
        'Split',
        [x, integers(g, sizes)],
        sizes.map((size) =>
          form(
            x.dtype,
            x.shape.map((d, i) => (i === axis ? size : d)),
          ),
        ),
        { axis },
      );

/** Reduces over axes (which may be negative). */
export const reduce = (g: Graph, op: string, x: Value, axes: readonly number[], keep: boolean): Value => {
  const over = axes.map((axis) => (axis < 0 ? axis + x.shape.length : axis));
  if (over.length === 0) return x;
  const shape = x.shape.flatMap((d, i) => (over.includes(i) ? (keep ? [1] : []) : [d]));
  return node(g, op, [x, integers(g, over)], form(x.dtype, shape), { keepdims: keep ? 1 : 0 });
};

/** Matrix product over the last two axes; leading axes broadcast. */
export const matmul = (g: Graph, a: Value, b: Value, transA = false, transB = false): Value => {
  const [inner, other] = [a.shape.at(transA ? -2 : -1), b.shape.at(transB ? -1 : -2)];
  if (inner !== other) {
    const turned = (flag: boolean): string => (flag ? ', turned' : '');
    throw new Error(
      `matMul: the inner extents ${inner} and ${other} differ, of shapes [${a.shape.join(', ')}]${turned(transA)} ` +
        `and [${b.shape.join(', ')}]${turned(transB)}`,
    );
  }
  const leading = backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const rows = a.shape.at(transA ? -1 : -2)!;
  const columns = b.shape.at(transB ? -2 : -1)!;
  const shape = [...leading, rows, columns];
  const flags = { transA: transA ? 1 : 0, transB: transB ? 1 : 0 };
  if (sizeOf(leading) === 1) {
    const flat = (x: Value) => reshape(g, x, x.shape.slice(-2));
    return reshape(g, node(g, 'Gemm', [flat(a), flat(b)], form('float32', [rows, columns]), flags), shape);
  }
  return transA || transB
    ? node(g, 'FusedMatMul', [a, b], form('float32', shape), flags, 'com.microsoft')
    : node(g, 'MatMul', [a, b], form('float32', shape));
};
