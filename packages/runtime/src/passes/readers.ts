import { createGraph, type Graph } from '../graph/graph.js';
import type { Node, Program, Value } from '../graph/value.js';
import { rebuild, type Pass } from './pass.js';

/** Who reads each value; an output of the program counts as a reader. */
export type Readers = ReadonlyMap<Value, readonly (Node | 'output')[]>;

/** Who reads what in a program. */
export const readersOf = ({ nodes, outputs }: Program): Readers => {
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

/** What a rewrite that looks at readers is given beside the operator. */
export interface Surroundings {
  readonly graph: Graph;
  /** Of values of the program as it was. */
  readonly readers: Readers;
  /** The new value of one that comes before the operator. */
  readonly move: (value: Value) => Value;
}

/**
 * A pass that rewrites single operators and has to know who else reads what they read. `apply` is given the operator as
 * it was and its inputs in the new graph.
 */
export const withReaders = (
  name: string,
  ops: readonly string[],
  apply: (old: Node, inputs: readonly (Value | null)[], given: Surroundings) => Value | undefined,
): Pass => ({
  name,
  run: (program) => {
    const readers = readersOf(program);
    const graph = createGraph(program);
    return rebuild(program, graph, (old, inputs, move) => {
      const instead = ops.includes(old.op) ? apply(old, inputs, { graph, readers, move }) : undefined;
      return instead && [instead];
    });
  },
});
