import { add, mul, node, sub } from '../graph/emit.js';
import { madeBy, type Node, type Value } from '../graph/value.js';
import { withReaders, type Surroundings } from './readers.js';
import { scaled } from './rows.js';

/** How much narrower the other side of a product has to be. */
const NARROWER = 4;

const plain = ({ inputs, attributes }: Node): boolean => inputs.length === 2 && attributes['transA'] !== 1;

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

/**
 * Numbers that multiply whole rows do so on the narrow side of a product: (s∘A)·B = s∘(A·B), and (X − s∘Y)·B is
 * X·B − s∘(Y·B). So layer normalisation, its gradient and the gradient of that cost less beside a last layer of few
 * columns; Y·B is computed once where several products share it.
 */
export const narrowSide = withReaders('rows on the narrow side', ['Mul', 'Gemm'], (old, _, given) => {
  const { graph: g, readers, move } = given;
  const [out] = old.outputs as readonly [Value];
  if (old.op === 'Gemm') {
    const [a, , bias] = old.inputs as readonly [Value, Value, Value?];
    const wanted = old.attributes['transA'] !== 1 && out.shape[1]! * NARROWER <= a.shape[1]!;
    const changed = scaled(a) ?? (madeBy(a, 'Sub') && scaled(madeBy(a, 'Sub')!.inputs[1]));
    if (!wanted || !changed || readers.get(a)?.length !== 1) return undefined;
    const product = narrowProduct(a, old, given);
    return bias ? add(g, product, move(bias)) : product;
  }
  const [p, s] = scaled(out) ?? [];
  const product = madeBy(p, 'Gemm');
  if (!product || !plain(product) || readers.get(p!)?.length !== 1) return undefined;
  const [a, b] = product.inputs as readonly [Value, Value];
  if (a.shape[1]! * NARROWER > out.shape[1]!) return undefined;
  return node(g, 'Gemm', [mul(g, move(a), move(s!)), move(b)], out, product.attributes);
});
