import { concat, node, split, transpose } from '../graph/emit.js';
import { createGraph, type Graph } from '../graph/graph.js';
import { uniformOf, type Node, type Program, type Value } from '../graph/value.js';
import { rebuild, type Pass } from './pass.js';

/** Products with the same transposed operand from which on turning it once costs less than in each of them. */
const manyUses = 4;
/** Rows that are summed over, columns of the other operand: below, turning is no matter. */
const [manyRows, manyColumns] = [512, 16];

const plain = ({ op, inputs }: Node): boolean => op === 'Gemm' && inputs.length === 2;
const flag = ({ attributes }: Node, name: string): boolean => attributes[name] === 1;

/** Aᵀ·D over many rows. */
const sumsOverRows = (it: Node): boolean =>
  plain(it) &&
  flag(it, 'transA') &&
  !flag(it, 'transB') &&
  it.inputs[0]!.shape[0]! >= manyRows &&
  it.inputs[1]!.shape[1]! >= manyColumns;

/** 1ᵀ·D: the sums of the columns. */
const sumsOfColumns = (it: Node): boolean =>
  plain(it) &&
  !flag(it, 'transA') &&
  !flag(it, 'transB') &&
  it.inputs[0]!.shape[0] === 1 &&
  uniformOf(it.inputs[0]) === 1;

/** The operands A that many products read transposed; by each D the one that it is multiplied with. */
const sharedOperands = ({ nodes }: Program): ReadonlyMap<Value, Value> => {
  const uses = new Map<Value, Node[]>();
  for (const it of nodes) {
    if (!sumsOverRows(it)) continue;
    const [a] = it.inputs as readonly [Value];
    uses.set(a, [...(uses.get(a) ?? []), it]);
  }
  const pairs = [...uses.values()].filter((list) => list.length >= manyUses).flat();
  return new Map(pairs.map(({ inputs: [a, d] }) => [d!, a!]));
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
    return rebuild(program, graph, (it, inputs, move) => {
      const sums = sumsOfColumns(it);
      const [a, d] = it.inputs;
      const partner = sums || sumsOverRows(it) ? shared.get(d!) : undefined;
      if (!partner || (sums ? !precedes(partner, it) : partner !== a)) return undefined;
      const [, width] = d!.shape as [number, number];
      const inner = partner.shape[1]!;
      const all = node(
        graph,
        'Gemm',
        [turned(graph, move(partner)), inputs[1]!],
        { dtype: 'float32', shape: [inner + 1, width] },
        { transA: 0, transB: 0 },
      );
      return [split(graph, all, [inner, 1], 0)[sums ? 1 : 0]!];
    });
  },
};
