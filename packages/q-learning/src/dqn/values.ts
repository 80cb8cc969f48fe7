import * as tf from '@tensorflow/tfjs-core';
import { atomsOf, type Support } from '@troupe/losses';
import type { CrewSizes } from './crew.js';
import type { DqnConfig } from './settings.js';

/** The support of distributional values. */
export const supportOf = (config: DqnConfig): Support => ({
  low: config.supportLow,
  high: config.supportHigh,
  atoms: config.atoms,
});

/** Probabilities of all choices: [R, A · Z] → [R, A, Z]. */
export const probabilitiesOf = (crew: CrewSizes, output: tf.Tensor2D): tf.Tensor3D =>
  tf.softmax(tf.reshape<tf.Rank.R3>(output, [output.shape[0], crew.choices, crew.atoms]));

/** What each choice is worth: [R, A · Z] → [R, A]; of distributions the mean. */
export const valuesOf = (crew: CrewSizes, config: DqnConfig, output: tf.Tensor2D): tf.Tensor2D =>
  config.distributional
    ? tf.reshape(
        tf.matMul(
          tf.reshape<tf.Rank.R2>(probabilitiesOf(crew, output), [output.shape[0] * crew.choices, crew.atoms]),
          tf.reshape<tf.Rank.R2>(atomsOf(supportOf(config)), [crew.atoms, 1]),
        ),
        [output.shape[0], crew.choices],
      )
    : output;

/** The entry of each row that its one-hot mask points at: [R, A], [R, A] → [R]. */
export const entryOf = (values: tf.Tensor2D, chosen: tf.Tensor2D): tf.Tensor1D => tf.sum(tf.mul(values, chosen), 1);

/** The numbers of the choice that a one-hot mask points at: [R, A, Z], [R, A] → [R, Z]. */
export const entriesOf = (values: tf.Tensor3D, chosen: tf.Tensor2D): tf.Tensor2D =>
  tf.sum(tf.mul(values, tf.reshape(chosen, [...chosen.shape, 1])), 1);
