import * as tf from '@tensorflow/tfjs-core';
import { stochasticHeadOf, type HeadPart, type Network, type Space } from '@troupe/core';
import ndarray from 'ndarray';
import { choicePart, logProbabilities } from './choice.js';
import { deviations, type Deviation } from './deviation.js';
import { gaussianPart } from './gaussian.js';
import { joinColumns, splitColumns, type Part, type Sample, type Seen } from './part.js';

/** How real numbers are distributed. */
export interface DistributionOptions {
  /** How a learnt number becomes a standard deviation; by name or of your own. Default `log`: sd = exp(raw). */
  readonly deviation?: keyof typeof deviations | Deviation;
  /** Whether deviations are outputs of the network, or weights of their own, the same in every state. Default `state`. */
  readonly deviationOf?: 'state' | 'weights';
  /** tanh onto the bounds, which must be finite. Default false: nothing is clipped here, the environment does. */
  readonly squashed?: boolean;
}

/** Noise for one draw, [B, `noise.normals`] and [B, `noise.uniforms`]; a part that is of width 0 is left out. */
export interface DistributionNoise {
  /** Standard normal numbers. */
  readonly normal?: tf.Tensor2D;
  /** In [0, 1). */
  readonly uniform?: tf.Tensor2D;
}

/**
 * How the actions of a space are distributed, given a network's output. Pure functions of tensors. Parts are
 * independent: log-probability, entropy and divergence are sums over all of them, one number per row. Shapes: B rows, W
 * columns of output (real numbers first: means, then raw deviations; then logits, choice after choice), `legal` [B, A]
 * with 1 where a choice is permitted. A forbidden choice has probability exactly 0.
 */
export interface Distribution {
  /** W. */
  readonly width: number;
  /** What the network itself puts out: W, less the deviations that are weights. See `attach`. */
  readonly outputs: number;
  /** Columns of an action. */
  readonly actionSize: number;
  /** Columns of the noise that `sample` wants: standard normals, and uniforms in [0, 1). */
  readonly noise: { readonly normals: number; readonly uniforms: number };
  /** How `decoded` outputs become actions: what acting wants. */
  readonly head: readonly HeadPart[];
  /**
   * log π(a). `action` [B, size], choices as indices. `drawn` [B, D], if known, takes the place of the action's real
   * numbers: what was drawn before squashing or clipping, as acting remembers it. [B]
   */
  logProb(output: tf.Tensor2D, action: tf.Tensor2D, legal?: tf.Tensor2D, drawn?: tf.Tensor2D): tf.Tensor1D;
  /** Entropy; of a squashed Gaussian by quadrature, in the normalised space. [B] */
  entropy(output: tf.Tensor2D, legal?: tf.Tensor2D): tf.Tensor1D;
  /** KL(old‖new) = E_old[log old − log new], exact. [B] */
  kl(old: tf.Tensor2D, now: tf.Tensor2D, legal?: tf.Tensor2D): tf.Tensor1D;
  /** Most probable choices, means (squashed: tanh of the mean). float32 [B, size] */
  mode(output: tf.Tensor2D, legal?: tf.Tensor2D): tf.Tensor2D;
  /** A draw by reparameterisation (real numbers) and the Gumbel-max trick (choices, without gradient). */
  sample(output: tf.Tensor2D, noise: DistributionNoise, legal?: tf.Tensor2D): Sample;
  /**
   * M v, row by row: M is the Fisher information with respect to the output, so that JᵀMJ is that of the weights.
   * Logits: diag(p) − p pᵀ; means: 1/sd²; raw deviations: 2 (d log sd/d raw)². Martens 2020, section 8. [B, W] → [B, W]
   */
  fisher(output: tf.Tensor2D, v: tf.Tensor2D, legal?: tf.Tensor2D): tf.Tensor2D;
  /** Normalised log-probabilities of all choices, side by side. [B, A] */
  logProbabilities(output: tf.Tensor2D, legal?: tf.Tensor2D): tf.Tensor2D;
  /** The output as acting wants it: means, then log standard deviations; logits as they are. [B, W] → [B, W] */
  decoded(output: tf.Tensor2D): tf.Tensor2D;
  /** A network with `outputs` columns made one with `width`: adds the weight `logStd` [D] if deviations are weights. */
  attach<In, Out extends tf.Tensor | { readonly output: tf.Tensor }>(network: Network<In, Out>): Network<In, Out>;
}

const partOf = (part: HeadPart, options: DistributionOptions): Part => {
  if (part.kind === 'choice') return choicePart(part.n);
  if (part.kind === 'real') throw new TypeError('distribution: expected a stochastic head, got plain real numbers');
  const { deviation = 'log' } = options;
  return gaussianPart(part, typeof deviation === 'string' ? deviations[deviation] : deviation);
};

const sum = (rows: readonly tf.Tensor1D[]): tf.Tensor1D => rows.reduce((a, b) => tf.add<tf.Tensor1D>(a, b));

/**
 * The distribution over the actions of a space: categorical for each choice, Gaussian (or tanh-Gaussian) for real
 * numbers, both for a hybrid space. Throws a RangeError for a squashed Gaussian without finite bounds.
 */
