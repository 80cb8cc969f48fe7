import { mul, node, reduce, sub } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import { madeBy, type Node, type Value } from '../graph/value.js';
import { withReaders, type Readers } from './readers.js';
import { centred, scaled } from './rows.js';

/** Rows of one operand, for each row of the other, from which on the other is the one to be centred. */
const MANY = 4;

const flag = ({ attributes }: Node, name: string): boolean => attributes[name] === 1;
/** The product, with each row less its mean along the axis over which it is multiplied (`inner`) or the other one. */
const centre = (g: Graph, b: Value, product: Node, inner: boolean): Value =>
  sub(g, b, reduce(g, 'ReduceMean', b, [flag(product, 'transB') === inner ? 1 : 0], true));

/** The product A·B whose rows a Sub moves to mean 0, and what they have been multiplied with. */
const centredProduct = (value: Value, readers: Readers): { product: Node; scale: Value | undefined } | undefined => {
  const x = centred(value);
  const [p, scale] = scaled(x) ?? [x];
  const product = madeBy(p, 'Gemm');
  const own = x && readers.get(x)?.length === 2 && (p === x || readers.get(p!)?.length === 1);
  return own && product?.inputs.length === 2 && value.shape[0]! >= MANY * product.inputs[1]!.shape[0]!
    ? { product, scale }
    : undefined;
};

/** The rows that the left factor of a product is, moved to mean 0, and what they have been multiplied with. */
const centredFactor = (product: Node, readers: Readers): { rows: Value; scale: Value | undefined } | undefined => {
  const [a, b] = product.inputs as readonly [Value, Value];
  const [c, scale] = scaled(a) ?? [a];
  const rows = centred(c);
  const own = readers.get(a)?.length === 1 && readers.get(c)?.length === 1;
  return rows && own && !flag(product, 'transA') && a.shape[0]! >= MANY * b.shape[0]! && !centredProduct(c, readers)
    ? { rows, scale }
    : undefined;
};

/**
 * A·B less the mean of each row is A·C, where C is B less the mean of its rows, and A less the mean of each row, times B,
 * is A·C, where C is B less the mean of its columns: far less to do where A has many rows, as in the gradient of layer
 * normalisation and in the gradient of that. Rows may have been multiplied with a number each in between. Only where
 * nobody else reads what is left out.
 */
export const centredProducts = withReaders(
  'centred products',
  ['Sub', 'Gemm'],
  (old, _, { graph: g, readers, move }) => {
    const [out] = old.outputs as readonly [Value];
    const times = (x: Value, scale: Value | undefined): Value => (scale ? mul(g, x, move(scale)) : x);
    const result = old.op === 'Sub' ? centredProduct(out, readers) : undefined;
    if (result) {
      const [a, b] = result.product.inputs as readonly [Value, Value];
      const factors = [move(a), centre(g, move(b), result.product, false)];
      return times(node(g, 'Gemm', factors, out, result.product.attributes), result.scale);
    }
    const factor = old.op === 'Gemm' ? centredFactor(old, readers) : undefined;
    if (!factor) return undefined;
    const [, b, c] = old.inputs;
    const factors = [times(move(factor.rows), factor.scale), centre(g, move(b!), old, true), ...(c ? [move(c)] : [])];
    return node(g, 'Gemm', factors, out, old.attributes);
  },
);
