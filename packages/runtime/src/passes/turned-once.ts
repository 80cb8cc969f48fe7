import { concat, node, split, transpose } from '../graph/emit.js';
import { createGraph, type Graph } from '../graph/graph.js';
import { madeBy, uniformOf, type Node, type Program, type Value } from '../graph/value.js';
import { rebuild, type Pass } from './pass.js';

/** Products with the same transposed operand from which on turning it once costs less than in each of them. */
const manyUses = 4;
/** Rows that are summed over, columns of the other operand: below, turning is no matter. */
const [manyRows, manyColumns] = [512, 2];

const flag = ({ attributes }: Node, name: string): boolean => attributes[name] === 1;

/** One product of a sum of products. */
interface Term {
  readonly a: Value;
  readonly d: Value;
}

/** The products whose sum an operator gives, the first one first, if it is nothing but `kind` of products. */
const termsOf = (it: Node | undefined, kind: (product: Node) => boolean): readonly Term[] | undefined => {
  if (it?.op !== 'Gemm' || !kind(it)) return undefined;
  const [a, d, rest] = it.inputs as readonly [Value, Value, Value?];
  const before = rest ? termsOf(madeBy(madeBy(rest, 'Reshape')?.inputs[0] ?? rest, 'Gemm'), kind) : [];
  return before && [...before, { a, d }];
};

/** Aᵀ·D over many rows. */
const sumsOverRows = (it: Node): boolean =>
  flag(it, 'transA') &&
  !flag(it, 'transB') &&
  it.inputs[0]!.shape[0]! >= manyRows &&
  it.inputs[1]!.shape[1]! >= manyColumns;

/** 1ᵀ·D: the sums of the columns. */
const sumsOfColumns = (it: Node): boolean =>
  !flag(it, 'transA') && !flag(it, 'transB') && it.inputs[0]!.shape[0] === 1 && uniformOf(it.inputs[0]) === 1;

/** The operands A that many products read transposed; by each D the one that it is multiplied with. */
const sharedOperands = ({ nodes }: Program): ReadonlyMap<Value, Value> => {
  const uses = new Map<Value, Value[]>();
  for (const it of nodes) {
    const last = termsOf(it, sumsOverRows)?.at(-1);
    if (last) uses.set(last.a, [...(uses.get(last.a) ?? []), last.d]);
  }
  return new Map([...uses].flatMap(([a, list]) => (list.length >= manyUses ? list.map((d) => [d, a] as const) : [])));
};

/** Aᵀ with a row of ones below, so that a product with it gives the sums of the columns, too. */
const turned = (g: Graph, a: Value): Value => {
  const ones = g.full('float32', [1, a.shape[0]!], 1);
  return concat(g, [transpose(g, a, [1, 0]), ones], 0);
};

/**
 * An input that many gradients of weights read transposed, as in the iterations of conjugate gradients or the epochs over
 * one rollout, is turned once. It gets a row of ones, so that the gradients of the offsets are the last row of the same
 * products; and because ONNX Runtime would otherwise let every product turn it again.
 */
export const turnedOnce: Pass = {
  name: 'operands turned once',
  run: (program) => {
    const shared = sharedOperands(program);
    if (shared.size === 0) return program;
    const graph = createGraph(program);
    const places = new Map(program.nodes.map((it, i) => [it, i]));
    /** Is a value there when an operator is made? */
    const precedes = ({ origin }: Value, it: Node): boolean =>
      origin.kind !== 'node' || places.get(origin.node)! < places.get(it)!;
    return rebuild(program, graph, (it, _, move) => {
      const products = termsOf(it, sumsOverRows);
      const terms = products ?? termsOf(it, sumsOfColumns);
      const partners = terms?.map(({ d }) => shared.get(d));
      const [rows, columns] = [partners?.[0]?.shape[1], terms?.[0]?.d.shape[1]];
      // All of one form: what was added to a product may have been spread over its rows.
      const known = terms?.every(({ a, d }, i) => {
        const partner = partners![i];
        const fits = partner?.shape[1] === rows && d.shape[1] === columns;
        return partner && fits && (products ? partner === a : precedes(partner, it));
      });
      if (!terms || !known) return undefined;
      const form = { dtype: 'float32', shape: [rows! + 1, columns!] } as const;
      let sum: Value | undefined;
      for (const { d } of terms) {
        const factors = [turned(graph, move(shared.get(d)!)), move(d), ...(sum ? [sum] : [])];
        sum = node(graph, 'Gemm', factors, form, { transA: 0, transB: 0 });
      }
      return [split(graph, sum!, [rows!, 1], 0)[products ? 0 : 1]!];
    });
  },
};
