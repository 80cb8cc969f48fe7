import { concat, node, split } from '../graph/emit.js';
import { createGraph } from '../graph/graph.js';
import { madeBy, type Node, type Program, type Value } from '../graph/value.js';
import { sameShape, sizeOf } from '../rest.js';
import { carryOut } from '../trace/ports.js';
import { binaryOps, unaryOps } from './elementwise.js';
import { rebuild, type Pass } from './pass.js';

/** Values of one form that are worked out in the same way, each from operands of its own. */
type Twins = readonly Value[];

const elementwise = new Set([...unaryOps, ...binaryOps]);
const keyOf = (twins: Twins): string => twins.map(({ id }) => id).join();
const nodeOf = ({ origin }: Value): Node | undefined => (origin.kind === 'node' ? origin.node : undefined);
const isVector = ({ shape, dtype }: Value): boolean => shape.length === 1 && dtype === 'float32';

/** The operands at one place of all twins; one value, where a single number is the same for all of them. */
const operandsOf = (makers: readonly Node[], place: number): Twins | Value | undefined => {
  const operands = makers.map(({ inputs }) => inputs[place]!);
  const [first] = operands as [Value];
  if (sizeOf(first.shape) === 1) return operands.every((x) => x === first) ? first : undefined;
  return operands.every((x) => isVector(x) && sameShape(x.shape, makers[0]!.outputs[0]!.shape)) ? operands : undefined;
};

/** The operators that make twins, if each is the same operator working element by element on operands that are twins again. */
const makersOf = (twins: Twins): readonly Node[] | undefined => {
  const makers = twins.map(nodeOf);
  const [first] = makers;
  if (!first || !elementwise.has(first.op) || new Set(makers).size < twins.length) return undefined;
  const text = JSON.stringify(first.attributes);
  const alike = makers.every(
    (maker) => maker?.op === first.op && JSON.stringify(maker.attributes) === text && isVector(maker.outputs[0]!),
  );
  if (!alike) return undefined;
  const all = makers as readonly Node[];
  return first.inputs.every((_, place) => operandsOf(all, place)) ? all : undefined;
};

/** How a value is worked out, some operators deep: what it has in common with its twins. */
const recipe = (value: Value, depth = 3): string => {
  if (sizeOf(value.shape) === 1) return String(value.id);
  const maker = nodeOf(value);
  const inputs = depth > 0 && maker && elementwise.has(maker.op) ? maker.inputs : [];
  return `${maker?.op}[${value.shape.join()}](${inputs.map((x) => x && recipe(x, depth - 1)).join()})`;
};

/** Runs of parts of a join that are worked out alike. */
const runsOf = (parts: readonly Value[]): Twins[] => {
  const runs: { readonly recipe: string; readonly twins: Value[] }[] = [];
  for (const part of parts) {
    const own = recipe(part);
    const last = runs.at(-1);
    if (last?.recipe === own) last.twins.push(part);
    else runs.push({ recipe: own, twins: [part] });
  }
  return runs.flatMap(({ twins }) => (twins.length > 1 && isVector(twins[0]!) ? [twins] : []));
};

/** All groups of operators that can be one, from the parts of the next carry backwards. */
const groupsOf = (program: Program): ReadonlyMap<Node, readonly Node[]> => {
  const joined = program.outputs.find(({ name }) => name === carryOut);
  const waiting = runsOf((madeBy(joined?.value, 'Concat')?.inputs ?? []) as readonly Value[]);
  const groups = new Map<Node, readonly Node[]>();
  for (let twins = waiting.pop(); twins; twins = waiting.pop()) {
    const makers = makersOf(twins);
    if (!makers || makers.some((maker) => groups.has(maker))) continue;
    for (const maker of makers) groups.set(maker, makers);
    makers[0]!.inputs.forEach((_, place) => {
      const operands = operandsOf(makers, place)!;
      if (Array.isArray(operands)) waiting.push(operands as Twins);
    });
  }
  return groups;
};

