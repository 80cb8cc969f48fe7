import { reshape } from '../graph/emit.js';
import type { Graph } from '../graph/graph.js';
import { integersOf, madeBy, uniformOf, type Node, type Value } from '../graph/value.js';
import { withReaders, type Readers } from './readers.js';
import { centred, scaled } from './rows.js';

/** Rows x [n, k] that are normalised with this ε, and which of the results an operator gives. */
interface Found {
  readonly x: Value;
  readonly epsilon: number;
  readonly gives: 'rows' | 'scale';
}

/** c and ε, if a value is 1 / √(mean of c² over each row + ε). */
const inverseDeviation = (value: Value | undefined): { readonly c: Value; readonly epsilon: number } | undefined => {
  const sum = madeBy(madeBy(madeBy(value, 'Reciprocal')?.inputs[0], 'Sqrt')?.inputs[0], 'Add');
  const epsilon = uniformOf(sum?.inputs.find((input) => uniformOf(input) !== undefined));
  const mean = madeBy(
    sum?.inputs.find((input) => madeBy(input, 'ReduceMean')),
    'ReduceMean',
  );
  const square = madeBy(mean?.inputs[0], 'Mul');
  const [c, same] = square?.inputs ?? [];
  const overRows = c?.shape.length === 2 && c === same && integersOf(mean?.inputs[1])?.join() === '1';
  return overRows && epsilon !== undefined ? { c, epsilon } : undefined;
};

/** The centred rows times their inverse deviations, if an operator is that. */
const normalised = (it: Node): { readonly c: Value; readonly x: Value; readonly epsilon: number } | undefined => {
  const [c, s] = scaled(it.outputs[0]) ?? [];
  const x = centred(c);
  const found = x && inverseDeviation(madeBy(s, 'Reshape')?.inputs[0] ?? undefined);
  return found?.c === c && x ? { c: c!, x, epsilon: found!.epsilon } : undefined;
};

/** Are centred rows squared, multiplied with their inverse deviation, and nothing else? */
const onlyNormalised = (c: Value, readers: Readers): boolean =>
  readers
    .get(c)!
    .every((it) => it !== 'output' && it.op === 'Mul' && (it.inputs[0] === it.inputs[1] || normalised(it)));

const recognise = (it: Node, readers: Readers): Found | undefined => {
  if (it.op === 'Mul') {
    const found = normalised(it);
    return found && onlyNormalised(found.c, readers) ? { ...found, gives: 'rows' } : undefined;
  }
  const found = it.op === 'Reciprocal' ? inverseDeviation(it.outputs[0]) : undefined;
  const x = centred(found?.c);
  const used = x && readers.get(found!.c)!.some((reader) => reader !== 'output' && normalised(reader));
  return used && onlyNormalised(found!.c, readers) ? { x, epsilon: found!.epsilon, gives: 'scale' } : undefined;
};

/** Rows with mean 0 and deviation 1, and one over what their deviations were, [n, 1]. */
const normalise = (g: Graph, x: Value, epsilon: number): readonly [rows: Value, scale: Value] => {
  const { dtype, shape } = x;
  const column = { dtype, shape: [shape[0]!, 1] };
  const ones = g.full('float32', [shape[1]!], 1);
  const attributes = { axis: -1, epsilon: { float: epsilon } };
  const [rows, , scale] = g.nodes('LayerNormalization', [x, ones], [x, column, column], attributes);
  return [rows!, scale!];
};

/**
 * Rows less their mean, divided by their deviation, as one operator, which gives the inverse deviation for the gradient,
 * too: it goes through the rows twice, the operators that it stands for seven times.
 */
export const normalisedRows = withReaders(
  'normalised rows',
  recognise,
  ({ x, epsilon, gives }, old, { graph: g, move }) => {
    const [rows, scale] = normalise(g, move(x), epsilon);
    return gives === 'rows' ? rows : reshape(g, scale, old.outputs[0]!.shape);
  },
);
