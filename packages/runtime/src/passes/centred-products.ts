import { node, reduce, sub } from '../graph/emit.js';
import { createGraph } from '../graph/graph.js';
import { integersOf, madeBy, type Node, type Value } from '../graph/value.js';
import { rebuild, type Pass } from './pass.js';
import { readersOf } from './readers.js';

/** The product whose rows a Sub moves to mean 0, if that is what it does. */
const centredProduct = ({ op, inputs: [x, mean] }: Node): Node | undefined => {
  const product = op === 'Sub' ? madeBy(x, 'Gemm') : undefined;
  const reduction = madeBy(madeBy(mean, 'Reshape')?.inputs[0] ?? mean, 'ReduceMean');
  const fits =
    product?.inputs.length === 2 && reduction?.inputs[0] === x && integersOf(reduction?.inputs[1])?.join() === '1';
  return fits ? product : undefined;
};

/**
 * A·B less the mean of each row is A·C, where C is B less the mean of its rows: far less to do where A has many rows, as
 * in the gradient of layer normalisation. Only where nobody else reads the product.
 */
export const centredProducts: Pass = {
  name: 'centred products',
  run: (program) => {
    const readers = readersOf(program);
    const graph = createGraph();
    return rebuild(program, graph, (old, [x]) => {
      const before: Value | null | undefined = old.inputs[0];
      if (!centredProduct(old) || readers.get(before!)?.length !== 2) return undefined;
      const product = madeBy(x, 'Gemm')!;
      const [a, b] = product.inputs as readonly [Value, Value];
      if (old.outputs[0]!.shape[0]! < 4 * b.shape[0]!) return undefined;
      const along = product.attributes['transB'] === 1 ? 0 : 1;
      const centred = sub(graph, b, reduce(graph, 'ReduceMean', b, [along], true));
      return [node(graph, 'Gemm', [a, centred], old.outputs[0]!, product.attributes)];
    });
  },
};
