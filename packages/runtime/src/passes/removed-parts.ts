import { mul, reduce, reshape, sub } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import { integersOf, madeBy, type Node, type Value } from '../graph/value.js';
import { sameShape } from '../rest.js';
import { withReaders, type Readers } from './readers.js';
import { scaled } from './rows.js';

/** Rows a [n, k] less their part along y [n, k]: a − mean(a∘y)∘y. */
interface Removal {
  readonly a: Value;
  readonly y: Value;
}

const factorsOf = (value: Value | undefined): readonly Value[] => (madeBy(value, 'Mul')?.inputs ?? []) as Value[];

/** The removal that gives a value, if nobody else reads what it is made of. */
const removal = (value: Value, readers: Readers): Removal | undefined => {
  const own = (x: Value | null | undefined, times = 1): boolean => !!x && readers.get(x)?.length === times;
  const [a, part] = (madeBy(value, 'Sub')?.inputs ?? []) as readonly Value[];
  if (!own(value) || !own(a, 2) || !own(part)) return undefined;
  const [y, mean] = scaled(part) ?? [];
  const reduction = madeBy(madeBy(mean, 'Reshape')?.inputs[0], 'ReduceMean');
  const product = reduction?.inputs[0] ?? undefined;
  const overRows = integersOf(reduction?.inputs[1])?.join() === '1';
  const both = y !== undefined && factorsOf(product).includes(a!) && factorsOf(product).includes(y);
  return overRows && both && own(mean) && own(product) ? { a: a!, y } : undefined;
};

const remove = (g: Graph, { a, y }: Removal): Value =>
  sub(g, a, mul(g, y, reshape(g, reduce(g, 'ReduceMean', mul(g, a, y), [1], false), [a.shape[0]!, 1])));

/** t and c, if a value is t∘c, c is read elsewhere, too, and t is not. */
const timesShared = (value: Value, readers: Readers): readonly [t: Value, c: Value] | undefined => {
  const factors = factorsOf(value).filter(({ shape }) => sameShape(shape, value.shape));
  const t = factors.find((x) => readers.get(x)!.length === 1);
  const c = factors.find((x) => readers.get(x)!.length > 1);
  return t && c && [t, c];
};

/** Factors on both sides of a removal: s [n, 1] of whole rows on one, c [n, k] on the other. */
interface Found extends Removal {
  readonly c: Value;
  readonly s: Value;
  /** Whether c is multiplied after the removal. */
  readonly after: boolean;
}

const recognise = ({ outputs: [out] }: Node, readers: Readers): Found | undefined => {
  const [p, after] = scaled(out) ?? [];
  const early = p && removal(p, readers);
  const [t, before] = (early && timesShared(early.a, readers)) || [];
  if (t) return { a: t, y: early!.y, c: before!, s: after!, after: false };
  const [q, c] = timesShared(out!, readers) ?? [];
  const late = q && removal(q, readers);
  const [a, s] = (late && scaled(late.a)) || [];
  return a && { a, y: late!.y, c: c!, s: s!, after: true };
};

/**
 * What rows have along others is removed before or after the rows are multiplied with a number each: the same comes out.
 * So such numbers go to where the rows are multiplied with something else, s∘P(t∘c) = P(t∘(s∘c)) and c∘P(s∘a) = (c∘s)∘P(a):
 * where several products share c and s, as in the conjugate gradients of a network with layer normalisation, c∘s is
 * computed once.
 */
export const removedParts = withReaders(
  'rows beside removed parts',
  (it, readers) => (it.op === 'Mul' ? recognise(it, readers) : undefined),
  ({ a, y, c, s, after }, _, { graph: g, move }) => {
    const both = mul(g, move(c), move(s));
    return after
      ? mul(g, remove(g, { a: move(a), y: move(y) }), both)
      : remove(g, { a: mul(g, move(a), both), y: move(y) });
  },
);
