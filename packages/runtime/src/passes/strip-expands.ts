import { expand, node } from '../graph/emit.js';
import type { Rule } from '../graph/graph.js';
import { madeBy, uniformOf, type Value } from '../graph/value.js';
import { sameShape, sizeOf } from '../rest.js';
import { binaryOps, unaryOps } from './elementwise.js';

/** Operators that spread their operands themselves need no Expand, as long as one operand has the full shape. */
export const stripExpands: Rule = {
  name: 'strip expands',
  ops: [...binaryOps, 'Where'],
  apply: ({ op, domain, inputs, attributes, forms }, g) => {
    const { shape } = forms[0]!;
    const smaller = (x: Value): Value => {
      const known = uniformOf(x);
      if (known !== undefined) return g.full(x.dtype, [], known);
      return madeBy(x, 'Expand')?.inputs[0] ?? x;
    };
    const moved = [...inputs] as Value[];
    for (let i = 0; i < moved.length; i++) {
      const othersAreFull = moved.some((other, k) => k !== i && sameShape(other.shape, shape));
      if (othersAreFull) moved[i] = smaller(moved[i]!);
    }
    return moved.every((x, i) => x === inputs[i]) ? undefined : node(g, op, moved, forms[0]!, attributes, domain);
  },
};

/** f(Expand(x)) = Expand(f(x)): work on the few numbers, and let whoever reads them spread them. */
export const sinkExpands: Rule = {
  name: 'sink expands',
  ops: [...unaryOps, ...binaryOps],
  apply: ({ op, domain, inputs, attributes, forms }, g) => {
    const { dtype, shape } = forms[0]!;
    const sources = inputs.map((x) => madeBy(x, 'Expand')?.inputs[0]);
    const source = sources.find((x) => x);
    const fits = inputs.every(
      (x, i) => sources[i] === source || (uniformOf(x) !== undefined && sizeOf(x!.shape) === 1),
    );
    if (!source || !fits) return undefined;
    const moved = inputs.map((x, i) => sources[i] ?? g.full(x!.dtype, [], uniformOf(x)!));
    return expand(g, node(g, op, moved, { dtype, shape: source.shape }, attributes, domain), shape);
  },
};

/** A single number is spread whatever its rank: it needs no Reshape before an operator that has the full shape elsewhere. */
export const stripScalarReshapes: Rule = {
  name: 'strip reshapes of single numbers',
  ops: [...binaryOps, 'Where'],
  apply: ({ op, domain, inputs, attributes, forms }, g) => {
    const { shape } = forms[0]!;
    const moved = inputs.map((x, i) => {
      const source = madeBy(x, 'Reshape')?.inputs[0];
      const fits = source && sizeOf(source.shape) === 1 && source.shape.length <= shape.length;
      return fits && inputs.some((other, k) => k !== i && sameShape(other!.shape, shape)) ? source : x;
    });
    const kept = moved.some((x) => sameShape(x!.shape, shape));
    return !kept || moved.every((x, i) => x === inputs[i])
      ? undefined
      : node(g, op, moved, forms[0]!, attributes, domain);
  },
};
