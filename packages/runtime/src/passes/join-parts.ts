import { concat, node, reshape } from '../graph/emit.js';
import type { Rule } from '../graph/graph.js';
import { madeBy, type Node, type Value } from '../graph/value.js';
import { sameShape } from '../rest.js';

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
