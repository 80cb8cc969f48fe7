import * as tf from '@tensorflow/tfjs-core';
import { weightedMean } from '@troupe/losses';
import { column, merged } from './rows.js';
import { sequenceOf } from './sequences.js';
import { inputsOf, type Team } from './teams.js';
import type { ActorRows } from './types.js';

/** Rows of an actor one under the other, R = B·n, and what its policy says about them. */
export interface Policy {
  /** [R, W] */
  output(theta: tf.Tensor1D): tf.Tensor2D;
  /** log π of the actions taken. [R, W] → [R] */
  logProb(output: tf.Tensor2D): tf.Tensor1D;
  /** [R] */
  entropy(output: tf.Tensor2D): tf.Tensor1D;
  /** [R, W]² → [R] */
  kl(old: tf.Tensor2D, now: tf.Tensor2D): tf.Tensor1D;
  /** Fisher information times a tangent. [R, W]² → [R, W] */
  fisher(output: tf.Tensor2D, tangent: tf.Tensor2D): tf.Tensor2D;
  readonly legal: tf.Tensor2D | undefined;
  /** [R] */
  readonly advantage: tf.Tensor1D;
  /** [R]; 1 for the living. */
  readonly active: tf.Tensor1D;
  /** [R]; when acting, or undefined where it was not remembered. */
  readonly remembered: tf.Tensor1D | undefined;
  /** Mean over the living. */
  mean(x: tf.Tensor1D): tf.Scalar;
}

/** Reads rows inside a step. */
export const policyOn = (team: Team, rows: ActorRows): Policy => {
  const { policy, actor } = team;
  const input = inputsOf(team, rows.observation);
  const action = merged(rows.action);
  const drawn = rows.drawn && merged(rows.drawn);
  const legal = rows.legal && merged(rows.legal);
  const active = column(rows.active);
  const sequence = sequenceOf(team, rows, input);
  return {
    output: (theta) => tf.reshape(actor.apply(theta, sequence).output, [input.shape[0], policy.width]),
    logProb: (output) => policy.logProb(output, action, legal, drawn),
    entropy: (output) => policy.entropy(output, legal),
    kl: (old, now) => policy.kl(old, now, legal),
    fisher: (output, tangent) => policy.fisher(output, tangent, legal),
    legal,
    advantage: column(rows.advantage),
    active,
    remembered: rows.logProb && column(rows.logProb),
    mean: (x) => weightedMean(x, active),
  };
};
