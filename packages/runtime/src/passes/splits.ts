import { integers, reshape, slice } from '../graph/emit.js';
import { createGraph } from '../graph/graph.js';
import { madeBy, type Node, type Program, type Value } from '../graph/value.js';
import { sizeOf } from '../rest.js';
import { rebuild, type Pass } from './pass.js';

/** Which nodes read each value; outputs of the program count as a reader of their own. */
const readersOf = ({ nodes, outputs }: Program): ReadonlyMap<Value, readonly (Node | 'output')[]> => {
  const readers = new Map<Value, (Node | 'output')[]>();
  const add = (value: Value, reader: Node | 'output'): void => {
    const list = readers.get(value);
    if (list) list.push(reader);
    else readers.set(value, [reader]);
  };
  for (const node of nodes) for (const input of node.inputs) if (input) add(input, node);
  for (const { value } of outputs) add(value, 'output');
  return readers;
};

/** A Split of which one part is used is a Slice. */
export const narrowSplits: Pass = {
  name: 'splits with one reader',
  run: (program) => {
    const readers = readersOf(program);
    const graph = createGraph();
    return rebuild(program, graph, (node, [x]) => {
      if (node.op !== 'Split') return undefined;
      const used = node.outputs.filter((output) => readers.has(output));
      if (used.length !== 1) return undefined;
      const axis = node.attributes['axis'] as number;
      const index = node.outputs.indexOf(used[0]!);
      const before = node.outputs.slice(0, index).reduce((n, { shape }) => n + shape[axis]!, 0);
      const begin = x!.shape.map((_, i) => (i === axis ? before : 0));
      const part = slice(graph, x!, begin, used[0]!.shape);
      return node.outputs.map(() => part);
    });
  },
};

const contiguous = (node: Node): boolean =>
  node.outputs[0]!.shape.slice(0, node.attributes['axis'] as number).every((d) => d === 1);

/** A Split of parts of a Split, in one Split of finer parts, where nobody else reads the coarser part. */
export const flattenSplits: Pass = {
  name: 'splits of splits',
  run: (program) => {
    const readers = readersOf(program);
    /** The one contiguous Split that reads this value, perhaps through a Reshape. */
    const splitBelow = (value: Value): Node | undefined => {
      const list = readers.get(value);
      const [only] = list ?? [];
      if (list?.length !== 1 || only === undefined || only === 'output') return undefined;
      if (only.op === 'Reshape') return splitBelow(only.outputs[0]!);
      return only.op === 'Split' && contiguous(only) ? only : undefined;
    };
    const leavesBelow = (value: Value): readonly Value[] => {
      const below = splitBelow(value);
      return below ? below.outputs.flatMap(leavesBelow) : [value];
    };
    const graph = createGraph();
    /** Parts that were already cut by a Split further up. */
    const cut = new Map<Value, Value>();
    return rebuild(program, graph, (node, [x]) => {
      if (node.op !== 'Split') return undefined;
      const ready = node.outputs.map((output) => cut.get(output));
      const isCut = ready.every((value) => value !== undefined) && ready.length > 0;
      const isInner =
        isCut ||
        node.outputs.some((output) => leavesBelow(output).every((leaf) => cut.has(leaf)) && splitBelow(output));
      const give = (output: Value): Value => {
        const done = cut.get(output);
        return done ? reshape(graph, done, output.shape) : graph.full(output.dtype, output.shape, 0);
      };
      if (isInner) return node.outputs.map(give);
      if (x!.shape.length !== 1 || !node.outputs.some(splitBelow)) return undefined;
      const leaves = node.outputs.flatMap(leavesBelow);
      const sizes = leaves.map(({ shape }) => sizeOf(shape));
      const parts = graph.nodes(
        'Split',
        [x!, integers(graph, sizes)],
        sizes.map((size) => ({ dtype: x!.dtype, shape: [size] })),
        { axis: 0 },
      );
      leaves.forEach((leaf, i) => cut.set(leaf, parts[i]!));
      // A part that is cut further is itself read by nothing else: any value stands in for it.
      return node.outputs.map(give);
    });
  },
};

/** Is this value only a part of a Split? (For tests of the two passes above.) */
export const isPart = (value: Value): boolean => madeBy(value, 'Split') !== undefined;
