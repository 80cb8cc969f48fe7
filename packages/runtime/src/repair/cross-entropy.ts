import {
  Reduction,
  add,
  cast,
  logSoftmax,
  losses,
  mul,
  neg,
  sum,
  tensor,
  util,
  type Tensor,
  type TensorLike,
} from '@tensorflow/tfjs-core';

const given = (x: Tensor | TensorLike): Tensor => (typeof x === 'object' && 'dataId' in x ? x : tensor(x));

/**
 * −Σ labels · log softmax(logits), as tfjs has it but composed of operations: tfjs 4.22 wraps it in a gradient of its own,
 * which has no second order and is wrong for the labels.
 */
const softmaxCrossEntropy = (
  onehotLabels: Tensor | TensorLike,
  logits: Tensor | TensorLike,
  weights?: Tensor | TensorLike,
  labelSmoothing = 0,
  reduction = Reduction.SUM_BY_NONZERO_WEIGHTS,
): Tensor => {
  const [hard, scores] = [given(onehotLabels), given(logits)];
  util.assertShapesMatch(hard.shape, scores.shape, 'Error in softmaxCrossEntropy: ');
  const classes = hard.shape.at(-1)!;
  const labels =
    labelSmoothing > 0 ? add(mul(hard, 1 - labelSmoothing), labelSmoothing / classes) : cast(hard, 'float32');
  const each = neg(sum(mul(labels, logSoftmax(cast(scores, 'float32'))), -1));
  return losses.computeWeightedLoss(each, weights, reduction);
};
Reflect.set(losses, 'softmaxCrossEntropy', softmaxCrossEntropy);
