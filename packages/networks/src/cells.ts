import * as tf from '@tensorflow/tfjs-core';
import type { Params } from '@troupe/core';
import type { Initialiser } from './initial.js';
import type { layerStack } from './layer-stack.js';

/** A layer that remembers, taken apart into what needs the memory and what does not. Shapes: R rows. */
export interface Cell {
  /** Width of the memory. */
  readonly memory: number;
  /** The part of the gates that the input makes: [R, inputs] → [R, gates]. */
  drive(params: Params, x: tf.Tensor): tf.Tensor;
  /** One step: [R, gates], [R, memory] → [R, memory]. */
  step(params: Params, drive: tf.Tensor2D, memory: tf.Tensor2D): tf.Tensor2D;
  /** What the cell shows of its memory: [R, memory] → [R, H]. */
  output(memory: tf.Tensor2D): tf.Tensor2D;
}

type Stack = ReturnType<typeof layerStack>;
type MakeCell = (stack: Stack, inputs: number, width: number, initialiser: Initialiser) => Cell;

/**
 * Gated recurrent unit: r = σ(W_r x + U_r h + b_r), z = σ(W_z x + U_z h + b_z), n = tanh(W_n x + b_n + r (U_n h + c_n)),
 * h ← (1 − z) n + z h. Gates side by side in the order r, z, n, so that weights of PyTorch can be read in.
 */
export const gruCell: MakeCell = (stack, inputs, width, how) => {
  const zeros = { how: 'zeros', gain: 1 } as const;
  const kernel = stack.add('kernel', [inputs, 3 * width], { how, gain: 1 });
  const recurrent = stack.add('recurrent_kernel', [width, 3 * width], { how: 'orthogonal', gain: 1 });
  const bias = stack.add('bias', [3 * width], zeros);
  const recurrentBias = stack.add('recurrent_bias', [3 * width], zeros);
  return {
    memory: width,
    drive: (params, x) => tf.add(tf.matMul(x, params[kernel]!), params[bias]!),
    step(params, drive, h) {
      const held = tf.add<tf.Tensor2D>(tf.matMul(h, params[recurrent] as tf.Tensor2D), params[recurrentBias]!);
      const [fromInput, inputCandidate] = tf.split<tf.Tensor2D>(drive, [2 * width, width], 1);
      const [fromMemory, heldCandidate] = tf.split<tf.Tensor2D>(held, [2 * width, width], 1);
      const [r, z] = tf.split<tf.Tensor2D>(tf.sigmoid(tf.add<tf.Tensor2D>(fromInput!, fromMemory!)), 2, 1);
      const n = tf.tanh(tf.add<tf.Tensor2D>(inputCandidate!, tf.mul(r!, heldCandidate!)));
      return tf.add(n, tf.mul(z!, tf.sub(h, n)));
    },
    output: (h) => h,
  };
};

/**
 * Long short-term memory: i, f, o = σ(W x + U h + b), g = tanh(…), c ← f c + i g, h = o tanh(c). Gates side by side in
 * the order i, f, g, o; the memory is h, then c. The forget gate's bias begins at 1 (Jozefowicz et al. 2015).
 */
export const lstmCell: MakeCell = (stack, inputs, width, how) => {
  const kernel = stack.add('kernel', [inputs, 4 * width], { how, gain: 1 });
  const recurrent = stack.add('recurrent_kernel', [width, 4 * width], { how: 'orthogonal', gain: 1 });
  const bias = stack.add('bias', [4 * width], (i) => (i >= width && i < 2 * width ? 1 : 0));
  const halves = (memory: tf.Tensor2D) => tf.split<tf.Tensor2D>(memory, 2, 1) as [tf.Tensor2D, tf.Tensor2D];
  return {
    memory: 2 * width,
    drive: (params, x) => tf.add(tf.matMul(x, params[kernel]!), params[bias]!),
    step(params, drive, memory) {
      const [h, c] = halves(memory);
      const gates = tf.add<tf.Tensor2D>(drive, tf.matMul(h, params[recurrent] as tf.Tensor2D));
      const [i, f, g, o] = tf.split<tf.Tensor2D>(gates, 4, 1);
      const next = tf.add<tf.Tensor2D>(tf.mul(tf.sigmoid(f!), c), tf.mul(tf.sigmoid(i!), tf.tanh(g!)));
      return tf.concat2d([tf.mul(tf.sigmoid(o!), tf.tanh(next)), next], 1);
    },
    output: (memory) => halves(memory)[0],
  };
};
