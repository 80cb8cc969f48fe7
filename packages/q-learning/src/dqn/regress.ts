import * as tf from '@tensorflow/tfjs-core';
import { distributionCrossEntropy } from '@troupe/losses';
import { descend, type Moment, type TargetedPart } from '@troupe/networks';
import { descentOf, errorsOf, followedBy } from '../regression/fit.js';
import type { CrewSizes } from './crew.js';
import type { DqnConfig } from './settings.js';
import { distributionTargets, valueTargets, type NextView } from './targets.js';
import { entriesOf, entryOf, valuesOf } from './values.js';

/** One network while a step goes on. */
export type Parts = TargetedPart & {
  /** [] how often it has learnt, where twins take turns. */
  readonly count?: tf.Scalar;
};

/** What a network with given weights says of the rows: [R, A · Z] each. */
export interface Passes {
  /** Of what was seen, with gradient; is told before what the weights are, for what has no gradient. */
  readonly seen: (fixed: tf.Tensor1D) => (theta: tf.Tensor1D) => tf.Tensor2D;
  /** Of what was seen next, to value it. */
  readonly valued: (theta: tf.Tensor1D) => tf.Tensor2D;
  /** Of the same, to choose. */
  readonly choosing: (theta: tf.Tensor1D) => tf.Tensor2D;
}

/** The rows that one set of weights learns from: R of them. */
export interface Rows {
  readonly passes: Passes;
  readonly chosen: tf.Tensor2D; //      [R, A] one-hot
  readonly reward: tf.Tensor1D; //      [R]
  readonly discount: tf.Tensor1D; //    [R]
  readonly coefficient: tf.Tensor1D; // [R] factor on the loss of a row, before the sum
  readonly penalty: tf.Tensor2D | undefined; // [R, A] added to the values of next choices
}

/** Time, and which twin learns. */
export interface At extends Moment {
  readonly coin: tf.Scalar;
}

/** What became of one set of weights. */
export interface Learnt {
  readonly parts: readonly Parts[];
  readonly error: tf.Tensor1D; //      [R] target − prediction; of distributions the cross-entropy
  readonly prediction: tf.Tensor1D; // [R] Q(s, a)
  readonly loss: tf.Scalar;
  readonly gradNorm: tf.Scalar;
}

/** a where `coin` is 1, b where it is 0: exactly, for finite numbers. */
const either = <T extends tf.Tensor>(coin: tf.Scalar, a: T, b: T): T =>
  tf.add(tf.mul(a, coin), tf.mul(b, tf.sub(1, coin)));

const eitherParts = (coin: tf.Scalar, a: Parts, b: Parts): Parts => ({
  theta: either(coin, a.theta, b.theta),
  target: either(coin, a.target, b.target),
  moments: Object.fromEntries(Object.entries(a.moments).map(([key, m]) => [key, either(coin, m, b.moments[key]!)])),
  ...(a.count && b.count && { count: either(coin, a.count, b.count) }),
});

/** A tensor that was kept out of a differentiated function, under the usual rules again. */
const released = (kept: tf.Tensor1D | undefined): tf.Tensor1D => {
  const copy = tf.clone(kept!);
  kept!.dispose();
  return copy;
};

/** One regression on the targets of one set of weights (one of two, for twins); then the targets move. */
export const regress = (crew: CrewSizes, config: DqnConfig, sets: readonly Parts[], at: At, rows: Rows): Learnt => {
  const twins = sets.length > 1;
  const learner = twins ? eitherParts(at.coin, sets[0]!, sets[1]!) : sets[0]!;
  const other = twins ? eitherParts(at.coin, sets[1]!, sets[0]!) : sets[0]!;
  const { passes } = rows;
  const view: NextView = {
    valued: passes.valued(other.target),
    ...(config.double !== 'no' && { choosing: passes.choosing(learner.theta) }),
    penalty: rows.penalty,
  };
  const row = { reward: rows.reward, discount: rows.discount, gamma: config.discount };
  const targets = config.distributional
    ? { distribution: distributionTargets(crew, config, view, row) }
    : { value: valueTargets(view, row) };

  const seen = passes.seen(learner.theta);
  const kept: { prediction?: tf.Tensor1D; errors?: tf.Tensor1D } = {};
  const lossAt = (theta: tf.Tensor1D): tf.Scalar => {
    const output = seen(theta);
    const prediction = entryOf(valuesOf(crew, config, output), rows.chosen);
    const errors =
      'distribution' in targets
        ? distributionCrossEntropy({
            logits: entriesOf(tf.reshape(output, [output.shape[0], crew.choices, crew.atoms]), rows.chosen),
            target: targets.distribution,
          })
        : errorsOf(config, { prediction, target: targets.value });
    kept.prediction = tf.keep(prediction);
    kept.errors = tf.keep(errors);
    return tf.sum<tf.Scalar>(tf.mul(errors, rows.coefficient));
  };
  const count = learner.count && tf.add<tf.Scalar>(learner.count, 1);
  const after: Parts = { ...learner, ...(count && { count }) };
  const moment: Moment = { updates: count ?? at.updates, ...(at.rate && { rate: at.rate }) };
  const [loss, gradNorm] = descend(after, descentOf(config, moment), lossAt);
  const [prediction, errors] = [released(kept.prediction), released(kept.errors)];
  const parts = twins ? [eitherParts(at.coin, after, other), eitherParts(at.coin, other, after)] : [after];
  return {
    parts: parts.map((one) => ({ ...one, target: followedBy(config, one) })),
    error: 'value' in targets ? tf.sub(targets.value, prediction) : errors,
    prediction,
    loss: loss,
    gradNorm,
  };
};
