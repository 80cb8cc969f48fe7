import * as tf from '@tensorflow/tfjs-core';
import { choicesOf, sizeOf, type Space } from '@troupe/core';
import { oneHot } from './categorical.js';

/** Width of an encoded value: real numbers as they are, each choice as a one-hot row. */
export const encodedSize = (space: Space): number =>
  space.kind === 'box' ? sizeOf(space) : choicesOf(space) + (space.kind === 'hybrid' ? sizeOf(space.box) : 0);

const column = (index: tf.Tensor2D, n: number): tf.Tensor2D => oneHot(tf.reshape(index, [index.shape[0]]), n);

/** What a network is given for values of a space. [B, size] (one index per choice) → [B, `encodedSize`]. */
export const encode = (space: Space, x: tf.Tensor2D): tf.Tensor2D => {
  switch (space.kind) {
    case 'box':
      return tf.cast(x, 'float32');
    case 'discrete':
      return column(x, space.n);
    case 'multiDiscrete': {
      const columns = tf.split<tf.Tensor2D>(x, space.counts.length, 1);
      return tf.concat2d(
        columns.map((x, i) => column(x, space.counts[i]!)),
        1,
      );
    }
    case 'hybrid': {
      const [real, chosen] = tf.split<tf.Tensor2D>(x, [sizeOf(space.box), space.choices.counts.length], 1);
      return tf.concat2d([encode(space.box, real!), encode(space.choices, chosen!)], 1);
    }
  }
};
