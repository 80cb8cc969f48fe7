import * as tf from '@tensorflow/tfjs-core';
import { projectedDistribution, tdTarget } from '@troupe/losses';
import { modeOneHot } from '@troupe/networks';
import type { CrewSizes } from './crew.js';
import type { DqnConfig } from './settings.js';
import { entriesOf, entryOf, probabilitiesOf, supportOf, valuesOf } from './values.js';

/** What networks say about the next observations: [R, A · Z] each. */
export interface NextView {
  /** By the network that values. */
  readonly valued: tf.Tensor2D;
  /** By the network that chooses, where it is another one. */
  readonly choosing?: tf.Tensor2D;
  /** [R, A] added to values where choices are forbidden. */
  readonly penalty: tf.Tensor2D | undefined;
}

/** What targets are made of besides. */
export interface TargetRow {
  readonly reward: tf.Tensor1D;
  readonly discount: tf.Tensor1D;
  readonly gamma: number;
}

const penalised = (values: tf.Tensor2D, penalty: tf.Tensor2D | undefined): tf.Tensor2D =>
  penalty ? tf.add(values, penalty) : values;

/**
 * r + γ d max Q′(s′, ·) (Mnih et al. 2015), or with another network choosing r + γ d Q′(s′, arg max Q(s′, ·)) (van Hasselt
 * et al. 2016, eq. 4), over permitted choices. [R]
 */
export const valueTargets = ({ valued, choosing, penalty }: NextView, row: TargetRow): tf.Tensor1D => {
  const nextValue = choosing
    ? entryOf(valued, modeOneHot(penalised(choosing, penalty)))
    : tf.max<tf.Tensor1D>(penalised(valued, penalty), 1);
  return tdTarget({ ...row, nextValue });
};

/** The same for distributions: the best choice by its mean, its distribution put back onto the support. [R, Z] */
export const distributionTargets = (
  crew: CrewSizes,
  config: DqnConfig,
  { valued, choosing, penalty }: NextView,
  row: TargetRow,
): tf.Tensor2D => {
  const best = modeOneHot(penalised(valuesOf(crew, config, choosing ?? valued), penalty));
  const nextProbabilities = entriesOf(probabilitiesOf(crew, valued), best);
  return projectedDistribution({ ...row, nextProbabilities, support: supportOf(config) });
};
