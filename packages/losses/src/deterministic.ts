import * as tf from '@tensorflow/tfjs-core';

/**
 * Deterministic policy gradient as a loss: −Q(s, μ(s)) per row. Silver et al. 2014; Lillicrap et al. 2016, eq. 6; for
 * many agents Lowe et al. 2017, eq. 5, where Q is that of one agent on the joint observation and action. Shapes: B rows.
 */
export const deterministicPolicyLoss = (x: { readonly q: tf.Tensor1D }): tf.Tensor1D => tf.neg(x.q);

/**
 * Mean square of what the policy put out before sampling, per row: keeps logits from growing without bound. Taken from
 * the code that came with Lowe et al. 2017, not from the paper. [B, A] → [B].
 */
export const outputPenalty = (x: { readonly output: tf.Tensor2D }): tf.Tensor1D => tf.mean(tf.square(x.output), 1);