export const distribution = (space: Space, options: DistributionOptions = {}): Distribution => {
  const head = stochasticHeadOf(space, { squash: options.squashed ?? false });
  const parts = head.map((part) => partOf(part, options));
  const widths = parts.map((part) => part.width);
  const total = (of: (part: Part) => number) => parts.reduce((n, part) => n + of(part), 0);
  const [width, actionSize] = [total((part) => part.width), total((part) => part.actionSize)];
  const [uniforms, normals] = [total((part) => part.choices), total((part) => part.normals)];

  /** Columns for the parts that have any, undefined for the others. */
  const spread = (x: tf.Tensor2D | undefined, of: (part: Part) => number): readonly (tf.Tensor2D | undefined)[] => {
    if (x === undefined) return parts.map(() => undefined);
    const columns = splitColumns(
      x,
      parts.map(of).filter((n) => n > 0),
    )[Symbol.iterator]();
    return parts.map((part) => (of(part) > 0 ? (columns.next().value as tf.Tensor2D) : undefined));
  };
  const seen = (output: tf.Tensor2D, legal: tf.Tensor2D | undefined): readonly Seen[] => {
    const masks = spread(uniforms > 0 ? legal : undefined, (part) => part.choices);
    return splitColumns(output, widths).map((columns, i) => ({ output: columns, legal: masks[i] }));
  };
  const noiseOf = (noise: DistributionNoise): readonly tf.Tensor2D[] => {
    const [normal, uniform] = [
      spread(noise.normal, (part) => part.normals),
      spread(noise.uniform, (part) => part.choices),
    ];
    return parts.map((_, i) => {
      const own = normal[i] ?? uniform[i];
      if (own === undefined) {
        throw new TypeError(
          `distribution.sample: expected noise with ${normals} normal and ${uniforms} uniform columns, got ${Object.keys(noise).join(', ') || 'none'}`,
        );
      }
      return own;
    });
  };

  const constant = options.deviationOf === 'weights' ? normals : 0;
  const { deviation = 'log' } = options;
  const { initial } = typeof deviation === 'string' ? deviations[deviation] : deviation;
  /** Deviations that are weights, spread over all rows, behind the means: real numbers come first. */
  const extended = (output: tf.Tensor, logStd: tf.Tensor): tf.Tensor => {
    const axis = output.rank - 1;
    const rows = output.shape.slice(0, -1);
    const raw = tf.mul(tf.ones([...rows, 1]), tf.reshape(logStd, [...rows.map(() => 1), constant]));
    if (output.shape[axis] === constant) return tf.concat([output, raw], axis);
    const [means, logits] = tf.split(output, [constant, output.shape[axis]! - constant], axis);
    return tf.concat([means!, raw, logits!], axis);
  };

  return {
    width,
    head,
    outputs: width - constant,
    actionSize,
    noise: { normals, uniforms },
    logProb(output, action, legal, drawn) {
      const actions = splitColumns(
        action,
        parts.map((part) => part.actionSize),
      );
      const draws = spread(normals > 0 ? drawn : undefined, (part) => part.normals);
      return sum(seen(output, legal).map((own, i) => parts[i]!.logProb(own, actions[i]!, draws[i])));
    },
    entropy: (output, legal) => sum(seen(output, legal).map((own, i) => parts[i]!.entropy(own))),
    kl(old, now, legal) {
      const before = seen(old, legal);
      return sum(seen(now, legal).map((own, i) => parts[i]!.kl(before[i]!, own)));
    },
    mode: (output, legal) => joinColumns(seen(output, legal).map((own, i) => parts[i]!.mode(own))),
    sample(output, noise, legal) {
      const noises = noiseOf(noise);
      const drawn = seen(output, legal).map((own, i) => parts[i]!.sample(own, noises[i]!));
      return { action: joinColumns(drawn.map((x) => x.action)), logProb: sum(drawn.map((x) => x.logProb)) };
    },
    fisher(output, v, legal) {
      const columns = splitColumns(v, widths);
      return joinColumns(seen(output, legal).map((own, i) => parts[i]!.fisher(own, columns[i]!)));
    },
    logProbabilities: (output, legal) =>
      joinColumns(
        seen(output, legal)
          .filter((_, i) => parts[i]!.choices > 0)
          .map(logProbabilities),
      ),
    decoded: (output) => joinColumns(splitColumns(output, widths).map((columns, i) => parts[i]!.decoded(columns))),
    attach<In, Out extends tf.Tensor | { readonly output: tf.Tensor }>(network: Network<In, Out>): Network<In, Out> {
      if (constant === 0) return network;
      return {
        init: (rng) => ({
          ...network.init(rng),
          logStd: ndarray(new Float32Array(constant).fill(initial), [constant]),
        }),
        apply(params, input) {
          const out = network.apply(params, input);
          const { logStd } = params;
          if (logStd === undefined) throw new TypeError("distribution.attach: expected a weight 'logStd', got none");
          // The one test that both a tensor and a record with an output allow.
          if (out instanceof tf.Tensor) return extended(out, logStd) as Out;
          const record: { readonly output: tf.Tensor } = out;
          return { ...record, output: extended(record.output, logStd) } as Out;
        },
      };
    },
  };
};
