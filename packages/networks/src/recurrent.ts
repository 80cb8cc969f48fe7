import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '@troupe/core';
import { gruCell, lstmCell, type Cell } from './cells.js';
import { layerStack, through, type Layer } from './layer-stack.js';
import type { MlpOptions } from './mlp.js';

/** T steps of B rows that go on side by side. Acting is the case T = 1. */
export type SequenceInput = {
  /** [T, B, inputs] */
  readonly input: tf.Tensor;
  /** [B, M]; what is remembered before the first step. Absent: nothing, zeros. */
  readonly memory?: tf.Tensor;
  /** [T, B]; 1 where an episode begins with the step: what was remembered is forgotten first. Absent: nowhere. */
  readonly started?: tf.Tensor;
};

/** What a network makes of a sequence. */
export type SequenceOutput = {
  /** [T, B, outputs] */
  readonly output: tf.Tensor;
  /** [B, M]; what is remembered after the last step. Absent for networks without memory. */
  readonly memory?: tf.Tensor;
};

/** A network that may remember: the same form for all, so that a learner need not know which it has. */
export interface RecurrentNetwork extends Network<SequenceInput, SequenceOutput> {
  /** M, the width of the memory; 0 for a network without. */
  readonly memory: number;
}

/** Settings of `recurrent`: a perceptron whose hidden layers end in a cell with memory. */
export interface RecurrentOptions extends Omit<MlpOptions, 'outputActivation'> {
  /** Default `gru`. */
  readonly cell?: 'gru' | 'lstm';
  /** Width H of the cell. Default: that of the last hidden layer, or of the input where there is none. */
  readonly width?: number;
}

/** A network of single steps as one of sequences: its memory has width 0. */
export const feedForward = (network: Network<tf.Tensor, tf.Tensor>): RecurrentNetwork => ({
  memory: 0,
  init: (rng) => network.init(rng),
  apply(params, { input }) {
    const [steps, rows, inputs] = input.shape as [number, number, number];
    const output = network.apply(params, tf.reshape(input, [steps * rows, inputs]));
    return { output: tf.reshape(output, [steps, rows, output.size / (steps * rows)]) };
  },
});

/**
 * Hidden layers, then a GRU (Cho et al. 2014, in the form of cuDNN and PyTorch) or an LSTM (Hochreiter and Schmidhuber
 * 1997, with forget gates that begin open), then a linear layer: the network of the MAPPO code and HARL, which with
 * `layerNorm` normalise what the cell puts out, too. The memory of a GRU is [B, H], that of an LSTM [B, 2H]. Steps are
 * unrolled; what does not depend on the memory is computed for all steps at once. Throws a RangeError for widths that
 * are not integers >= 1.
 */
export const recurrent = (options: RecurrentOptions): RecurrentNetwork => {
  const {
    inputs,
    hidden,
    outputs,
    activation = 'relu',
    initialiser = 'orthogonal',
    gain = 1,
    outputGain = 1,
  } = options;
  const stack = layerStack('recurrent');
  const before: Layer[] = options.inputNorm === true ? [stack.normalised(inputs)] : [];
  hidden.forEach((wide, i) => {
    before.push(stack.dense(hidden[i - 1] ?? inputs, wide, { how: initialiser, gain }, activation));
    if (options.layerNorm === true) before.push(stack.normalised(wide));
  });
  const from = hidden.at(-1) ?? inputs;
  const width = options.width ?? from;
  const cell: Cell = (options.cell === 'lstm' ? lstmCell : gruCell)(stack, from, width, initialiser);
  const after: Layer[] = options.layerNorm === true ? [stack.normalised(width)] : [];
  after.push(stack.dense(width, outputs, { how: initialiser, gain: outputGain }, 'linear'));

  return {
    memory: cell.memory,
    init: stack.init,
    apply(params, { input, memory, started }) {
      stack.require(params);
      const [steps, rows] = input.shape as [number, number, number];
      const seen = through(before, params)(tf.reshape(input, [steps * rows, inputs]));
      const driven = cell.drive(params, seen) as tf.Tensor2D;
      const each = steps === 1 ? [driven] : tf.split<tf.Tensor2D>(driven, steps, 0);
      const keep =
        started &&
        tf.split<tf.Tensor2D>(tf.reshape(tf.sub(1, tf.cast(started, 'float32')), [steps * rows, 1]), steps, 0);
      let state = (memory ?? tf.zeros([rows, cell.memory])) as tf.Tensor2D;
      const said = each.map((drive, t) => {
        if (keep) state = tf.mul(state, keep[t]!);
        state = cell.step(params, drive, state);
        return cell.output(state);
      });
      const output = through(after, params)(said.length === 1 ? said[0]! : tf.concat2d(said, 0));
      return { output: tf.reshape(output, [steps, rows, outputs]), memory: state };
    },
  };
};
