import { mul, node, reduce, scalar } from '../graph/emit.js';
import { integersOf, madeBy, type Node, type Value } from '../graph/value.js';
import { withReaders, type Readers } from './readers.js';

/** How much narrower the factor of a product has to be: then what replaces the mean is no more work even if used once. */
const NARROWER = 16;

/** mean over the columns of (A·B)∘Y, recognised: A [n, few], B either way round. */
interface Found {
  readonly product: Node;
  readonly y: Value;
}

const recognise = (it: Node, readers: Readers): Found | undefined => {
  const [times, axes] = it.inputs;
  const factors = (madeBy(times, 'Mul')?.inputs ?? []) as readonly Value[];
  if (it.op !== 'ReduceMean' || integersOf(axes)?.join() !== '1' || readers.get(times!)!.length > 1) return undefined;
  for (const [x, y] of [factors, factors.toReversed()]) {
    const product = madeBy(x, 'Gemm');
    const [rows, columns] = x?.shape ?? [];
    const a = product?.inputs[0];
    const plain = product?.inputs.length === 2 && product.attributes['transA'] !== 1;
    const whole = y?.shape.length === 2 && y.shape[0] === rows && y.shape[1] === columns;
    if (plain && whole && a!.shape[1]! * NARROWER <= columns!) return { product, y };
  }
  return undefined;
};

/**
 * The mean of each row of (A·B)∘Y, where A is narrow, is the sum of each row of A∘(Y·Bᵀ) over the width of Y: less to
 * read and to write, and Y·Bᵀ is computed once where several A share it, as in conjugate gradients.
 */
export const narrowMeans = withReaders(
  'means on the narrow side',
  recognise,
  ({ product, y }, old, { graph: g, move }) => {
    const [a, b] = product.inputs as readonly [Value, Value];
    const flipped = { transA: 0, transB: product.attributes['transB'] === 1 ? 0 : 1 };
    const small = node(g, 'Gemm', [move(y), move(b)], a, flipped);
    const [, width] = y.shape;
    const share = mul(g, small, scalar(g, 1 / width!));
    return reduce(g, 'ReduceSum', mul(g, move(a), share), [1], old.attributes['keepdims'] === 1);
  },
);
