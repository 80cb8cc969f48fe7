import { expand, integers, node, reshape, transpose } from '../graph/emit.js';
import type { Rule } from '../graph/graph.js';
import { integersOf, madeBy, uniformOf } from '../graph/value.js';
import { sameShape, sizeOf } from '../rest.js';
import type { Pass } from './pass.js';
import { withReaders } from './readers.js';

/** Reshapes of reshapes, of constants, and of single numbers that were spread out. */
export const collapseReshapes: Rule = {
  name: 'reshapes',
  ops: ['Reshape'],
  apply: ({ inputs: [x], forms }, g) => {
    const { dtype, shape } = forms[0]!;
    if (sameShape(x!.shape, shape)) return x!;
    const known = uniformOf(x);
    if (known !== undefined) return g.full(dtype, shape, known);
    if (x!.origin.kind === 'constant') return g.constant(dtype, shape, x!.origin.data);
    const before = madeBy(x, 'Reshape');
    if (before) return reshape(g, before.inputs[0]!, shape);
    const source = madeBy(x, 'Expand')?.inputs[0];
    return source && sizeOf(source.shape) === 1
      ? expand(
          g,
          reshape(
            g,
            source,
            shape.map(() => 1),
          ),
          shape,
        )
      : undefined;
  },
};

/** Expansions of constants, of expansions, and to the same shape. */
export const collapseExpands: Rule = {
  name: 'expands',
  ops: ['Expand', 'Tile'],
  apply: ({ op, inputs: [x], forms }, g) => {
    const { dtype, shape } = forms[0]!;
    if (sameShape(x!.shape, shape)) return x!;
    const known = uniformOf(x);
    if (known !== undefined) return g.full(dtype, shape, known);
    const before = op === 'Expand' ? madeBy(x, 'Expand') : undefined;
    return before ? expand(g, before.inputs[0]!, shape) : undefined;
  },
};

/** Transposes of transposes and of constants; a transpose that only moves axes of extent 1 is a reshape. */
export const collapseTransposes: Rule = {
  name: 'transposes',
  ops: ['Transpose'],
  apply: ({ inputs: [x], attributes, forms }, g) => {
    const { dtype, shape } = forms[0]!;
    const perm = attributes['perm'] as readonly number[];
    const known = uniformOf(x);
    if (known !== undefined) return g.full(dtype, shape, known);
    const long = perm.filter((axis) => x!.shape[axis] !== 1);
    if (long.every((axis, i) => i === 0 || axis > long[i - 1]!)) return reshape(g, x!, shape);
    const before = madeBy(x, 'Transpose');
    if (!before) return undefined;
    const first = before.attributes['perm'] as readonly number[];
    return transpose(
      g,
      before.inputs[0]!,
      perm.map((axis) => first[axis]!),
    );
  },
};

/** Parts of a value that is the same everywhere. */
export const collapseSlices: Rule = {
  name: 'slices',
  ops: ['Slice', 'Split', 'Gather'],
  apply: ({ inputs: [x], forms }, g) => {
    const known = uniformOf(x);
    return known === undefined ? undefined : forms.map(({ dtype, shape }) => g.full(dtype, shape, known));
  },
};

/** Reductions do without axes of extent 1: what is left to reduce lies in as few axes as possible. */
export const squeezeReductions: Rule = {
  name: 'reductions',
  ops: ['ReduceSum', 'ReduceMean', 'ReduceMax', 'ReduceMin', 'ReduceProd'],
  apply: ({ op, inputs: [x, over], attributes, forms }, g) => {
    const { dtype, shape } = forms[0]!;
    const axes = integersOf(over);
    if (!axes) return undefined;
    const long = x!.shape.flatMap((d, i) => (d === 1 ? [] : [{ d, reduced: axes.includes(i) }]));
    if (long.every(({ reduced }) => !reduced)) return reshape(g, x!, shape);
    // Neighbours that are both reduced, or both kept, become one axis.
    const merged: { d: number; reduced: boolean }[] = [];
    for (const { d, reduced } of long) {
      const last = merged.at(-1);
      if (last && last.reduced === reduced) last.d *= d;
      else merged.push({ d, reduced });
    }
    const flat = merged.map(({ d }) => d);
    if (sameShape(flat, x!.shape) && attributes['keepdims'] === 0) return undefined;
    const left = merged.flatMap(({ d, reduced }) => (reduced ? [] : [d]));
    const which = merged.flatMap(({ reduced }, i) => (reduced ? [i] : []));
    const [out] = g.nodes(op, [reshape(g, x!, flat), integers(g, which)], [{ dtype, shape: left }], { keepdims: 0 });
    return reshape(g, out!, shape);
  },
};

/** A reduction whose result only gets its axes back keeps them: one operator less. After all other rewrites, which look for vectors. */
export const keptAxes: Pass = withReaders(
  'axes kept by reductions',
  ({ op, inputs: [x], outputs: [out] }, readers) => {
    const made = op === 'Reshape' && x?.origin.kind === 'node' ? x.origin.node : undefined;
    const axes = made && squeezeReductions.ops.includes(made.op) ? integersOf(made.inputs[1]) : undefined;
    const kept = made?.inputs[0]!.shape.map((d, i) => (axes?.includes(i) ? 1 : d));
    return axes && readers.get(x!)?.length === 1 && sameShape(kept!, out!.shape) ? made : undefined;
  },
  ({ op, inputs: [x, axes] }, { outputs: [out] }, { graph: g, move }) =>
    node(g, op, [move(x!), move(axes!)], out!, { keepdims: 1 }),
);
