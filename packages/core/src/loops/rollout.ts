import ndarray from 'ndarray';
import { copyInto } from '../strided.js';
import type { Groups } from '../env.js';
import type { Batch, Rollout } from '../learn.js';

type Column = ndarray.NdArray<Float32Array> | ndarray.NdArray<Int32Array> | ndarray.NdArray<Uint8Array>;
/** A batch as the tree of arrays that it is. */
type Node = Column | Uint8Array | Int32Array | undefined | { readonly [key: string]: Node };

const isColumn = (node: object): node is Column => 'stride' in node;

/** Rows of T steps, allocated at the first write and used again for every rollout. */
export interface RolloutStore<G extends Groups> {
  /** Copies row `t`: one step of every environment. */
  write(t: number, row: Batch<G>): void;
  /** Everything written; valid until the next write. */
  rollout(): Rollout<G>;
}

/** A store for T = `steps` steps of E = `numEnvs` environments. */
export const rolloutStore = <G extends Groups>(steps: number, numEnvs: number): RolloutStore<G> => {
  let batch: Batch<G> | undefined;

  /** What was made for what: an array that stands in several places (the state of every group) is one array here too. */
  const made = new Map<object, Node>();
  const allocate = (node: Node): Node => {
    if (node === undefined) return undefined;
    const known = made.get(node) ?? make(node);
    made.set(node, known);
    return known;
  };
  const make = (node: NonNullable<Node>): Node => {
    if (node instanceof Uint8Array) return new Uint8Array(steps * numEnvs);
    if (node instanceof Int32Array) return new Int32Array(steps * numEnvs);
    if (isColumn(node)) {
      const [, ...rest] = node.shape;
      const Data = node.data.constructor as Float32ArrayConstructor;
      const size = rest.reduce((a, b) => a * b, steps * numEnvs);
      return ndarray(new Data(size), [steps * numEnvs, ...rest]);
    }
    return Object.fromEntries(Object.entries(node).map(([key, child]) => [key, allocate(child)]));
  };

  const write = (into: Node, from: Node, t: number): void => {
    if (into === undefined || from === undefined) return;
    if (into instanceof Uint8Array || into instanceof Int32Array) {
      into.set(from as Uint8Array, t * numEnvs);
    } else if (isColumn(into)) {
      copyInto(into.data, t * (into.size / steps), from as Column);
    } else {
      for (const key in into) write(into[key], (from as Readonly<Record<string, Node>>)[key], t);
    }
  };

  return {
    write(t, row) {
      batch ??= allocate(row as unknown as Node) as unknown as Batch<G>;
      made.clear();
      write(batch as unknown as Node, row as unknown as Node, t);
    },
    rollout: () => {
      if (!batch) throw new Error('rolloutStore: expected at least one written step');
      return { steps, numEnvs, batch };
    },
  };
};
