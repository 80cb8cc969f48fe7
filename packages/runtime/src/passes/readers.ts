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
 * A pass that rewrites single operators and has to know who else reads what they read. `recognise` says what there is to
 * do about an operator, `rewrite` does it, and may think better of it. A program without any such operator stays as it is.
 */
export const withReaders = <T>(
  name: string,
  recognise: (old: Node, readers: Readers) => T | undefined,
  rewrite: (found: T, old: Node, given: Surroundings) => Value | undefined,
): Pass => ({
  name,
  run: (program) => {
    const readers = readersOf(program);
    const found = new Map<Node, T>();
    for (const node of program.nodes) {
      const it = recognise(node, readers);
      if (it !== undefined) found.set(node, it);
    }
    if (found.size === 0) return program;
    const graph = createGraph(program);
    return rebuild(program, graph, (old, _, move) => {
      const it = found.get(old);
      const instead = it === undefined ? undefined : rewrite(it, old, { graph, readers, move });
      return instead && [instead];
    });
  },
});
