import { integers, node, reshape } from '../graph/emit.js';
import type { Graph, Rule } from '../graph/graph.js';
import { integersOf, madeBy, type Node, type Value } from '../graph/value.js';
import { sameShape, sizeOf } from '../rest.js';
import type { Pass } from './pass.js';
import { withReaders } from './readers.js';

/** Gemm reads its operands either way round: no transpose is needed before it. */
export const gemmTranspose: Rule = {
  name: 'transposes into Gemm',
  ops: ['Gemm'],
  apply: ({ inputs, attributes, forms }, g) => {
    const [a, b, ...rest] = inputs;
    const [ta, tb] = [madeBy(a, 'Transpose'), madeBy(b, 'Transpose')];
    if (!ta && !tb) return undefined;
    const flip = (name: string, by: unknown) => ((attributes[name] as number) !== 0) !== (by !== undefined);
    return node(g, 'Gemm', [ta?.inputs[0] ?? a!, tb?.inputs[0] ?? b!, ...rest], forms[0]!, {
      transA: Number(flip('transA', ta)),
      transB: Number(flip('transB', tb)),
    });
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

/** A product that has room for another term: A·B, or A·B + C·D with room in the second one. */
const withTerm = (product: Node, term: Value, g: Graph): Value | undefined => {
  const [a, b, other] = product.inputs;
  if (!other) return node(g, 'Gemm', [a!, b!, term], product.outputs[0]!, product.attributes);
  const inner = madeBy(other, 'Gemm');
  const sum = inner && sameShape(other.shape, product.outputs[0]!.shape) ? withTerm(inner, term, g) : undefined;
  return sum && node(g, 'Gemm', [a!, b!, sum], product.outputs[0]!, product.attributes);
};

/** A·B + bias as one operator, where the bias is spread over the rows; A·B + C·D too. */
export const gemmBias: Pass = withReaders(
  'bias into Gemm',
  ({ op, inputs, outputs: [out] }) =>
    op === 'Add' && out!.shape.length === 2 ? (inputs as readonly [Value, Value]) : undefined,
  ([a, b], { outputs: [out] }, { graph: g, readers, move }) => {
    const { shape } = out!;
    for (const [before, beside] of [
      [a, b],
      [b, a],
    ] as const) {
      const [x, term] = [move(before), move(beside)];
      const product = madeBy(x, 'Gemm');
      if (!product || readers.get(before)?.length !== 1 || !sameShape(x.shape, shape)) continue;
      if (sizeOf(term.shape) === shape[1] && term.shape.at(-1) === shape[1]) {
        const sum = withTerm(product, reshape(g, term, [shape[1]]), g);
        if (sum) return sum;
      }
      const another = product.inputs.length === 2 && madeBy(term, 'Gemm') !== undefined;
      if (another && readers.get(beside)?.length === 1 && sameShape(term.shape, shape))
        return withTerm(product, term, g);
    }
    return undefined;
  },
);

/** Some columns of a product are a product with some columns of the right factor: less to compute. */
export const sliceOfGemm: Pass = withReaders(
  'columns of Gemm',
  ({ op, inputs }, readers) => {
    const [x, , , axes] = inputs;
    const columns = op === 'Slice' && inputs.length === 4 && integersOf(axes)?.join() === '1';
    return columns && readers.get(x!)?.length === 1 ? x! : undefined;
  },
  (sliced, { inputs, outputs: [out] }, { graph: g, move }) => {
    const product = madeBy(move(sliced), 'Gemm');
    if (product?.inputs.length !== 2) return undefined;
    const [a, b] = product.inputs;
    const across = product.attributes['transB'] === 1 ? 0 : 1;
    const from = integersOf(inputs[1])![0]!;
    const width = out!.shape[1]!;
    const columns = node(g, 'Slice', [b!, integers(g, [from]), integers(g, [from + width]), integers(g, [across])], {
      dtype: 'float32',
      shape: b!.shape.map((d, i) => (i === across ? width : d)),
    });
    return node(g, 'Gemm', [a!, columns], out!, product.attributes);
  },
);
