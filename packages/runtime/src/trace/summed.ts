import { form, integers, node } from '../graph/emit.js';
import { createGraph } from '../graph/graph.js';
import type { Program } from '../graph/value.js';
import { rebuild } from '../passes/pass.js';
import { carrySum, windowsOut } from './ports.js';

/** The same program, with the sum of the next carry as a last output. */
export const summed = (program: Program): Program => {
  const graph = createGraph(program);
  const { inputs, nodes, outputs } = rebuild(program, graph);
  const windows = new Set(windowsOut(program).map(({ name }) => name));
  const sums = outputs.flatMap(({ name, value }) => {
    if (!windows.has(name)) return [];
    const axes = integers(
      graph,
      value.shape.map((_, i) => i),
    );
    return value.shape.length === 0
      ? [value]
      : [node(graph, 'ReduceSum', [value, axes], form('float32', []), { keepdims: 0 })];
  });
  const sum = sums.length === 1 ? sums[0]! : node(graph, 'Sum', sums, form('float32', []));
  return { ...program, inputs, nodes, outputs: [...outputs, { name: carrySum, value: sum }] };
};
