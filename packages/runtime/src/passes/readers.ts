import type { Node, Program, Value } from '../graph/value.js';

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
