import { node } from '../graph/emit.js';
import type { Rule } from '../graph/graph.js';
import { madeBy, uniformOf, type Value } from '../graph/value.js';

/** Positive numbers of any size become at least 1 by this factor; only denormal ones do not. */
const huge = 3e38;

/**
 * The derivative of relu: 1 where x > 0. Taken from relu(x), which is needed anyway, so that x itself is not (ONNX
 * Runtime can then fuse relu into the product before it); and as HardSigmoid = clip(huge·a, 0, 1), which is vectorised,
 * while comparing, casting and choosing are not.
 */
export const reluMask: Rule = {
  name: 'relu masks',
  ops: ['Cast'],
  apply: ({ inputs: [x], forms }, g) => {
    const { dtype, shape } = forms[0]!;
    const comparison = madeBy(x, 'Greater');
    const [of, zero] = comparison?.inputs ?? [];
    if (dtype !== 'float32' || !of || of.dtype !== 'float32' || uniformOf(zero) !== 0) return undefined;
    const rectified: Value | undefined = madeBy(of, 'Relu') ? of : g.find('Relu', [of])?.[0];
    if (!rectified) return undefined;
    return node(g, 'HardSigmoid', [rectified], { dtype, shape }, { alpha: { float: huge }, beta: { float: 0 } });
  },
};
