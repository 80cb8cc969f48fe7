import { form, integers } from '../graph/emit.js';
import { createGraph } from '../graph/graph.js';
import type { Program } from '../graph/value.js';
import { rebuild } from '../passes/pass.js';
import { carryOut, carrySum } from './trace.js';

/** The same program, with the sum of the next carry as a last output. */
export const summed = (program: Program): Program => {
  const graph = createGraph();
  const { inputs, nodes, outputs } = rebuild(program, graph);
  const state = outputs.find(({ name }) => name === carryOut);
  if (!state) throw new Error('summed: the program gives no carry');
  const [sum] = graph.nodes('ReduceSum', [state.value, integers(graph, [0])], [form('float32', [])], { keepdims: 0 });
  return { inputs, nodes, outputs: [...outputs, { name: carrySum, value: sum! }] };
};
