import * as tf from '@tensorflow/tfjs-core';
import type { Policy } from './policy.js';
import type { TrpoConfig } from './settings.js';
import type { Team } from './teams.js';

/**
 * What limits a step: a divergence per row, its curvature where the policies are equal, and which rows count.
 */
export interface Divergence {
  /** [R] */
  readonly weight: tf.Tensor1D;
  /** [R, W]² → [R] */
  readonly kl: (old: tf.Tensor2D, now: tf.Tensor2D) => tf.Tensor1D;
  /** Output, tangent: [R, W]² → [R, W] */
  readonly metric: (output: tf.Tensor2D, tangent: tf.Tensor2D) => tf.Tensor2D;
}

/**
 * Σ over all legal choices of ρ − 1 − log ρ with ρ = π/π_old: what HARL and the authors of HATRPO take for the divergence
 * of choices. Its curvature is D Dᵀ with D = I − p 1ᵀ over these choices, not the Fisher information diag(p) − p pᵀ.
 */
const ratioForm = (team: Team, policy: Policy): Pick<Divergence, 'kl' | 'metric'> => {
  const logProbabilities = (output: tf.Tensor2D) => team.policy.logProbabilities(output, policy.legal);
  const widths = team.policy.head.map((part) => (part.kind === 'choice' ? part.n : 0));
  const parts = (x: tf.Tensor2D) => (widths.length === 1 ? [x] : tf.split<tf.Tensor2D>(x, widths, 1));
  const legal = policy.legal && tf.cast(policy.legal, 'float32');
  const masks = legal && parts(legal);
  return {
    kl: (old, now) => {
      const every = tf.sub<tf.Tensor2D>(logProbabilities(now), logProbabilities(old));
      const difference = legal ? tf.mul<tf.Tensor2D>(every, legal) : every;
      return tf.sum<tf.Tensor1D>(tf.sub(tf.sub(tf.exp(difference), 1), difference), 1);
    },
    metric: (output, tangent) => {
      const probabilities = parts(tf.exp(logProbabilities(output)));
      const each = parts(tangent).map((v, i) => {
        // D v is v less its mean under p; then u − p Σ u
        const p = probabilities[i]!;
        const every = tf.sub<tf.Tensor2D>(v, tf.sum(tf.mul(p, v), 1, true));
        const centred = masks ? tf.mul<tf.Tensor2D>(every, masks[i]!) : every;
        return tf.sub<tf.Tensor2D>(centred, tf.mul(p, tf.sum(centred, 1, true)));
      });
      return each.length === 1 ? each[0]! : tf.concat2d(each, 1);
    },
  };
};

/** The divergence that a trust region is measured by, as `config.divergence` says, and the weights [B] of rows in it. */
export const divergenceOf = (team: Team, config: TrpoConfig, policy: Policy): Divergence => {
  const weight = config.deadRows === 'counted' ? tf.onesLike(policy.active) : policy.active;
  if (config.divergence === 'ratio' && team.policy.head.every((part) => part.kind === 'choice')) {
    return { weight, ...ratioForm(team, policy) };
  }
  if (config.divergence === 'reverseMean') {
    const reals = team.policy.head.reduce((n, part) => n + (part.kind === 'choice' ? 0 : part.low.length), 0);
    const scale = 1 / Math.max(1, reals);
    return {
      weight,
      kl: (old, now) => tf.mul(policy.kl(now, old), scale),
      metric: (output, tangent) => tf.mul(policy.fisher(output, tangent), scale),
    };
  }
  return {
    weight,
    kl: (old, now) => policy.kl(old, now),
    metric: (output, tangent) => policy.fisher(output, tangent),
  };
};
