import { node, reshape } from '../graph/emit.js';
import type { Rule } from '../graph/graph.js';
import { madeBy, uniformOf, type Value } from '../graph/value.js';
import { sameShape, sizeOf } from '../rest.js';
import { binaryOps, unaryOps } from './elementwise.js';

const shorter = (shape: readonly number[], by: number): readonly number[] => shape.slice(by);
const leadingOnes = (shape: readonly number[]): number => {
  const first = shape.findIndex((d) => d !== 1);
  return first < 0 ? shape.length : first;
};
const isScalar = (x: Value | null): boolean => x !== null && uniformOf(x) !== undefined && sizeOf(x.shape) === 1;

/** f(reshape(x)) = reshape(f(x)): reshapes move towards the end, where they meet and cancel. */
export const sinkReshapes: Rule = {
  name: 'sink reshapes',
  ops: [...unaryOps, ...binaryOps, 'Where'],
  apply: ({ op, domain, inputs, attributes, forms }, g) => {
    const { dtype, shape } = forms[0]!;
    const sources = inputs.map((input) =>
      input && sameShape(input.shape, shape) ? madeBy(input, 'Reshape')?.inputs[0] : undefined,
    );
    const common = sources.find((source) => source)?.shape;
    if (!common) return undefined;
    // A vector beside a single number is faster than a column.
    const slower = common.at(-1) === 1 && shape.at(-1) !== 1 && inputs.some(isScalar);
    if (slower) return undefined;
    const fits = inputs.every((input, i) => isScalar(input) || (sources[i] && sameShape(sources[i].shape, common)));
    if (!fits) return undefined;
    const moved = inputs.map((input, i) => sources[i] ?? g.full(input!.dtype, [], uniformOf(input)!));
    return reshape(g, node(g, op, moved, { dtype, shape: common }, attributes, domain), shape);
  },
};

/** Works in fewer axes where the first ones have extent 1 for all operands and an operand was reshaped to have them. */
export const dropLeadingAxes: Rule = {
  name: 'drop leading axes',
  ops: [...binaryOps, 'Where'],
  apply: ({ op, domain, inputs, attributes, forms }, g) => {
    const { dtype, shape } = forms[0]!;
    const ranks = inputs.flatMap((input) => {
      const source = madeBy(input, 'Reshape')?.inputs[0];
      return source && source.shape.length < input!.shape.length ? [source.shape.length] : [];
    });
    // No further than to the form that the operand had: a row [1, n] stays one, so that it meets its product.
    const ones = Math.min(leadingOnes(shape), shape.length - Math.max(1, ...ranks));
    if (ranks.length === 0 || ones <= 0) return undefined;
    const out = shorter(shape, ones);
    const moved = inputs.map((input) => {
      const { shape: own } = input!;
      // An operand that is spread along the first axes anyway needs none of its own ones there.
      const extra = Math.min(leadingOnes(own), Math.max(0, own.length - out.length));
      return reshape(g, input!, sameShape(own, shape) ? out : own.slice(extra));
    });
    return reshape(g, node(g, op, moved, { dtype, shape: out }, attributes, domain), shape);
  },
};
