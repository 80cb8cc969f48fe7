import { concat, split } from '../graph/emit.js';
import { createGraph, type Graph } from '../graph/graph.js';
import { integersOf, madeBy, type Node, type Program, type Value } from '../graph/value.js';
import { sizeOf } from '../rest.js';
import { carryIn, carryOut, windowName } from '../trace/ports.js';
import { rebuild, type Pass } from './pass.js';

/** Numbers from which on copying a part costs more than passing it as an array of its own, which takes two to three microseconds. */
const worthwhile = 16384;

interface Part {
  readonly value: Value;
  readonly offset: number;
}

/** Runs of parts that travel together: each large part by itself, and what lies between two of them. */
const runsOf = (parts: readonly Value[], from: number): Part[][] => {
  const runs: Part[][] = [];
  let offset = from;
  let open = false;
  for (const value of parts) {
    const size = sizeOf(value.shape);
    const part = { value, offset };
    offset += size;
    if (open && size < worthwhile) runs.at(-1)!.push(part);
    else runs.push([part]);
    open = size < worthwhile;
  }
  return runs;
};

const isLarge = ({ shape }: Value): boolean => sizeOf(shape) >= worthwhile;

const isCarry = ({ origin }: Value): boolean => origin.kind === 'input' && origin.name === carryIn;

/** Where a value lies in the carry, if it is a stretch of it. */
type Places = ReadonlyMap<Value, number>;

/** The parts of a Split, or the part that a Slice takes, of a stretch of the carry: in place of copies of them. */
const takeApart = (g: Graph, node: Node, from: number, places: Map<Value, number>): readonly Value[] | undefined => {
  const window = (offset: number, size: number): Value => {
    const made = g.input(windowName(carryIn, offset, size), 'float32', [size]);
    places.set(made, offset);
    return made;
  };
  const once = (offset: number, size: number): Value =>
    [...places].find(([value, at]) => at === offset && sizeOf(value.shape) === size)?.[0] ?? window(offset, size);
  if (node.op === 'Slice') {
    const begin = integersOf(node.inputs[1])?.[0];
    const [out] = node.outputs;
    return begin === undefined || !isLarge(out!) ? undefined : [once(from + begin, sizeOf(out!.shape))];
  }
  if (node.op !== 'Split' || !node.outputs.some(isLarge)) return undefined;
  return runsOf(node.outputs, from).flatMap((run) => {
    const sizes = run.map(({ value }) => sizeOf(value.shape));
    const total = sizes.reduce((a, b) => a + b, 0);
    return split(g, once(run[0]!.offset, total), sizes, 0);
  });
};

const withWindowsIn = (program: Program): Program => {
  const graph = createGraph(program);
  const places = new Map<Value, number>();
  const placeOf = (value: Value): number | undefined => (isCarry(value) ? 0 : (places as Places).get(value));
  return rebuild(program, graph, (node, [x]) => {
    const from = x && x.shape.length === 1 ? placeOf(x) : undefined;
    return from === undefined ? undefined : takeApart(graph, node, from, places);
  });
};

/** The next carry in as many outputs as it has large parts; what is short is still joined. */
const withWindowsOut = (program: Program): Program => {
  const graph = createGraph(program);
  const { inputs, nodes, outputs } = rebuild(program, graph);
  const apart = outputs.flatMap(({ name, value }) => {
    const joined = name === carryOut ? madeBy(value, 'Concat') : undefined;
    const parts = joined?.inputs as readonly Value[] | undefined;
    if (!parts?.some(isLarge)) return [{ name, value }];
    return runsOf(parts, 0).map((run) => {
      const whole = concat(
        graph,
        run.map((part) => part.value),
        0,
      );
      // Its numbers in a row are what is wanted: in whatever shape, a reshape would only copy them.
      const source = madeBy(whole, 'Reshape')?.inputs[0];
      const kept = source && sizeOf(source.shape) > 0 ? source : whole;
      return { name: windowName(carryOut, run[0]!.offset, sizeOf(kept.shape)), value: kept };
    });
  });
  return { ...program, inputs, nodes, outputs: apart };
};

/** Is anything large cut out of the carry, or joined to the next one? */
const hasLargeParts = ({ nodes, outputs }: Program): boolean =>
  nodes.some(({ op, outputs: parts }) => (op === 'Split' || op === 'Slice') && parts.some(isLarge)) ||
  outputs.some(
    ({ name, value }) => name === carryOut && madeBy(value, 'Concat')?.inputs.some((part) => part && isLarge(part)),
  );

/**
 * Large parts of the carry go in and come out as arrays of their own, which are windows onto the flat one: nothing is cut
 * out of it or joined to it. For a state of 800,000 numbers that saves twice its size in copies.
 */
export const carryWindows: Pass = {
  name: 'windows onto the carry',
  run: (program) => (hasLargeParts(program) ? withWindowsOut(withWindowsIn(program)) : program),
};
