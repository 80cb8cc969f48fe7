import { concat, node, reshape } from '../graph/emit.js';
import type { Graph, Rule } from '../graph/graph.js';
import { madeBy, type Form, type Node, type Value } from '../graph/value.js';
import { sameShape, sizeOf } from '../rest.js';
import { binaryOps } from './elementwise.js';

/** A part of a Split, possibly with its axis of extent 1 taken out. */
const partOf = (x: Value): { readonly split: Node; readonly index: number; readonly squeezed: boolean } | undefined => {
  const source = madeBy(x, 'Reshape')?.inputs[0] ?? x;
  const split = madeBy(source, 'Split');
  if (!split || source.origin.kind !== 'node') return undefined;
  const axis = split.attributes['axis'] as number;
  if (source === x) return { split, index: source.origin.index, squeezed: false };
  const taken = source.shape[axis] === 1 && sameShape(source.shape.toSpliced(axis, 1), x.shape);
  return taken ? { split, index: source.origin.index, squeezed: true } : undefined;
};

/** All parts of a split joined along the same axis again are what was split; rows of agents become one long row. */
export const joinParts: Rule = {
  name: 'join parts',
  ops: ['Concat'],
  apply: ({ inputs, attributes, forms }, g) => {
    const axis = attributes['axis'] as number;
    const joined: Value[] = [];
    for (let i = 0; i < inputs.length; i++) {
      const first = partOf(inputs[i]!);
      const count = first?.split.outputs.length ?? 0;
      const run = first?.index === 0 && first.split.attributes['axis'] === axis ? inputs.slice(i, i + count) : [];
      const whole =
        run.length === count &&
        count > 1 &&
        run.every((x, k) => {
          const part = partOf(x!);
          return part?.split === first!.split && part.index === k && part.squeezed === first!.squeezed;
        });
      if (!whole) {
        joined.push(inputs[i]!);
        continue;
      }
      const source = first!.split.inputs[0]!;
      const { shape } = run[0]!;
      joined.push(
        first!.squeezed
          ? reshape(
              g,
              source,
              shape.map((d, k) => (k === axis ? d * count : d)),
            )
          : source,
      );
      i += count - 1;
    }
    if (joined.length === inputs.length) return undefined;
    return reshape(g, concat(g, joined, axis), forms[0]!.shape);
  },
};

/** Numbers before and behind an axis. */
const around = (shape: readonly number[], axis: number): readonly [number, number] => [
  sizeOf(shape.slice(0, axis)),
  sizeOf(shape.slice(axis + 1)),
];

/** Parts of the given forms, cut along `axis`, of a value that was joined from them or worked out from such values. */
const joinedParts = (
  x: Value,
  axis: number,
  parts: readonly Form[],
  form: readonly [before: number, behind: number],
  g: Graph,
): readonly Value[] | undefined => {
  if (x.origin.kind !== 'node') return undefined;
  const { op, inputs, attributes } = x.origin.node;
  if (op === 'Reshape') return joinedParts(inputs[0]!, axis, parts, form, g);
  if (op === 'Concat') {
    const along = attributes['axis'] as number;
    const fits =
      inputs.length === parts.length &&
      inputs.every((part, i) => part!.shape[along] === parts[i]!.shape[axis]) &&
      sameShape(around(x.shape, along), form);
    return fits ? inputs.map((part, i) => reshape(g, part!, parts[i]!.shape)) : undefined;
  }
  if (!binaryOps.includes(op) || !inputs.every((input) => sameShape(input!.shape, x.shape))) return undefined;
  const [left, right] = inputs.map((input) => joinedParts(input!, axis, parts, form, g));
  if (!left || !right) return undefined;
  return parts.map(({ shape }, i) => node(g, op, [left[i]!, right[i]!], { dtype: x.dtype, shape }));
};

/** Cutting what was joined gives the parts back, also where operators lie between that work element by element. */
export const splitJoins: Rule = {
  name: 'splits of joins',
  ops: ['Split'],
  apply: ({ inputs: [x], attributes, forms }, g) => {
    const axis = attributes['axis'] as number;
    return joinedParts(x!, axis, forms, around(x!.shape, axis), g);
  },
};

/** Joins of joins along the first axis, reshaped or not, are one join of flat parts. */
export const flattenConcats: Rule = {
  name: 'joins of joins',
  ops: ['Concat'],
  apply: ({ inputs, attributes, forms }, g) => {
    const { dtype, shape } = forms[0]!;
    if (attributes['axis'] !== 0 || shape.length !== 1) return undefined;
    let changed = false;
    const parts = inputs.flatMap((input): readonly Value[] => {
      const inner = madeBy(madeBy(input, 'Reshape')?.inputs[0] ?? input, 'Concat');
      // Rows follow each other in memory only if nothing longer than 1 comes before the joined axis.
      const axis = inner?.attributes['axis'] as number | undefined;
      if (!inner || !inner.outputs[0]!.shape.slice(0, axis).every((d) => d === 1)) return [input!];
      changed = true;
      return inner.inputs.map((part) => reshape(g, part!, [part!.shape.reduce((a, b) => a * b, 1)]));
    });
    return changed ? node(g, 'Concat', parts, { dtype, shape }, { axis: 0 }) : undefined;
  },
};
