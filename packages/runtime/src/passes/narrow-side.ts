import { add, mul, node, sub } from '../graph/emit.js';
import { madeBy, type Node, type Value } from '../graph/value.js';
import { withReaders, type Readers, type Surroundings } from './readers.js';
import { scaled } from './rows.js';

/** How much narrower the other side of a product has to be. */
const NARROWER = 4;

/** A·B, with what is done to A's rows done to the product's, as far as nobody else reads it. */
const narrowProduct = (a: Value, product: Node, given: Surroundings): Value => {
  const { graph: g, readers, move } = given;
  const own = (value: Value): boolean => readers.get(value)?.length === 1;
  const times = (x: Value): Value =>
    node(g, 'Gemm', [move(x), move(product.inputs[1]!)], product.outputs[0]!, product.attributes);
  if (!own(a)) return times(a);
  const rows = scaled(a);
  if (rows) return mul(g, narrowProduct(rows[0], product, given), move(rows[1]));
  const [x, y] = (madeBy(a, 'Sub')?.inputs ?? []) as readonly Value[];
  const part = y && own(y) ? scaled(y) : undefined;
  return part ? sub(g, narrowProduct(x!, product, given), mul(g, times(part[0]), move(part[1]))) : times(a);
};

/** What can be moved: the product whose rows are multiplied, or whose left factor's rows are. */
const movable = (it: Node, readers: Readers): Node | undefined => {
  const [out] = it.outputs as readonly [Value];
  const own = (value: Value | undefined): boolean => value !== undefined && readers.get(value)?.length === 1;
  if (it.op === 'Gemm') {
    const [a] = it.inputs as readonly [Value];
    const narrower = it.attributes['transA'] !== 1 && out.shape[1]! * NARROWER <= a.shape[1]!;
    return narrower && own(a) && (scaled(a) ?? scaled(madeBy(a, 'Sub')?.inputs[1])) ? it : undefined;
  }
  const product = madeBy(scaled(out)?.[0], 'Gemm');
  const plain = product?.inputs.length === 2 && product.attributes['transA'] !== 1 && own(product.outputs[0]);
  return plain && product.inputs[0]!.shape[1]! * NARROWER <= out.shape[1]! ? product : undefined;
};

/**
 * Numbers that multiply whole rows do so on the narrow side of a product: (s∘A)·B = s∘(A·B), and (X − s∘Y)·B is
 * X·B − s∘(Y·B). So layer normalisation, its gradient and the gradient of that cost less beside a last layer of few
 * columns; Y·B is computed once where several products share it.
 */
export const narrowSide = withReaders(
  'rows on the narrow side',
  (it, readers) => (it.op === 'Gemm' || it.op === 'Mul' ? movable(it, readers) : undefined),
  (product, old, given) => {
    const { graph: g, move } = given;
    const [a, b, bias] = product.inputs as readonly [Value, Value, Value?];
    if (product === old) {
      const narrow = narrowProduct(a, product, given);
      return bias ? add(g, narrow, move(bias)) : narrow;
    }
    const [, s] = scaled(old.outputs[0])!;
    return node(g, 'Gemm', [mul(g, move(a), move(s)), move(b)], old.outputs[0]!, product.attributes);
  },
);
