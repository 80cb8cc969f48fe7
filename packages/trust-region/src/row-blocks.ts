import * as tf from '@tensorflow/tfjs-core';
import type { Network } from '@troupe/core';

/** What the rows of one hidden layer may take in a block: some of them together stay in a cache of 1 to 2 MiB. */
const BLOCK_BYTES = 2 ** 19;
/** With more blocks than these, building a step takes longer than they save: all rows are one. */
const MOST_BLOCKS = 8;

/** How many rows each block has, for layers of this width. */
export const blockSizes = (rows: number, width: number): readonly number[] => {
  const most = Math.max(1, Math.floor(BLOCK_BYTES / (4 * width)));
  const blocks = Math.ceil(rows / most);
  if (blocks > MOST_BLOCKS || blocks < 2) return [rows];
  const size = Math.ceil(rows / blocks);
  return Array.from({ length: blocks }, (_, i) => Math.min(size, rows - i * size));
};

/**
 * The same network, applied to some rows after the others: what a layer has put out is still near when the next one
 * reads it, and so in the gradient. Only for networks that say of a row what they say of it alone.
 */
export const inRowBlocks = (
  network: Network<tf.Tensor, tf.Tensor>,
  hidden: readonly number[],
): Network<tf.Tensor, tf.Tensor> => ({
  init: (rng) => network.init(rng),
  apply(params, input) {
    const sizes = blockSizes(input.rank === 2 ? input.shape[0] : 1, Math.max(1, ...hidden));
    if (sizes.length === 1) return network.apply(params, input);
    const blocks = tf.split(input, [...sizes], 0);
    return tf.concat(
      blocks.map((block) => network.apply(params, block)),
      0,
    );
  },
});
