import { integers, node, reshape } from '../graph/emit.js';
import type { Rule } from '../graph/graph.js';
import { integersOf, madeBy, type Value } from '../graph/value.js';
import { sameShape, sizeOf } from '../rest.js';

/** A·B + bias as one operator, where the bias is spread over the rows. */
export const gemmBias: Rule = {
  name: 'bias into Gemm',
  ops: ['Add'],
  apply: ({ inputs: [a, b], forms }, g) => {
    const { shape } = forms[0]!;
    if (shape.length !== 2) return undefined;
    const pairs: readonly (readonly [Value, Value])[] = [
      [a!, b!],
      [b!, a!],
    ];
    for (const [x, bias] of pairs) {
      const product = madeBy(x, 'Gemm');
      const wide = bias.shape.at(-1) === shape[1] && sizeOf(bias.shape) === shape[1];
      if (product?.inputs.length !== 2 || !sameShape(x.shape, shape) || !wide) continue;
      return node(g, 'Gemm', [...product.inputs, reshape(g, bias, [shape[1]!])], forms[0]!, product.attributes);
    }
    return undefined;
  },
};

/** Gemm reads its operands either way round: no transpose is needed before it. */
export const gemmTranspose: Rule = {
  name: 'transposes into Gemm',
  ops: ['Gemm'],
  apply: ({ inputs, attributes, forms }, g) => {
    const [a, b, ...rest] = inputs;
    const [ta, tb] = [madeBy(a, 'Transpose'), madeBy(b, 'Transpose')];
    if (!ta && !tb) return undefined;
    const flip = (name: string, by: unknown) => (((attributes[name] as number) !== 0) !== (by !== undefined) ? 1 : 0);
    return node(g, 'Gemm', [ta?.inputs[0] ?? a!, tb?.inputs[0] ?? b!, ...rest], forms[0]!, {
      transA: flip('transA', ta),
      transB: flip('transB', tb),
    });
  },
};

/** Some columns of a product are a product with some columns of the right factor: less to compute. */
export const sliceOfGemm: Rule = {
  name: 'columns of Gemm',
  ops: ['Slice'],
  apply: ({ inputs: [x, begin, , axes], forms }, g) => {
    const product = madeBy(x, 'Gemm');
    const { dtype, shape } = forms[0]!;
    if (product?.inputs.length !== 2 || integersOf(axes)?.join() !== '1') return undefined;
    const [a, b] = product.inputs;
    const across = product.attributes['transB'] === 1 ? 0 : 1;
    const from = integersOf(begin)![0]!;
    const size = b!.shape.map((d, i) => (i === across ? shape[1]! : d));
    const [columns] = g.nodes(
      'Slice',
      [b!, integers(g, [from]), integers(g, [from + shape[1]!]), integers(g, [across])],
      [{ dtype, shape: size }],
    );
    return node(g, 'Gemm', [a!, columns!], forms[0]!, product.attributes);
  },
};

/** The sum over many rows as 1ᵀ·X: the matrix product is faster than the reduction. */
export const sumByGemm: Rule = {
  name: 'sums over rows by Gemm',
  ops: ['ReduceSum'],
  apply: ({ inputs: [x, axes], attributes, forms }, g) => {
    const { dtype, shape } = forms[0]!;
    const [rows, columns] = x!.shape;
    const fits = x!.shape.length === 2 && dtype === 'float32' && integersOf(axes)?.join() === '0';
    if (!fits || rows! < 8 || columns! < 2 || attributes['keepdims'] !== 0) return undefined;
    const ones = g.full('float32', [1, rows!], 1);
    return reshape(g, node(g, 'Gemm', [ones, x!], { dtype, shape: [1, columns!] }, { transA: 0, transB: 0 }), shape);
  },
};
