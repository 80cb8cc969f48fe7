import { integers, reshape, slice } from '../graph/emit.js';
import { createGraph } from '../graph/graph.js';
import type { Node, Value } from '../graph/value.js';
import { sizeOf } from '../rest.js';
import { rebuild, type Pass } from './pass.js';
import { readersOf } from './readers.js';

const axisOf = (split: Node): number => split.attributes['axis'] as number;

/** A Split of which one part is used is a Slice. */
export const narrowSplits: Pass = {
  name: 'splits with one reader',
  run: (program) => {
    const readers = readersOf(program);
    const graph = createGraph(program);
    return rebuild(program, graph, (node, [x]) => {
      if (node.op !== 'Split') return undefined;
      const used = node.outputs.filter((output) => readers.has(output));
      if (used.length !== 1) return undefined;
      const axis = axisOf(node);
      const index = node.outputs.indexOf(used[0]!);
      const before = node.outputs.slice(0, index).reduce((n, { shape }) => n + shape[axis]!, 0);
      const begin = x!.shape.map((_, i) => (i === axis ? before : 0));
      const part = slice(graph, x!, begin, used[0]!.shape);
      // Nobody reads the other parts.
      return node.outputs.map(({ dtype, shape }) => graph.full(dtype, shape, 0)).with(index, part);
    });
  },
};

/** Do the parts follow each other in memory? */
const contiguous = (split: Node): boolean => split.outputs[0]!.shape.slice(0, axisOf(split)).every((d) => d === 1);

/** A Split of parts of a Split becomes one Split into finer parts, where nobody else reads the coarser ones. */
export const flattenSplits: Pass = {
  name: 'splits of splits',
  run: (program) => {
    const readers = readersOf(program);
    /** The one contiguous Split that reads a value, perhaps through reshapes. */
    const splitBelow = (value: Value): Node | undefined => {
      const list = readers.get(value);
      const only = list?.length === 1 ? list[0] : undefined;
      if (only === undefined || only === 'output') return undefined;
      if (only.op === 'Reshape') return splitBelow(only.outputs[0]!);
      return only.op === 'Split' && contiguous(only) ? only : undefined;
    };
    const graph = createGraph(program);
    /** Finest parts, flat, by the value of the old program that they hold. */
    const cut = new Map<Value, Value>();
    const dissolved = new Set<Node>();
    const leavesBelow = (value: Value): readonly Value[] => {
      const below = splitBelow(value);
      if (!below) return [value];
      dissolved.add(below);
      return below.outputs.flatMap(leavesBelow);
    };
    /** What was cut further has no reader left but what is dissolved: any value of its form stands in for it. */
    const give = (old: Value): Value => {
      const part = cut.get(old);
      return part ? reshape(graph, part, old.shape) : graph.full(old.dtype, old.shape, 0);
    };
    return rebuild(program, graph, (node, [x]) => {
      if (node.op !== 'Split') return undefined;
      if (dissolved.has(node)) return node.outputs.map(give);
      if (x!.shape.length !== 1 || !node.outputs.some((output) => splitBelow(output))) return undefined;
      const leaves = node.outputs.flatMap(leavesBelow);
      const sizes = leaves.map(({ shape }) => sizeOf(shape));
      const forms = sizes.map((size) => ({ dtype: x!.dtype, shape: [size] }));
      const parts = graph.nodes('Split', [x!, integers(graph, sizes)], forms, { axis: 0 });
      leaves.forEach((leaf, i) => cut.set(leaf, parts[i]!));
      return node.outputs.map(give);
    });
  },
};
