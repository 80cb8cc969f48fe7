import * as tf from '@tensorflow/tfjs-core';
import { encode } from '@troupe/networks';
import type { CrewSizes } from './crew.js';

/** Which slot each row is, one-hot: rows of one moment one after another, slot by slot. [R, N] */
const idRows = (crew: CrewSizes, rows: number, from: number, to: number): tf.Tensor2D => {
  const each = to - from;
  const ids = new Float32Array(rows * crew.slots);
  for (let r = 0; r < rows; r++) ids[r * crew.slots + from + (r % each)] = 1;
  return tf.tensor2d(ids, [rows, crew.slots]);
};

/**
 * Observations [B, N, …] as what networks are given, by set of weights: C of [B · N/C, inputs], rows moment by moment and
 * slot by slot.
 */
export const observedBy = (crew: CrewSizes, observation: tf.Tensor): readonly tf.Tensor2D[] => {
  const { slots, copies, served } = crew;
  const moments = observation.shape[0];
  const size = observation.size / (moments * slots);
  const rows = moments * served;
  const parts =
    copies === 1
      ? [tf.reshape<tf.Rank.R2>(observation, [rows, size])]
      : (tf.unstack(tf.reshape(observation, [moments, slots, size]), 1) as tf.Tensor2D[]);
  return parts.map((part, c) => {
    const raw = encode(crew.observation, part);
    const encoded = crew.inputScale ? tf.div<tf.Tensor2D>(raw, tf.tensor2d([[...crew.inputScale]])) : raw;
    return crew.agentIds ? tf.concat2d([encoded, idRows(crew, rows, c * served, (c + 1) * served)], 1) : encoded;
  });
};
