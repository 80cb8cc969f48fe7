import { binary, cast, expand, mul, sub } from '../graph/emit.js';
import type { Graph, Rule } from '../graph/graph.js';
import { madeBy, uniformOf, type Draft, type Value } from '../graph/value.js';
import { sameShape } from '../rest.js';

const arithmetic: Readonly<Record<string, (a: number, b: number) => number>> = {
  Add: (a, b) => a + b,
  Sub: (a, b) => a - b,
  Mul: (a, b) => a * b,
  Div: (a, b) => a / b,
  Max: Math.max,
  Min: Math.min,
};
const functions: Readonly<Record<string, (x: number) => number>> = {
  Neg: (x) => -x,
  Sqrt: Math.sqrt,
  Abs: Math.abs,
  Reciprocal: (x) => 1 / x,
};

/** Works out operators whose inputs are known numbers. */
export const foldConstants: Rule = {
  name: 'constant folding',
  ops: [...Object.keys(arithmetic), ...Object.keys(functions)],
  apply: ({ op, inputs, forms }, g) => {
    const { dtype, shape } = forms[0]!;
    if (dtype !== 'float32') return undefined;
    const [a, b] = inputs.map(uniformOf);
    if (a === undefined) return undefined;
    if (inputs.length === 1) return g.full(dtype, shape, functions[op]!(a));
    return b === undefined || inputs.length > 2 ? undefined : g.full(dtype, shape, arithmetic[op]!(a, b));
  },
};

/** Known numbers as an Expand is: the value that both operands of a product leave unchanged. */
const neutral = (g: Graph, { op, inputs: [a, b], forms }: Draft): Value | undefined => {
  const { shape } = forms[0]!;
  const [x, y] = [uniformOf(a), uniformOf(b)];
  if ((op === 'Mul' || op === 'Div') && y === 1) return expand(g, a!, shape);
  if ((op === 'Add' || op === 'Sub') && y === 0) return expand(g, a!, shape);
  if (op === 'Mul' && x === 1) return expand(g, b!, shape);
  if (op === 'Add' && x === 0) return expand(g, b!, shape);
  return undefined;
};

/** x·1, x/1, x+0, x−0; a + (−b) = a − b; (x·c)·d = x·(cd); −(−x) = x. */
export const simplifyArithmetic: Rule = {
  name: 'arithmetic identities',
  ops: ['Add', 'Sub', 'Mul', 'Div', 'Neg'],
  apply: (draft, g) => {
    const { op, inputs, forms } = draft;
    const { dtype, shape } = forms[0]!;
    const [a, b] = inputs;
    if (op === 'Neg') return madeBy(a, 'Neg')?.inputs[0] ?? undefined;
    if (dtype !== 'float32') return neutral(g, draft);
    const same = neutral(g, draft);
    if (same) return same;
    if (op === 'Add') {
      const negated = madeBy(b, 'Neg');
      if (negated) return sub(g, a!, negated.inputs[0]!);
      const first = madeBy(a, 'Neg');
      if (first) return sub(g, b!, first.inputs[0]!);
    }
    if (op === 'Sub') {
      const negated = madeBy(b, 'Neg');
      if (negated) return binary(g, 'Add', a!, negated.inputs[0]!);
    }
    if (op === 'Mul') {
      const [x, c] = uniformOf(a) === undefined ? [a!, b!] : [b!, a!];
      const inner = madeBy(x, 'Mul');
      const outer = uniformOf(c);
      if (outer === undefined || !inner || !sameShape(x.shape, shape)) return undefined;
      const [y, d] = uniformOf(inner.inputs[0]) === undefined ? inner.inputs : inner.inputs.toReversed();
      const factor = uniformOf(d);
      // A factor that overflows or vanishes as float32 is not the two factors in turn.
      const both = factor === undefined ? 0 : Math.fround(factor * outer);
      return factor === undefined || both === 0 || !Number.isFinite(both)
        ? undefined
        : expand(g, mul(g, y!, g.full(dtype, d!.shape, both)), shape);
    }
    return undefined;
  },
};

/** A cast of known numbers, of a cast that changes nothing, or to what the value already is. */
export const foldCasts: Rule = {
  name: 'casts',
  ops: ['Cast'],
  apply: ({ inputs: [x], forms }, g) => {
    const { dtype, shape } = forms[0]!;
    if (x!.dtype === dtype) return x!;
    const known = uniformOf(x);
    if (known !== undefined && dtype !== 'int64' && Number.isFinite(known)) {
      return g.full(
        dtype,
        shape,
        dtype === 'bool' ? Number(known !== 0) : dtype === 'int32' ? Math.trunc(known) : known,
      );
    }
    // bool → anything → T is the same as bool → T.
    const before = madeBy(x, 'Cast')?.inputs[0];
    return before?.dtype === 'bool' ? cast(g, before, dtype) : undefined;
  },
};

/** Division by a power of two is multiplication by its reciprocal, exactly. */
export const divideByPowers: Rule = {
  name: 'exact division',
  ops: ['Div'],
  apply: ({ inputs: [a, b], forms }, g) => {
    const by = uniformOf(b);
    if (forms[0]!.dtype !== 'float32' || by === undefined || !Number.isInteger(Math.log2(Math.abs(by))))
      return undefined;
    return mul(g, a!, g.full('float32', b!.shape, 1 / by));
  },
};
