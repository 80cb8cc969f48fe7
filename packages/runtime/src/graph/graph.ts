import { sameShape, sizeOf } from '../rest.js';
import type { Attributes, ConstantData, Draft, Dtype, Form, Node, Origin, Program, Value } from './value.js';

/**
 * A local rewrite. Called with an operator about to be added; may return values to use instead (made with `graph`, where
 * the rules apply again), or undefined.
 */
export interface Rule {
  readonly name: string;
  readonly ops: readonly string[];
  readonly apply: (draft: Draft, graph: Graph) => Value | readonly Value[] | undefined;
}

/** How a graph is built. */
export interface GraphOptions {
  /** Gives the same value for the same operator on the same inputs (common subexpressions). */
  readonly shares?: boolean;
  readonly rules?: readonly Rule[];
}

/** A graph being built. Every method checks nothing that ONNX Runtime checks itself; shapes are the caller's duty. */
export interface Graph {
  /** Adds an input of the model. Names must be different. */
  input(name: string, dtype: Dtype, shape: readonly number[]): Value;
  /** A constant; `data` is row-major and copied. Equal short ones are one value. */
  constant(dtype: Dtype, shape: readonly number[], data: ConstantData): Value;
  /** A constant whose elements are all `value`. */
  full(dtype: Dtype, shape: readonly number[], value: number): Value;
  /** Adds an operator. */
  nodes(
    op: string,
    inputs: readonly (Value | null)[],
    forms: readonly Form[],
    attributes?: Attributes,
    domain?: string,
  ): readonly Value[];
  /** The outputs of such an operator if it was added already. */
  find(
    op: string,
    inputs: readonly (Value | null)[],
    attributes?: Attributes,
    outputs?: number,
  ): readonly Value[] | undefined;
  /** The graph as a program with these outputs. */
  finish(outputs: Program['outputs']): Program;
}

const arrays = { float32: Float32Array, int32: Int32Array, bool: Uint8Array };
/** Constants longer than this are compared by identity only. */
const comparedUpTo = 4096;

const none: Attributes = {};

const uniformValue = (data: ConstantData): number | undefined => {
  const first = data[0];
  if (typeof first !== 'number') return undefined;
  for (let i = 1; i < data.length; i++) if (!Object.is(data[i], first)) return undefined;
  return first;
};

/** Attributes as text, undefined where they hold a graph. Rewrites hand them on as they are: most are asked for often. */
const attributeTexts = new WeakMap<Attributes, { readonly text: string | undefined }>();
const textOf = (attributes: Attributes): string | undefined => {
  const before = attributeTexts.get(attributes);
  if (before) return before.text;
  const hasBody = Object.values(attributes).some((a) => typeof a === 'object' && 'body' in a);
  const text = hasBody ? undefined : JSON.stringify(attributes);
  attributeTexts.set(attributes, { text });
  return text;
};

const nodeKey = (
  op: string,
  domain: string,
  inputs: readonly (Value | null)[],
  attributes: Attributes,
  n: number,
): string | undefined => {
  const text = textOf(attributes);
  if (text === undefined) return undefined;
  let key = domain + op;
  for (const input of inputs) key += input === null ? ',_' : `,${input.id}`;
  return `${key}|${n}|${text}`;
};

/** An empty graph. Equal operators are one unless `shares` is false. */
export const createGraph = ({ shares = true, rules = [] }: GraphOptions = {}): Graph => {
  let nextId = 0;
  const inputs: Value[] = [];
  const nodes: Node[] = [];
  const known = new Map<string, readonly Value[]>();
  const byOp = new Map<string, Rule[]>();
  for (const rule of rules) for (const op of rule.ops) byOp.set(op, [...(byOp.get(op) ?? []), rule]);

  const value = (dtype: Dtype, shape: readonly number[], origin: Origin): Value => ({
    id: nextId++,
    dtype,
    shape,
    origin,
  });
  const once = (key: string, make: () => Value): Value => {
    const before = known.get(key);
    if (before) return before[0]!;
    const made = make();
    known.set(key, [made]);
    return made;
  };

  const graph: Graph = {
    input: (name, dtype, shape) => {
      const made = value(dtype, shape, { kind: 'input', name });
      inputs.push(made);
      return made;
    },
    full: (dtype, shape, x) => {
      const number = dtype === 'float32' ? Math.fround(x) : x;
      return once(`full|${dtype}|${shape.join()}|${Object.is(number, -0) ? '-0' : number}`, () =>
        value(dtype, shape, { kind: 'uniform', value: number }),
      );
    },
    constant: (dtype, shape, data) => {
      const uniform = dtype === 'int64' ? undefined : uniformValue(data);
      if (uniform !== undefined) return graph.full(dtype, shape, uniform);
      const make = () => value(dtype, shape, { kind: 'constant', data: data.slice() });
      if (data.length > comparedUpTo) return make();
      return once(`constant|${dtype}|${shape.join()}|${Array.prototype.join.call(data)}`, make);
    },
    nodes: (op, given, forms, attributes = none, domain = '') => {
      const draft: Draft = { op, domain, inputs: given, attributes, forms };
      const key = shares ? nodeKey(op, domain, given, attributes, forms.length) : undefined;
      const before = key === undefined ? undefined : known.get(key);
      if (before) return before;
      for (const rule of byOp.get(op) ?? []) {
        const instead = rule.apply(draft, graph);
        if (instead !== undefined) {
          const list = Array.isArray(instead) ? (instead as readonly Value[]) : [instead as Value];
          if (!forms.every((form, i) => form.dtype === list[i]?.dtype && sameShape(form.shape, list[i].shape))) {
            throw new Error(`pass '${rule.name}' changed the form of ${op}`);
          }
          if (key !== undefined) known.set(key, list);
          return list;
        }
      }
      const outputs: Value[] = [];
      const node: Node = { ...draft, outputs };
      forms.forEach((form, index) => outputs.push(value(form.dtype, form.shape, { kind: 'node', node, index })));
      nodes.push(node);
      if (key !== undefined) known.set(key, outputs);
      return outputs;
    },
    find: (op, given, attributes = none, outputs = 1) => {
      const key = nodeKey(op, '', given, attributes, outputs);
      return key === undefined ? undefined : known.get(key);
    },
    finish: (outputs) => ({ inputs, nodes, outputs, shares }),
  };
  return graph;
};

/** A uniform or constant value as a full typed array. */
export const dataOf = (constant: Value): ConstantData => {
  if (constant.origin.kind === 'constant') return constant.origin.data;
  if (constant.origin.kind !== 'uniform') throw new Error('dataOf: not a constant');
  const { value: x } = constant.origin;
  if (constant.dtype === 'int64') return new BigInt64Array(sizeOf(constant.shape)).fill(BigInt(x));
  return new arrays[constant.dtype](sizeOf(constant.shape)).fill(x);
};