/** The operators in an order in which those of a group follow each other; undefined if one of a group needs another. */
const ordered = (program: Program, groups: ReadonlyMap<Node, readonly Node[]>): readonly Node[] | undefined => {
  const done = new Set<Node>();
  const entered = new Set<Node>();
  const order: Node[] = [];
  for (const start of program.nodes) {
    const stack = [start];
    while (stack.length > 0) {
      const top = stack.at(-1)!;
      const members = groups.get(top) ?? [top];
      const needed = members.flatMap(({ inputs }) => inputs.flatMap((x) => (x && nodeOf(x)) ?? []));
      const open = needed.filter((maker) => !done.has(maker));
      if (done.has(top) || open.length === 0) {
        stack.pop();
        if (!done.has(top)) order.push(...members);
        members.forEach((member) => done.add(member));
        continue;
      }
      if (entered.has(members[0]!)) return undefined;
      entered.add(members[0]!);
      stack.push(...open);
    }
  }
  return order;
};

/**
 * Agents that are updated in the same way, each with its own weights: what the optimiser and the targets do to vectors
 * that follow each other in the carry becomes one operator on all of them. Only if none of them waits for another's result.
 */
export const joinTwins: Pass = {
  name: 'twins',
  run: (program) => {
    const groups = groupsOf(program);
    const nodes = groups.size > 0 ? ordered(program, groups) : undefined;
    if (!nodes) return program;
    const graph = createGraph(program);
    const whole = new Map<string, Value>();
    const parts = new Map<Node, readonly Value[]>();
    /** Runs of parts of a Split that twins read as one: cut out in one piece, then cut apart. */
    const runs = new Map<Node, Map<number, number>>();
    for (const makers of new Set(groups.values())) {
      makers[0]!.inputs.forEach((_, place) => {
        const operands = operandsOf(makers, place)!;
        if (!Array.isArray(operands)) return;
        const [first] = operands as readonly Value[];
        const cut = madeBy(first, 'Split');
        if (!cut || first!.origin.kind !== 'node' || cut.attributes['axis'] !== 0) return;
        const from = first!.origin.index;
        if (!(operands as Twins).every((x, i) => x === cut.outputs[from + i])) return;
        runs.set(cut, (runs.get(cut) ?? new Map<number, number>()).set(from, operands.length));
      });
    }
    const cutCoarsely = (cut: Node, source: Value): readonly Value[] => {
      const lengths = runs.get(cut)!;
      const coarse: Twins[] = [];
      for (let i = 0; i < cut.outputs.length; i += coarse.at(-1)!.length) {
        coarse.push(cut.outputs.slice(i, i + (lengths.get(i) ?? 1)));
      }
      const sizes = coarse.map((run) => run.reduce((sum, { shape }) => sum + shape[0]!, 0));
      return split(graph, source, sizes, 0).flatMap((piece, i) => {
        const run = coarse[i]!;
        if (run.length === 1) return [piece];
        whole.set(keyOf(run), piece);
        return split(
          graph,
          piece,
          run.map(({ shape }) => shape[0]!),
          0,
        );
      });
    };
    return rebuild({ ...program, nodes }, graph, (old, inputs, move) => {
      if (runs.has(old)) return cutCoarsely(old, inputs[0]!);
      const makers = groups.get(old);
      if (!makers) return undefined;
      const before = parts.get(makers[0]!);
      if (before) return [before[makers.indexOf(old)]!];
      const [{ shape, dtype }] = old.outputs as readonly [Value];
      const operands = old.inputs.map((_, place) => {
        const given = operandsOf(makers, place)!;
        if (!Array.isArray(given)) return move(given as Value);
        const twins = given as Twins;
        return whole.get(keyOf(twins)) ?? concat(graph, twins.map(move), 0);
      });
      const all = node(
        graph,
        old.op,
        operands,
        { dtype, shape: [shape[0]! * makers.length] },
        old.attributes,
        old.domain,
      );
      whole.set(keyOf(makers.map(({ outputs }) => outputs[0]!)), all);
      const made = split(
        graph,
        all,
        makers.map(() => shape[0]!),
        0,
      );
      parts.set(makers[0]!, made);
      return [made[makers.indexOf(old)]!];
    });
  },
};
