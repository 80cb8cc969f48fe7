import { dtypeCode } from '../graph/emit.js';
import { dataOf } from '../graph/graph.js';
import type { Attribute, Form, Node, Program, Value } from '../graph/value.js';
import { sizeOf } from '../rest.js';
import { encode, message, type Message } from './protobuf.js';

/** ONNX field numbers are those of onnx.proto, IR version 9, operator set 18. */
const irVersion = 9;
const operatorSet = 18;
/** Uniform constants longer than this are written as one number and an Expand. */
const writtenInFull = 4096;

const tensor = (name: string, value: Form, data: ArrayBufferView): Message => {
  const out = message();
  for (const d of value.shape) out.int(1, d);
  return out
    .int(2, dtypeCode[value.dtype])
    .text(8, name)
    .bytes(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
};

/** A negative extent stands for "any number of steps". */
const valueInfo = (name: string, value: Form): Message => {
  const shape = message();
  for (const d of value.shape) shape.message(1, d < 0 ? message().text(2, 'steps') : message().int(1, d));
  const type = message().int(1, dtypeCode[value.dtype]).message(2, shape);
  return message().text(1, name).message(2, message().message(1, type));
};

const attribute = (name: string, value: Attribute, prefix: string): Message => {
  const out = message().text(1, name);
  if (typeof value === 'number') return out.int(3, value).int(20, 2);
  if (typeof value === 'string') return out.text(4, value).int(20, 3);
  if ('float' in value) return out.float(2, value.float).int(20, 1);
  if ('body' in value) return out.message(6, graphMessage(value.body, `${prefix}b`)).int(20, 5);
  for (const x of value) out.int(8, x);
  return out.int(20, 7);
};

const graphMessage = (program: Program, prefix: string): Message => {
  const names = new Map<Value, string>();
  const out = message();
  const initializers: Message[] = [];
  for (const input of program.inputs) if (input.origin.kind === 'input') names.set(input, input.origin.name);
  const aliases: { readonly from: Value; readonly name: string }[] = [];
  for (const { name, value } of program.outputs) {
    if (value.origin.kind === 'node' && !names.has(value)) names.set(value, name);
    else aliases.push({ from: value, name });
  }
  const nodeMessage = (op: string, inputs: readonly string[], outputs: readonly string[], node?: Node): Message => {
    const made = message();
    for (const input of inputs) made.text(1, input);
    for (const output of outputs) made.text(2, output);
    made.text(3, `${outputs[0]}_${op}`).text(4, op);
    for (const [key, value] of Object.entries(node?.attributes ?? {})) made.message(5, attribute(key, value, prefix));
    return node?.domain ? made.text(7, node.domain) : made;
  };
  const nameOf = (value: Value | null): string => {
    if (value === null) return '';
    const known = names.get(value);
    if (known !== undefined) return known;
    const name = `${prefix}${value.origin.kind === 'node' ? 'v' : 'c'}${value.id}`;
    names.set(value, name);
    if (value.origin.kind === 'uniform' && sizeOf(value.shape) > writtenInFull) {
      const one: Form = { dtype: value.dtype, shape: [] };
      initializers.push(tensor(`${name}_one`, one, dataOf({ ...value, ...one })));
      const extents = BigInt64Array.from(value.shape, BigInt);
      initializers.push(tensor(`${name}_shape`, { dtype: 'int64', shape: [extents.length] }, extents));
      out.message(1, nodeMessage('Expand', [`${name}_one`, `${name}_shape`], [name]));
    } else if (value.origin.kind === 'uniform' || value.origin.kind === 'constant') {
      initializers.push(tensor(name, value, dataOf(value)));
    }
    return name;
  };
  for (const node of program.nodes) {
    const inputs = node.inputs.map(nameOf);
    out.message(1, nodeMessage(node.op, inputs, node.outputs.map(nameOf), node));
  }
  for (const { from, name } of aliases) out.message(1, nodeMessage('Identity', [nameOf(from)], [name]));
  out.text(2, `${prefix}graph`);
  for (const initializer of initializers) out.message(5, initializer);
  for (const input of program.inputs) out.message(11, valueInfo(nameOf(input), input));
  for (const { name, value } of program.outputs) out.message(12, valueInfo(name, value));
  return out;
};

/** A program as the bytes of an ONNX file. */
export const onnxModel = (program: Program): Uint8Array =>
  encode(
    message()
      .int(1, irVersion)
      .text(2, '@troupe/runtime')
      .message(7, graphMessage(program, ''))
      .message(8, message().text(1, '').int(2, operatorSet))
      .message(8, message().text(1, 'com.microsoft').int(2, 1)),
  );
