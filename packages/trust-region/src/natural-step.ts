import * as tf from '@tensorflow/tfjs-core';
import { conjugateGradient, gaussNewton, surrogate } from '@troupe/losses';
import { norm } from '@troupe/networks';
import type { Step } from '@troupe/runtime';
import { divergenceOf } from './divergence.js';
import { policyOn } from './policy.js';
import type { TrpoConfig } from './settings.js';
import type { Team } from './teams.js';
import type { ActorCarry, ActorRows } from './types.js';

/** Names of what `directionStep` measures, in the order of its output. */
export const DIRECTION_METRICS = [
  'surrogate',
  'policyGradNorm',
  'curvature',
  'cgResidual',
  'cgIterations',
  'stepSize',
  'expected',
  'entropy',
] as const;

/** Share of the damped curvature that counts as there at least without damping, so that steps are not endless. */
const LEAST_SHARE = 1e-6;

/** What `directionStep` is given. */
export type DirectionInput = { readonly rows: ActorRows };
/** `gradient`, `solution`, `full` [P]; `output` [R, W] and `logProb` [R] of the policy as it is. */
export type DirectionOutput = {
  readonly gradient: tf.Tensor;
  readonly solution: tf.Tensor;
  readonly full: tf.Tensor;
  readonly output: tf.Tensor;
  readonly logProb: tf.Tensor;
  readonly metrics: tf.Tensor;
};

/**
 * The natural gradient of the surrogate, and the longest step along it: x ≈ F⁻¹g by conjugate gradients on Fisher–vector
 * products, √(2δ / xᵀFx) x. Schulman et al. 2015, app. C. The weights stay as they are.
 */
export const directionStep =
  (team: Team, config: TrpoConfig): Step<ActorCarry, DirectionInput, DirectionOutput> =>
  (carry, { rows }) => {
    const policy = policyOn(team, rows);
    const theta = carry.theta as tf.Tensor1D;
    const output = policy.output(theta);
    const logProb = policy.logProb(output);
    const old = policy.remembered ?? logProb;
    const { weight, metric } = divergenceOf(team, config, policy);
    const objective = (at: tf.Tensor1D): tf.Scalar =>
      policy.mean(surrogate({ logRatio: tf.sub(policy.logProb(policy.output(at)), old), advantage: policy.advantage }));
    const gradient = tf.grad((at) => objective(at as tf.Tensor1D))(theta) as tf.Tensor1D;
    const share = tf.reshape(tf.div(weight, tf.maximum(tf.sum(weight), 1)), [weight.size, 1]);
    const product = gaussNewton({
      outputs: (at) => policy.output(at),
      theta,
      metric: (tangent) => tf.mul(metric(output, tangent), share),
      damping: config.damping,
    });
    const { cgIterations: iterations, cgTolerance: tolerance } = config;
    const found = conjugateGradient({ product, target: gradient, iterations, tolerance });
    // Where damping is nearly all of the curvature, what is left without it is rounding.
    const curvature =
      config.stepLength === 'damped'
        ? found.curvature
        : tf.maximum(
            tf.sub(found.curvature, tf.mul(tf.sum(tf.square(found.solution)), config.damping)),
            tf.mul(found.curvature, LEAST_SHARE),
          );
    const size = tf.sqrt(tf.div(2 * config.kl, tf.maximum(curvature, 1e-30)));
    const full = tf.mul(found.solution, size);
    const metrics = tf.stack([
      objective(theta),
      norm(gradient),
      found.curvature,
      found.residual,
      found.iterations,
      size,
      tf.sum(tf.mul(gradient, full)),
      policy.mean(policy.entropy(output)),
    ]);
    return { carry, output: { gradient, solution: found.solution, full, output, logProb, metrics } };
  };

/** `finite` is 1 where all of it is: then the others mean what they say, else 0. */
export const ATTEMPT_METRICS = ['kl', 'surrogate', 'entropy', 'ratio', 'finite'] as const;
/** Weights to try [P], what the old policy put out [R, W], its log-probabilities [R]. */
export type AttemptInput = {
  readonly theta: tf.Tensor;
  readonly rows: ActorRows;
  readonly output: tf.Tensor;
  readonly logProb: tf.Tensor;
};
/** `logProb` [R] of the policy tried. */
export type AttemptOutput = { readonly metrics: tf.Tensor; readonly logProb: tf.Tensor };

/** What a step would bring: divergence from the old policy, surrogate. */
export const attemptStep =
  (team: Team, config: TrpoConfig): Step<Record<string, never>, AttemptInput, AttemptOutput> =>
  (carry, { theta, rows, output: before, logProb: known }) => {
    const policy = policyOn(team, rows);
    const output = policy.output(theta as tf.Tensor1D);
    const logProb = policy.logProb(output);
    const old = policy.remembered ?? (known as tf.Tensor1D);
    const { weight, kl } = divergenceOf(team, config, policy);
    const logRatio = tf.sub<tf.Tensor1D>(logProb, old);
    const mean = tf.div(tf.sum(tf.mul(kl(before as tf.Tensor2D, output), weight)), tf.maximum(tf.sum(weight), 1));
    const told = [
      mean,
      policy.mean(surrogate({ logRatio, advantage: policy.advantage })),
      policy.mean(policy.entropy(output)),
      policy.mean(tf.exp(logRatio)),
    ];
    const finite = tf.min(tf.cast(tf.isFinite(tf.concat([tf.stack(told), logProb])), 'float32'));
    const metrics = tf.stack([...told.map(orZero), finite]);
    return { carry, output: { metrics, logProb: orZero(logProb) } };
  };

/** A step that is much too long may lead out of what single precision can hold: it is not taken, which is no error. */
const orZero = <T extends tf.Tensor>(x: T): T => tf.where(tf.isFinite(x), x, tf.zerosLike(x));
