import * as tf from '@tensorflow/tfjs-core';

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
 * Applies layers of at most this width to some rows after the others: what a layer has put out is still near when the
 * next one reads it, and so in the gradient. Only for layers that say of a row what they say of it alone. [R, …] → [R, …]
 */
export const inRowBlocks = (layers: (x: tf.Tensor) => tf.Tensor, width: number, input: tf.Tensor): tf.Tensor => {
  const sizes = blockSizes(input.shape[0], width);
  return sizes.length === 1 ? layers(input) : tf.concat(tf.split(input, [...sizes], 0).map(layers), 0);
};
