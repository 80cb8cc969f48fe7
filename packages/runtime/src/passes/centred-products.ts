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

/** A product to be computed with centred weights instead: which side they are on, and what multiplies the rows. */
interface Found {
  readonly product: Node;
  readonly rows: Value;
  readonly scale: Value | undefined;
  /** Whether the rows of the product are centred, not those of its left factor. */
  readonly result: boolean;
}

/** The product A·B whose rows are moved to mean 0, if a value is that. */
const centredProduct = (value: Value, readers: Readers): Found | undefined => {
  const x = centred(value);
  const [p, scale] = scaled(x) ?? [x];
  const product = madeBy(p, 'Gemm');
  const own = x && readers.get(x)?.length === 2 && (p === x || readers.get(p!)?.length === 1);
  if (!own || product?.inputs.length !== 2) return undefined;
  const [rows, b] = product.inputs as readonly [Value, Value];
  return value.shape[0]! >= MANY * b.shape[0]! ? { product, rows, scale, result: true } : undefined;
};

/** The product of rows moved to mean 0, if an operator is that. */
const centredFactor = (product: Node, readers: Readers): Found | undefined => {
  const [a, b] = product.inputs as readonly [Value, Value];
  if (flag(product, 'transA') || a.shape[0]! < MANY * b.shape[0]!) return undefined;
  const [c, scale] = scaled(a) ?? [a];
  const rows = centred(c);
  const own = rows && readers.get(a)?.length === 1 && readers.get(c)?.length === 1;
  return own && !centredProduct(c, readers) ? { product, rows, scale, result: false } : undefined;
};

/**
 * A·B less the mean of each row is A·C, where C is B less the mean of its rows, and A less the mean of each row, times B,
 * is A·C, where C is B less the mean of its columns: far less to do where A has many rows, as in the gradient of layer
 * normalisation and in the gradient of that. Rows may have been multiplied with a number each in between. Only where
 * nobody else reads what is left out.
 */
export const centredProducts = withReaders(
  'centred products',
  (it, readers) =>
    it.op === 'Sub'
      ? centredProduct(it.outputs[0]!, readers)
      : it.op === 'Gemm'
        ? centredFactor(it, readers)
        : undefined,
  ({ product, rows, scale, result }, old, { graph: g, move }) => {
    const times = (x: Value): Value => (scale ? mul(g, x, move(scale)) : x);
    const [, b, bias] = product.inputs;
    const left = result ? move(rows) : times(move(rows));
    const weights = centre(g, move(b!), product, !result);
    const made = node(g, 'Gemm', [left, weights, ...(bias ? [move(bias)] : [])], old.outputs[0]!, product.attributes);
    return result ? times(made) : made;
  },
);
