import { createGraph, type Graph, type Rule } from '../graph/graph.js';
import type { Node, Program, Value } from '../graph/value.js';

/** A rewrite of a whole graph into one that computes the same. */
export interface Pass {
  /** Stands in messages. */
  readonly name: string;
  /** Pure: the program given stays as it is. */
  readonly run: (program: Program) => Program;
}

/** Applies passes one after another; where `deadCode` is one of them, after each of the others too. */
export const optimise = (program: Program, passes: readonly Pass[]): Program => {
  const clean = passes.includes(deadCode) ? deadCode.run : (now: Program): Program => now;
  return passes.reduce((now, pass) => clean(pass.run(now)), program);
};

/**
 * Copies a program into a new graph; `change` may give other values for a node. It is given the node, its inputs in the
 * new graph, and what finds the new value of any other value that comes before it.
 */
export const rebuild = (
  program: Program,
  graph: Graph,
  change?: (
    node: Node,
    inputs: readonly (Value | null)[],
    move: (value: Value) => Value,
  ) => readonly Value[] | undefined,
): Program => {
  const moved = new Map<Value, Value>();
  const move = (value: Value): Value => {
    const known = moved.get(value);
    if (known) return known;
    const { dtype, shape, origin } = value;
    if (origin.kind === 'node') throw new Error(`${origin.node.op} is used before it is made`);
    const made =
      origin.kind === 'input'
        ? graph.input(origin.name, dtype, shape)
        : origin.kind === 'uniform'
          ? graph.full(dtype, shape, origin.value)
          : graph.constant(dtype, shape, origin.data);
    moved.set(value, made);
    return made;
  };
  program.inputs.forEach(move);
  for (const node of program.nodes) {
    const inputs = node.inputs.map((value) => value && move(value));
    const outputs =
      change?.(node, inputs, move) ?? graph.nodes(node.op, inputs, node.outputs, node.attributes, node.domain);
    node.outputs.forEach((output, i) => moved.set(output, outputs[i]!));
  }
  return graph.finish(program.outputs.map(({ name, value }) => ({ name, value: move(value) })));
};

/** A pass that applies local rules everywhere, together. */
export const simplify = (name: string, rules: readonly Rule[]): Pass => ({
  name,
  run: (program) => rebuild(program, createGraph({ shares: program.shares, rules })),
});

/** Merges equal operators on the same inputs. Later passes keep to it. */
export const commonSubexpressions: Pass = {
  name: 'common subexpressions',
  run: (program) => rebuild(program, createGraph()),
};

/** Leaves out operators and inputs that no output needs. */
export const deadCode: Pass = {
  name: 'dead code',
  run: (program) => {
    const { inputs, nodes, outputs } = program;
    const needed = new Set<Value>(outputs.map(({ value }) => value));
    const kept: Node[] = [];
    for (const node of nodes.toReversed()) {
      if (!node.outputs.some((output) => needed.has(output))) continue;
      kept.push(node);
      for (const input of node.inputs) if (input) needed.add(input);
    }
    return { ...program, inputs: inputs.filter((input) => needed.has(input)), nodes: kept.reverse() };
  },
};
