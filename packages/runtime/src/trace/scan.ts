import { form } from '../graph/emit.js';
import { createGraph } from '../graph/graph.js';
import type { Program, Value } from '../graph/value.js';
import { carryIn, carryOut } from './ports.js';

/**
 * K steps as one ONNX Scan: the carry goes round, the inputs are cut along their first axis, the outputs are stacked along
 * theirs. (ONNX Loop would gather and concatenate by hand; Scan writes in place.) A Scan counts its steps by its inputs, so
 * it takes the first of `all` where the step reads none.
 */
export const scanProgram = (step: Program, all: readonly Value[]): Program => {
  const graph = createGraph();
  const named = (value: Value): string => (value.origin.kind === 'input' ? value.origin.name : '');
  const state = step.outputs.find(({ name }) => name === carryOut);
  // The body takes the carry even if no operator reads it, because Scan pairs what goes in with what comes out.
  const bodyCarry =
    step.inputs.find((value) => named(value) === carryIn) ??
    (state && { ...state.value, id: -1, origin: { kind: 'input' as const, name: carryIn } });
  const isLeaf = (value: Value): boolean => named(value) !== carryIn;
  const read = step.inputs.filter(isLeaf);
  const bodyInputs = read.length > 0 ? read : all.filter(isLeaf).slice(0, 1);
  const bodyOutputs = step.outputs.filter(({ name }) => name !== carryOut);
  const stacked = (value: Value) => form(value.dtype, [-1, ...value.shape]);
  const inner = (name: string): string => `step_${name}`;
  const rename = (value: Value): Value => ({ ...value, origin: { kind: 'input', name: inner(named(value)) } });
  const renamed = new Map<Value, Value>(
    [...(bodyCarry ? [bodyCarry] : []), ...bodyInputs].map((value) => [value, rename(value)]),
  );
  const swap = (value: Value): Value => renamed.get(value) ?? value;
  const body: Program = {
    ...step,
    inputs: [...renamed.values()],
    nodes: step.nodes.map((node) => ({ ...node, inputs: node.inputs.map((value) => value && swap(value)) })),
    outputs: [...(state ? [state] : []), ...bodyOutputs].map(({ name, value }) => ({
      name: inner(name),
      value: swap(value),
    })),
  };
  const inputs = [
    ...(bodyCarry ? [graph.input(carryIn, 'float32', bodyCarry.shape)] : []),
    ...bodyInputs.map((value) => graph.input(named(value), value.dtype, [-1, ...value.shape])),
  ];
  const outputs = graph.nodes(
    'Scan',
    inputs,
    [...(state ? [form('float32', state.value.shape)] : []), ...bodyOutputs.map(({ value }) => stacked(value))],
    { body: { body }, num_scan_inputs: bodyInputs.length },
  );
  const names = [...(state ? [carryOut] : []), ...bodyOutputs.map(({ name }) => name)];
  return graph.finish(names.map((name, i) => ({ name, value: outputs[i]! })));
};
